// @vitest-environment happy-dom
// What is taken from the answer to a refresh, and what is not.
import { beforeEach, expect, test, vi } from 'vitest'
import { createServer, preparePage } from '../support/flow-client.ts'
import { advance, settle, watchCryptography } from '../support/real-time.ts'
import { logInWithRefreshToken, openPage, recordIn, sentBy } from '../support/refresh-client.ts'
import { revoked } from '../support/revocation.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const off = { cacheMode: 'off' } as const
const once = { endpoint: 'token', times: 1 } as const

test('a token is as old as its answer, however long the keys take', async () => {
  const page = await logInWithRefreshToken()
  page.auth.dispose()
  const next = openPage(page)
  page.server.control.addFault({ endpoint: 'jwks', name: 'delay', ms: 5000, times: 1 })
  const begunAt = Date.now()
  const call = next.auth.getTokenSilently({ ...off, detailed: true })
  await settle(call)
  const { expiresAt } = await call
  expect(Date.now() - begunAt).toBeGreaterThanOrEqual(5000)
  expect(expiresAt - begunAt).toBeLessThan(301_000)
})

test.each([true, false])(
  'a refresh token in hand is what offline_access was for: nobody is warned (rotation: %s)',
  async (refreshTokenRotation) => {
    const server = createServer({ refreshTokenRotation })
    const { auth, logIn, warnings, refreshes } = openPage({ server })
    const set = { scope: 'openid profile email' }
    server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set })
    await logIn()
    await auth.getTokenSilently(off)
    await auth.getTokenSilently(off)
    expect(refreshes()).toHaveLength(2)
    expect(warnings).toEqual([])
  },
)

test('the new refresh token of an answer without an access token is kept', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ ...once, name: 'tokenResponse', set: { access_token: 7 } })
  await page.auth.getTokenSilently(off)
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'response_invalid' })
  const [sent] = sentBy(page)
  expect(recordIn(page.storage)?.refreshToken?.token).not.toBe(sent)
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: undefined })
})

test('a refresh token is not in doubt after an answer that is refused and brings no other one', async () => {
  const page = await logInWithRefreshToken({ server: { refreshTokenRotation: false } })
  page.server.control.addFault({ ...once, name: 'idTokenSignature' })
  await page.auth.getTokenSilently(off)
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'id_token_invalid' })
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: undefined })
})

test('a refusal that is not about the target is told as the server says it', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ ...once, name: 'oauthError', error: 'invalid_client' })
  await page.auth.getTokenSilently(off)
  expect(page.renewals[0]?.attempts).toEqual([{ strategy: 'refresh_token', code: 'token_error' }])
})

test.each(['invalid_scope', 'invalid_target'])(
  'a target that is refused with %s is not asked for this way again',
  async (error) => {
    const page = await logInWithRefreshToken()
    page.server.control.addFault({ ...once, name: 'oauthError', error })
    await page.auth.getTokenSilently(off)
    await page.auth.getTokenSilently(off)
    const strategy = 'refresh_token'
    expect(page.renewals.map(({ attempts }) => attempts)).toEqual([
      [{ strategy, code: 'not_possible', reason: error }],
      [{ strategy, code: 'not_possible', reason: 'refused_before' }],
    ])
    expect(sentBy(page)).toHaveLength(1)
  },
)

test('where an answer after a logout brings no refresh token only that of the session is revoked', async () => {
  const page = await logInWithRefreshToken({ server: { refreshTokenRotation: false } })
  page.server.control.addFault({ ...once, name: 'lateAnswer', ms: 1000 })
  const call = expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'logged_out' })
  await vi.waitFor(() => expect(sentBy(page)).toHaveLength(1))
  await page.auth.logout({ localOnly: true })
  await advance(2000)
  await call
  expect(revoked(page).map(({ token }) => token)).toEqual([sentBy(page)[0]])
  expect(page.warnings).toEqual([])
})

// Entra ID lists the scopes of the API alone.
test('renews by name what was asked for, also where the server lists no scopes of claims', async () => {
  const { auth, server, refreshes, logIn } = openPage(undefined, {
    scope: 'openid profile offline_access api://orders/read',
  })
  server.control.addFault({
    endpoint: 'token',
    name: 'tokenResponse',
    set: { scope: 'api://orders/read' },
  })
  await logIn()
  await auth.getTokenSilently({ ...off, scope: 'openid profile api://orders/read' })
  expect(refreshes()).toHaveLength(1)
  expect(refreshes()[0]?.names).not.toContain('scope')
})
