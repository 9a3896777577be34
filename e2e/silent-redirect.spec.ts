// The server is on another site, so its cookie reaches no frame, and tokens are kept in memory:
// every reload would sign out.
import type { Page } from '@playwright/test'
import { arriveAtCallback, expect, seenBy, statusOf, test } from './support/app-test.ts'

test.use({ pairKind: 'cross-site' })

/** Makes `window.auth` in the page, and starts it; the page may be left by that. */
async function start(page: Page, issuer: string): Promise<void> {
  await page.evaluate((given) => {
    // A client that is left would share its session.
    globalThis.auth?.dispose()
    globalThis.auth = sotto.createAuthClient({
      issuer: given,
      clientId: 'app',
      redirectUri: '/callback',
      renewal: [sotto.silentIframe(), sotto.silentRedirect()],
    })
    void auth.start()
  }, issuer)
}

test('a reload is signed in again by one redirect of the page, and where it was', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page, { path: '/orders?page=2' })
  await page.reload()
  pair.control.clearRequests()
  await start(page, pair.issuer)
  await arriveAtCallback(page)
  await start(page, pair.issuer)
  await expect.poll(() => statusOf(page)).toBe('authenticated')
  expect(page.url()).toBe(`${pair.app.origin}/orders?page=2`)
  expect(seenBy(pair).filter((request) => request === 'GET authorize')).toHaveLength(1)
})

test('where the session has ended, a reload asks once, and the next does not', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page, { path: '/orders' })
  pair.control.endSessions({})
  await page.reload()
  pair.control.clearRequests()
  await start(page, pair.issuer)
  await arriveAtCallback(page)
  await start(page, pair.issuer)
  await expect.poll(() => statusOf(page)).toBe('anonymous')
  expect(page.url()).toBe(`${pair.app.origin}/orders`)
  await page.reload()
  await start(page, pair.issuer)
  await expect.poll(() => statusOf(page)).toBe('anonymous')
  expect(seenBy(pair).filter((request) => request === 'GET authorize')).toHaveLength(1)
})
