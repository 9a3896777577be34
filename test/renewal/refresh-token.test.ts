import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AuthError } from 'sotto'
import { createTokenSet } from '../support/flow-tokens.ts'
import { issuer, outcome } from '../support/protocol-exchange.ts'
import { createRefreshing, granted, TIMEOUT_MS } from '../support/refreshing.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(1_800_000_000_000)
})
afterEach(() => void vi.useRealTimers())

/** What a request was sent with. */
const sentWith = ([, init]: readonly [unknown, init?: RequestInit | undefined]): Record<
  string,
  string
> => Object.fromEntries(new URLSearchParams(init!.body as URLSearchParams))

test('gives up where other tabs come first three times', async () => {
  const { session, fetch, refresh } = createRefreshing()
  session.refreshTokens.claim.mockResolvedValue('changed')
  expect(await outcome(refresh())).toBe('lock_timeout')
  expect(session.refreshTokens.claim).toHaveBeenCalledTimes(3)
  expect(fetch).not.toHaveBeenCalled()
})

test('after another tab came first, sends nothing for a session that has ended', async () => {
  const { session, fetch, refresh } = createRefreshing()
  session.refreshTokens.claim.mockResolvedValueOnce('changed')
  session.assertCurrent.mockImplementationOnce(() => {
    throw new AuthError('logged_out')
  })
  expect(await outcome(refresh())).toBe('logged_out')
  expect(session.refreshTokens.claim).toHaveBeenCalledOnce()
  expect(fetch).not.toHaveBeenCalled()
})

test('a token that is used up is marked in the storage before it is sent, and not looked at twice', async () => {
  const { session, fetch, refresh } = createRefreshing()
  await refresh()
  expect(session.reload).not.toHaveBeenCalled()
  expect(session.refreshTokens.claim).toHaveBeenCalledOnce()
  expect(fetch).toHaveBeenCalledOnce()
})

test('a token that is not used up is not marked, but looked at anew', async () => {
  const { held, session, fetch, refresh } = createRefreshing({ held: { rotates: false } })
  session.reload.mockImplementation(
    async () => void (session.refreshToken = { ...held, token: 'refresh-2' }),
  )
  await refresh()
  expect(session.refreshTokens.claim).not.toHaveBeenCalled()
  expect(fetch.mock.calls.map((call) => sentWith(call)['refresh_token'])).toEqual(['refresh-2'])
})

test.each([
  ['as long as a request may take', TIMEOUT_MS, 1],
  ['longer than that', TIMEOUT_MS + 1, 0],
])('a tab that stood still for %s sends it: %s', async (_, ms, times) => {
  const { session, fetch, refresh } = createRefreshing()
  session.refreshTokens.claim.mockImplementation(async () => {
    vi.setSystemTime(Date.now() + ms)
    return 'claimed'
  })
  const end = await refresh().then(
    () => 'sent',
    (error: AuthError) => error.code,
  )
  expect(end).toBe(times ? 'sent' : 'lock_timeout')
  expect(fetch).toHaveBeenCalledTimes(times)
})

test.each([
  ['it is still there', 'refresh-1', 2],
  ['another one has come meanwhile', 'refresh-2', 1],
  ['it has gone meanwhile', undefined, 1],
])('where the network fails, it is sent again only where %s', async (_, token, times) => {
  const answers = [new TypeError('Failed to fetch'), granted()]
  const { held, session, fetch, refresh } = createRefreshing({ answers })
  session.refreshTokens.settle.mockImplementation(
    async () => void (session.refreshToken = token ? { ...held, token } : undefined),
  )
  const end = await refresh().then(
    () => 'renewed',
    (error: AuthError) => error.code,
  )
  expect(end).toBe(times === 2 ? 'renewed' : 'network_error')
  expect(fetch).toHaveBeenCalledTimes(times)
})

test.each([
  ['less than ten seconds after it was due', 9_999, 1],
  ['ten seconds after it was due', 10_000, 0],
])('a token in doubt is sent at once %s: %s', async (_, ms, times) => {
  const doubt = { since: Date.now() - ms, tries: 1, nextAt: Date.now() - ms }
  const { fetch, refresh } = createRefreshing({ held: { doubt } })
  const result = await refresh()
  expect(fetch).toHaveBeenCalledTimes(times)
  if (!times) expect(result).toEqual({ notPossible: 'in_doubt' })
})

test.each([
  ['just now', 100, 0, true],
  ['a second too long ago', 101, 0, false],
  ["just now by the server's clock, which is ahead", 95, 5, true],
  ["a second too long ago by the server's clock", 96, 5, false],
])('a user who logged in %s is not asked by max_age', async (_, age, offsetSeconds, isSent) => {
  const auth_time = Date.now() / 1000 - age
  const { idToken } = createTokenSet({ claims: { iss: issuer, auth_time } })
  const authorizationParams = { max_age: '100' }
  const setUp = { held: { idToken }, authorizationParams, offsetSeconds }
  const { fetch, refresh } = createRefreshing(setUp)
  const result = await refresh()
  expect(fetch).toHaveBeenCalledTimes(isSent ? 1 : 0)
  if (!isSent) expect(result).toEqual({ notPossible: 'max_age' })
})

test('revokes as the page leaves', async () => {
  const { context, metadata, strategy, fetch } = createRefreshing({ answers: [new Response()] })
  context.server.inHand = { metadata }
  await strategy.onLogout!(context as never, 'refresh-1')
  expect(fetch.mock.calls.map(([url]) => url)).toEqual([`${issuer}/revoke`])
  expect(sentWith(fetch.mock.calls[0]!)).toMatchObject({ token: 'refresh-1' })
  expect(fetch.mock.calls[0]![1]).toMatchObject({ method: 'POST', keepalive: true })
})

test.each([
  ['whose metadata are not in hand', undefined],
  ['that revokes nothing', { metadata: { revocation_endpoint: undefined } }],
])('asks nothing of a server %s', async (_, inHand) => {
  const { context, strategy, fetch } = createRefreshing()
  context.server.inHand = inHand
  await strategy.onLogout!(context as never, 'refresh-1')
  expect(fetch).not.toHaveBeenCalled()
})

test('an answer without an ID token keeps the identity of this page', async () => {
  const newer = createTokenSet({ claims: { iss: issuer, name: 'Alice' } })
  const { session, refresh } = createRefreshing({ identity: newer })
  await refresh()
  const [tokens] = session.renewed.mock.calls[0]!
  expect(tokens).toMatchObject({ idToken: newer.idToken, claims: { name: 'Alice' } })
})

test('where this page shows nobody yet, such an answer is about whom the login was', async () => {
  const { held, session, refresh } = createRefreshing()
  await refresh()
  const [tokens] = session.renewed.mock.calls[0]!
  expect(tokens).toMatchObject({ idToken: held.idToken, claims: { sub: 'alice' } })
})

test('a refusal does not say whether the server uses the token up', async () => {
  const refused = Response.json({ error: 'invalid_client' }, { status: 400 })
  const { held, session, refresh } = createRefreshing({ answers: [refused] })
  expect(await outcome(refresh())).toBe('token_error')
  expect(session.refreshTokens.settle.mock.calls).toEqual([[{ sent: held.token, next: held }]])
})

test.each([
  ['invalid_scope', { notPossible: 'invalid_scope' }],
  ['invalid_target', { notPossible: 'invalid_target' }],
])('a target that is refused with %s is not asked for again', async (error, result) => {
  const answers = [Response.json({ error }, { status: 400 })]
  const { fetch, refresh } = createRefreshing({ answers })
  expect(await refresh()).toEqual(result)
  expect(await refresh()).toEqual({ notPossible: 'refused_before' })
  expect(fetch).toHaveBeenCalledOnce()
})

test.each([
  [500, false],
  [501, false],
  [502, true],
  [503, false],
  [504, true],
  [505, false],
  [519, false],
  [520, true],
  [529, true],
  [530, false],
])(
  'the status %d, which may be of a gateway, leaves the token in doubt: %s',
  async (status, is) => {
    const { session, refresh } = createRefreshing({ answers: [new Response('', { status })] })
    expect(await outcome(refresh())).toBe('server_error')
    const [[{ next }]] = session.refreshTokens.settle.mock.calls as unknown as [[{ next: object }]]
    expect(next).toMatchObject({ token: 'refresh-1', doubt: is ? { tries: 1 } : undefined })
  },
)

test('where there is no token, nothing is asked', async () => {
  const { session, context, refresh } = createRefreshing()
  const get = vi.spyOn(context.server, 'get')
  session.refreshToken = undefined
  expect(await refresh()).toEqual({ notPossible: 'no_refresh_token' })
  expect(get).not.toHaveBeenCalled()
})

test('a fault of our own while it is sent is no word of the server', async () => {
  const { context, session, refresh } = createRefreshing()
  context.fetch = () => Promise.reject(new RangeError('a fault'))
  await expect(refresh()).rejects.toThrow(RangeError)
  expect(session.refreshTokens.settle).not.toHaveBeenCalled()
})

test('a fault of our own while an answer is taken in is no word about the token', async () => {
  const { session, refresh } = createRefreshing()
  session.renewed.mockRejectedValueOnce(new RangeError('a fault'))
  await expect(refresh()).rejects.toThrow(RangeError)
  expect(session.refreshTokens.settle).not.toHaveBeenCalled()
})
