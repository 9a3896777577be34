// A logout aborts what is under way for the session: nobody waits for a server whose answer is not
// wanted.
import type { Page } from '@playwright/test'
import { expect, refreshesOf, type Said, test } from './support/said-client.ts'

/**
 * Logs out while a silent call waits; how the call ended, and how long after the logout was begun.
 */
function logOutMeanwhile(page: Page) {
  return page.evaluate(async () => {
    const begunAt = performance.now()
    const left = auth.logout({ localOnly: true })
    const { code } = await pending
    const ms = performance.now() - begunAt
    await left
    return { code, ms }
  })
}

const SLOW_MS = 3000
/** Long before the slow answer. */
const AT_ONCE_MS = 1000

test('a call that waits for a frame is told logged_out at once', async ({ page, pair, logIn }) => {
  await logIn(page)
  pair.control.addFault({ endpoint: 'authorize', name: 'lateAnswer', ms: SLOW_MS })
  await beginCall(page)
  await expect.poll(() => pair.control.requests({ endpoint: 'authorize' }).length).toBe(1)
  const { code, ms } = await logOutMeanwhile(page)
  expect(code).toBe('logged_out')
  expect(ms).toBeLessThan(AT_ONCE_MS)
})

test('the frame of a call is gone with the logout', async ({ page, pair, logIn }) => {
  await logIn(page)
  pair.control.addFault({ endpoint: 'authorize', name: 'lateAnswer', ms: SLOW_MS })
  await beginCall(page)
  await expect(page.locator('iframe')).toHaveCount(1)
  const frames = await page.evaluate(async () => {
    await auth.logout({ localOnly: true })
    return document.querySelectorAll('iframe').length
  })
  expect(frames).toBe(0)
})

test('no code is exchanged after a logout', async ({ page, pair, logIn }) => {
  await logIn(page)
  pair.control.addFault({ endpoint: 'authorize', name: 'lateAnswer', ms: SLOW_MS })
  await beginCall(page)
  await expect.poll(() => pair.control.requests({ endpoint: 'authorize' }).length).toBe(1)
  await logOutMeanwhile(page)
  // Past the time at which the answer would have come.
  await page.waitForTimeout(SLOW_MS + 500)
  expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
})

const REFRESHING: Said = { storage: 'IndexedDB', renewal: ['refresh'] }

test('a call that waits for a refresh is told logged_out at once', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page, REFRESHING)
  pair.control.addFault({ endpoint: 'token', name: 'lateAnswer', ms: SLOW_MS })
  await beginCall(page)
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  const { code, ms } = await logOutMeanwhile(page)
  expect(code).toBe('logged_out')
  expect(ms).toBeLessThan(AT_ONCE_MS)
})

test('a call in another tab is told logged_out within a second', async ({
  page,
  pair,
  logIn,
  openAnother,
}) => {
  await logIn(page)
  const other = await openAnother()
  pair.control.addFault({ endpoint: 'authorize', name: 'lateAnswer', ms: 8000 })
  await beginCall(other)
  await expect.poll(() => pair.control.requests({ endpoint: 'authorize' }).length).toBe(1)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  const { code, ms } = await other.evaluate(async () => {
    const begunAt = performance.now()
    const { code } = await pending
    return { code, ms: performance.now() - begunAt }
  })
  expect(code).toBe('logged_out')
  expect(ms).toBeLessThan(AT_ONCE_MS)
})

/** Begins a call that goes past the cache; its outcome is in the global `pending`. */
function beginCall(page: Page): Promise<void> {
  return page.evaluate(() => {
    globalThis.pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
}
