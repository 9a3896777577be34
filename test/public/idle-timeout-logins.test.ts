// @vitest-environment happy-dom
import { idleTimeout, type AuthClient } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, passTime, preparePage, type TestClient } from '../support/flow-client.ts'

beforeEach(preparePage)

const MINUTE = 60_000

/** A user who is signed in, and logged out after ten minutes without a sign of them. */
async function open(page: TestClient = createClient()): Promise<TestClient> {
  idleTimeout(page.auth, { seconds: 600 })
  await page.logIn()
  return page
}

const statusOf = ({ auth }: { readonly auth: AuthClient }): string => auth.getSnapshot().status

test('a login at the same session is a sign, however long its page was open', async () => {
  const page = await open()
  await passTime(5 * MINUTE)
  await page.auth.loginWithRedirect()
  page.auth.dispose()
  // The device sleeps.
  vi.setSystemTime(Date.now() + 20 * MINUTE)
  const next = createClient({}, { server: page.server })
  idleTimeout(next.auth, { seconds: 600 })
  await next.auth.handleRedirectCallback({ url: page.answer('alice') })
  await passTime(9 * MINUTE)
  expect(statusOf(next)).toBe('authenticated')
})

test('so is one at a server that does not say when', async () => {
  const page = createClient()
  page.server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', remove: ['auth_time'] })
  await open(page)
  await passTime(6 * MINUTE)
  await page.logIn()
  await passTime(6 * MINUTE)
  expect(statusOf(page)).toBe('authenticated')
})

test('a login that came before the last sign takes none of it back', async () => {
  const page = await open()
  await passTime(6 * MINUTE)
  window.dispatchEvent(new Event('keydown'))
  // As one in another app, of which a renewal tells.
  const [session] = page.server.control.sessions()
  page.renewal.answers.push({ claims: { auth_time: session!.authTime / 1000 + 60 } })
  await page.auth.getTokenSilently({ cacheMode: 'off' })
  await passTime(9 * MINUTE)
  expect(statusOf(page)).toBe('authenticated')
})
