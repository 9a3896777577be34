import { silentRedirect } from 'sotto'
import { expect } from 'vitest'
import { createClient, reload, type TestClient, type TestOptions } from './flow-client.ts'
import { clientId, createRenewal, issuer, loginRequired } from './flow-tokens.ts'

/** Where the word on the server's cookies is kept. */
export const COOKIES_KEY = `sotto:cookies ${issuer} ${clientId}`
/** Where the app is. */
export const HERE = 'http://localhost:3000/orders?page=2'

/** A strategy whose frames never reach the server's cookie. */
export const createBlockedFrame = () =>
  createRenewal(...Array.from({ length: 20 }, loginRequired)).strategy

/** A page of an app that asks with the whole page after a frame that is in vain. */
export function openPage(previous?: TestClient, options: TestOptions = {}): TestClient {
  const all = { renewal: [createBlockedFrame(), silentRedirect()], ...options }
  return previous ? reload(previous, all) : createClient(all)
}

/** Starts a page that asks, and comes back from the server, which knows `user` or nobody. */
export async function roundTrip(page: TestClient, user?: string): Promise<TestClient> {
  await page.auth.start()
  expect(page.visits).toHaveLength(1)
  history.replaceState(null, '', page.answer(user))
  const next = openPage(page)
  await next.auth.start()
  return next
}
