// autoRenew with real tabs, locks and storage. Clocks are moved, so that nobody waits for a token
// to end.
import type { Page } from '@playwright/test'
import { installClock, passTime } from './support/clock.ts'
import { createClientWithStorage } from './support/storage.ts'
import { expect, ONE_RENEWAL, requestsOf, test } from './support/signed-in.ts'

/** Of the 300 seconds of a token: the time to renew has come, and the cache still answers. */
const NEARLY_OVER_MS = 255_000

async function cachedToken(page: Page): Promise<string | undefined> {
  return page.evaluate(() => auth.getTokenSilently({ cacheMode: 'cache-only' }))
}

for (const kind of ['IndexedDB', 'localStorage'] as const) {
  // covers fault:tabs-auto-renew
  test(`one of three tabs renews for all that share ${kind}`, async ({
    context,
    pair,
    addSession,
  }) => {
    await context.addInitScript(installClock)
    await addSession()
    const tabs = [await context.newPage(), await context.newPage(), await context.newPage()]
    for (const tab of tabs) {
      await tab.goto('/')
      await tab.evaluate(createClientWithStorage, { issuer: pair.issuer, kind })
      await tab.evaluate(() => auth.start())
      await tab.evaluate(() => void sotto.autoRenew(auth))
    }
    const first = await cachedToken(tabs[0]!)
    pair.control.clearRequests()
    await passTime(pair, tabs, NEARLY_OVER_MS / 1000)
    await expect.poll(() => requestsOf(pair)).toEqual(ONE_RENEWAL)
    for (const tab of tabs) await expect.poll(() => cachedToken(tab)).not.toBe(first)
    expect(new Set(await Promise.all(tabs.map(cachedToken))).size).toBe(1)
    expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
  })
}

// covers fault:network-back
test('renews once when the network is back, and not before', async ({
  page,
  context,
  pair,
  openSignedIn,
}) => {
  await page.clock.install()
  await openSignedIn()
  await page.evaluate(() => void sotto.autoRenew(auth))
  await context.setOffline(true)
  pair.control.advanceClock({ seconds: NEARLY_OVER_MS / 1000 })
  await page.clock.fastForward(NEARLY_OVER_MS)
  expect(await page.evaluate(() => navigator.onLine)).toBe(false)
  const token = await cachedToken(page)
  expect(token).toMatch(/^ey/)
  expect(requestsOf(pair)).toEqual([])
  await context.setOffline(false)
  await expect.poll(() => cachedToken(page)).not.toBe(token)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})
