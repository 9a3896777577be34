// @vitest-environment happy-dom
// What a logout does with the refresh token of the session; e2e/logout-revokes.spec.ts has the
// rest.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, memoryStorage, refreshToken, revokeTokens, type RenewalStrategy } from 'sotto'
import { storageKey } from '../../src/storage/storage.ts'
import { passTime, preparePage } from '../support/flow-client.ts'
import { clientId, createRenewal, issuer } from '../support/flow-tokens.ts'
import { outcome } from '../support/protocol-exchange.ts'
import { logInWithRefreshToken, openPage } from '../support/refresh-client.ts'
import { refreshTokenOf, revoked } from '../support/revocation.ts'

beforeEach(preparePage)

test('has the server end the refresh token before the page leaves', async () => {
  const page = await logInWithRefreshToken()
  const token = refreshTokenOf(page)
  await page.auth.logout()
  expect(revoked(page)).toEqual([{ token, token_type_hint: 'refresh_token', client_id: 'app' }])
  expect(page.visits.at(-1)?.pathname).toBe('/end-session')
  expect(page.warnings).toEqual([])
})

test('leaves after two seconds where the server does not answer', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ endpoint: 'revocation', name: 'hang' })
  const logout = page.auth.logout()
  await passTime(1900)
  expect(revoked(page)).toHaveLength(1)
  expect(page.visits).toHaveLength(1)
  await passTime(200)
  expect(page.visits).toHaveLength(2)
  await logout
})

test('leaves all the same where the server refuses, and warns of it', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ endpoint: 'revocation', name: 'status', status: 503 })
  await page.auth.logout()
  expect(page.visits).toHaveLength(2)
  expect(page.warnings).toEqual([{ code: 'server_error', reason: 'revocation' }])
})

/** A strategy of the app that has something to end with the session. */
function createEnding(onLogout: RenewalStrategy['onLogout'] & object): RenewalStrategy {
  return Object.assign(async () => ({ notPossible: 'never' }), { onLogout })
}

test.each([
  ['an error of its own', new Error('secret'), 'network_error'],
  ['an AuthError', new AuthError('timeout'), 'timeout'],
])('a strategy that fails with %s keeps no other from its turn', async (_what, error, code) => {
  const told = vi.fn()
  const renewal = [
    createEnding(() => {
      throw error
    }),
    createEnding((_context, token) => void told(token)),
    refreshToken(),
  ]
  const page = await logInWithRefreshToken({ options: { renewal } })
  const token = refreshTokenOf(page)
  await page.auth.logout({ localOnly: true })
  expect(told.mock.calls).toEqual([[token]])
  expect(revoked(page)).toMatchObject([{ token }])
  expect(page.warnings).toEqual([{ code, reason: 'revocation' }])
})

// covers fault:logout-and-login
test('a refresh token that a login brings after a logout is ended too', async () => {
  const page = openPage()
  await page.auth.loginWithRedirect()
  page.server.control.setLatency({ endpoint: 'token', ms: 100 })
  const login = outcome(page.auth.handleRedirectCallback({ url: page.answer('alice') }))
  await passTime(50)
  await page.auth.logout({ localOnly: true })
  await passTime(100)
  expect(await login).toBe('logged_out')
  expect(revoked(page)).toMatchObject([{ token_type_hint: 'refresh_token' }])
})

test('and one that a silent login brings', async () => {
  const renewal = createRenewal({ refreshToken: 'of a silent login' })
  const release = renewal.hold()
  const page = openPage({}, { renewal: [refreshToken(), renewal.strategy] })
  // It is known then where to revoke.
  await page.auth.loginWithRedirect()
  const call = outcome(page.auth.getTokenSilently())
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(1))
  // Another tab logs out.
  const epoch = { generation: 'next', loggedOut: true }
  localStorage.setItem(storageKey('epoch', issuer, clientId), JSON.stringify(epoch))
  release()
  expect(await call).toBe('logged_out')
  await vi.waitFor(() => expect(revoked(page)).toMatchObject([{ token: 'of a silent login' }]))
})

test('and one that comes after the tokens were revoked', async () => {
  const renewal = createRenewal({}, { refreshToken: 'of a silent login' })
  const page = openPage({}, { renewal: [refreshToken(), renewal.strategy] })
  await page.auth.loginWithRedirect()
  await page.auth.getTokenSilently()
  const release = renewal.hold()
  const call = outcome(page.auth.getTokenSilently({ audience: 'orders' }))
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(2))
  await revokeTokens(page.auth)
  release()
  expect(await call).toBe('user_changed')
  await vi.waitFor(() => expect(revoked(page)).toHaveLength(2))
  expect(revoked(page)[1]).toMatchObject({ token: 'of a silent login' })
})

test('one of a user who came back as another is left alone', async () => {
  const renewal = createRenewal({}, { refreshToken: 'of bob', claims: { sub: 'bob' } })
  const page = openPage({}, { renewal: [refreshToken(), renewal.strategy] })
  await page.auth.loginWithRedirect()
  await page.auth.getTokenSilently()
  expect(await outcome(page.auth.getTokenSilently({ cacheMode: 'off' }))).toBe('user_changed')
  expect(revoked(page)).toEqual([])
})

test('one that a refresh brings after a login as another user is ended', async () => {
  const page = await logInWithRefreshToken()
  const other = openPage({ server: page.server }, { tokenStorage: memoryStorage() })
  await other.logIn('alice')
  page.server.control.addFault({ endpoint: 'token', name: 'delay', ms: 1000, times: 1 })
  const refreshed = outcome(page.auth.getTokenSilently({ cacheMode: 'off' }))
  await vi.waitFor(() => expect(page.refreshes()).toHaveLength(1))
  await other.logIn('bob')
  page.server.control.clearRequests()
  await passTime(1000)
  expect(await refreshed).toBe('user_changed')
  await vi.waitFor(() => expect(revoked(page)).toHaveLength(1))
})
