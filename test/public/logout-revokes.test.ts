// @vitest-environment happy-dom
// What a logout does with the refresh token of the session; e2e/logout-revokes.spec.ts has the
// rest.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, refreshToken, type RenewalStrategy } from 'sotto'
import { passTime, preparePage } from '../support/flow-client.ts'
import { logInWithRefreshToken } from '../support/refresh-client.ts'
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
