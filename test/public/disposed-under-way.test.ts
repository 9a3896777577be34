// @vitest-environment happy-dom
import { exchangeToken, fetchUserInfo, revokeTokens, type AuthClient, type Page } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const noAnswer = (): Promise<never> => new Promise(() => {})

test.each<[string, (auth: AuthClient) => Promise<unknown>]>([
  ['exchangeToken', (auth) => exchangeToken(auth, { subjectToken: 'any' })],
  ['fetchUserInfo', (auth) => fetchUserInfo(auth)],
  ['revokeTokens', (auth) => revokeTokens(auth)],
])('%s that waits for the server ends at once with its client', async (_, call) => {
  const server = createServer()
  let isQuiet = false
  const { auth, logIn } = createClient(
    { fetch: (...request) => (isQuiet ? noAnswer() : server.fetch(...request)) },
    { server },
  )
  await logIn()
  isQuiet = true
  let outcome: unknown = 'pending'
  call(auth).catch((error: unknown) => (outcome = error))
  await passTime(100)
  expect(outcome).toBe('pending')
  auth.dispose()
  await passTime(0)
  expect(outcome).toMatchObject({ code: 'disposed' })
})

test('a call that waits in a hidden tab asks nothing once its client has ended', async () => {
  const tab: Page = new Map()
  const renewal = createRenewal(loginRequired())
  const { auth } = createClient({ onLoginRequired: 'redirect' }, { renewal, page: tab })
  // The same session, for which everything goes on.
  createClient({}, { renewal, page: tab })
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  const outcome = expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'disposed' })
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(1))
  await passTime(10_000)
  auth.dispose()
  visibility.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await outcome
  await passTime(1000)
  expect(renewal.requests).toHaveLength(1)
})
