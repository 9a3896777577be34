// @vitest-environment happy-dom
// What ends a session whose refresh token the server has ended.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, refreshToken, type RenewalStrategy } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, openPage, recordIn, sentBy } from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const
const once = { endpoint: 'token', times: 1 } as const
const refused = { ...once, name: 'oauthError', error: 'invalid_grant' } as const
const blocked = (): AuthError => new AuthError('silent_blocked', { reason: 'csp' })

const saysNothing = [
  ['a frame could not ask', blocked()],
  ['a frame may not ask', new AuthError('authorization_error', { oauthError: 'invalid_request' })],
  ['a frame was denied', new AuthError('access_denied', { oauthError: 'access_denied' })],
  ["one of the app's own has thrown", new TypeError('no function')],
] as const

for (const isFirst of [false, true])
  test.each(saysNothing)(
    `a session ends with its refresh token where %s ${isFirst ? 'before' : 'after'} it`,
    async (_, error) => {
      const refresh = createRenewal()
      const other: RenewalStrategy = () => Promise.reject(error)
      const renewal = isFirst ? [other, refresh.strategy] : [refresh.strategy, other]
      const { auth } = createClient({ renewal })
      await auth.getTokenSilently()
      await passTime(300_000)
      refresh.answers.push(new AuthError('session_expired'))
      await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'session_expired' })
      expect(auth.getSnapshot().status).toBe('anonymous')
    },
  )

test.each(['nobody else', 'a frame that is blocked'])(
  'a session ends with its last access token where %s is asked after the refresh token',
  async (other) => {
    const frame = createRenewal(blocked(), blocked())
    const isAlone = other === 'nobody else'
    const page = await logInWithRefreshToken({
      options: { renewal: [refreshToken(), ...(isAlone ? [] : [frame.strategy])] },
    })
    const ended = { code: 'session_expired' }
    page.server.control.addFault(refused)
    await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject(ended)
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
    await passTime(3_600_000)
    await expect(page.auth.getTokenSilently()).rejects.toMatchObject(ended)
    expect(page.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
    expect(recordIn(page.storage)).toBeUndefined()
    expect(sentBy(page)).toHaveLength(1)
  },
)

test.each([
  ['before', 0],
  ['after', 3_600_000],
])(
  'another tab hears that the refresh token has ended, %s the last access token has',
  async (_, ms) => {
    const renewal = [refreshToken()]
    const page = await logInWithRefreshToken({ options: { renewal } })
    const other = openPage(page, { renewal })
    await other.auth.start()
    page.server.control.addFault(refused)
    await passTime(ms)
    await page.auth.getTokenSilently(off).catch(() => {})
    await passTime(3_600_000)
    await expect(other.auth.getTokenSilently()).rejects.toMatchObject({ code: 'session_expired' })
    expect(other.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
    expect(recordIn(page.storage)).toBeUndefined()
    expect(sentBy(page)).toHaveLength(1)
  },
)

test('the end of a refresh token is not told again once a frame has had new tokens', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault(refused)
  await page.auth.getTokenSilently(off)
  await passTime(3_600_000)
  page.renewal.answers.push(blocked())
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'silent_blocked' })
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

test.each([
  ['before', 'authenticated', 0],
  ['after', 'anonymous', 3_600_000],
] as const)(
  'a session whose refresh token has ended, in a page that is opened %s its last token ends: %s',
  async (_, status, ms) => {
    const renewal = [refreshToken()]
    const page = await logInWithRefreshToken({ options: { renewal } })
    page.server.control.addFault(refused)
    await page.auth.getTokenSilently(off).catch(() => {})
    page.auth.dispose()
    await passTime(ms)
    const next = openPage(page, { renewal })
    expect(await next.auth.start()).toMatchObject({ status })
    expect(recordIn(page.storage) === undefined).toBe(status === 'anonymous')
    await next.logIn('bob')
    next.auth.dispose()
    await passTime(3_600_000)
    expect(await openPage(page, { renewal }).auth.start()).toMatchObject({ user: { sub: 'bob' } })
  },
)

test('new tokens in another tab keep a session whose refresh token has ended', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault(refused)
  page.renewal.answers.push(blocked())
  await page.auth.getTokenSilently(off).catch(() => {})
  page.auth.dispose()
  const next = openPage(page)
  await next.auth.start()
  await next.auth.getTokenSilently(off)
  next.auth.dispose()
  await passTime(3_600_000)
  const last = openPage(page, { renewal: [refreshToken()] })
  expect(await last.auth.start()).toMatchObject({ status: 'authenticated' })
})

test('an answer that was cut off is told as what may pass, whatever a frame says', async () => {
  const page = await logInWithRefreshToken()
  const cutOff = { body: '{"access_tok', contentType: 'application/json' }
  page.server.control.addFault({ ...once, name: 'status', status: 200, ...cutOff })
  page.renewal.answers.push(loginRequired())
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'response_invalid',
    reason: 'format',
    retryable: true,
  })
  await page.auth.getTokenSilently(off)
  expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
})

// Dex says `invalid_request`, Ory Hydra `token_inactive`.
// covers fault:refresh-refused-otherwise
test.each(['invalid_request', 'token_inactive'])(
  'a refresh token that is refused with %s leads to a login, and ends nothing',
  async (error) => {
    const onLoginRequired = vi.fn()
    const frame = createRenewal(blocked())
    const renewal = [refreshToken(), frame.strategy]
    const page = await logInWithRefreshToken({ options: { renewal, onLoginRequired } })
    const before = recordIn(page.storage)?.refreshToken?.token
    page.server.control.addFault({ ...once, name: 'oauthError', error })
    await passTime(3_600_000)
    const told = {
      code: 'interaction_required',
      reason: 'refused',
      oauthError: error,
      oauthErrorDescription: expect.any(String) as string,
      status: 400,
      retryable: false,
    }
    await expect(page.auth.getTokenSilently()).rejects.toMatchObject(told)
    expect(onLoginRequired).toHaveBeenCalledOnce()
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    expect(recordIn(page.storage)?.refreshToken).toMatchObject({ token: before, doubt: undefined })
  },
)

test.each(['invalid_client', 'unauthorized_client', 'unsupported_grant_type'])(
  'a client that may not refresh (%s) is a mistake in the set-up, which no login mends',
  async (error) => {
    const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
    page.server.control.addFault({ ...once, name: 'oauthError', error })
    await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
      code: 'token_error',
      oauthError: error,
    })
  },
)
