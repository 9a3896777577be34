// A tab that stands still in the middle of a renewal by frame, and another that needs a token
// meanwhile.
import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'
import { installShortWaits } from './clock.ts'
import type { Pair } from './serve.ts'
import { ONE_RENEWAL, renewalRequestsOf } from './signed-in.ts'
import { createClientWithStorage } from './storage.ts'

/** A client without refresh tokens, with the session of the browser. */
async function open(page: Page, { app, issuer }: Pair): Promise<void> {
  await page.goto(app.origin)
  await page.evaluate(createClientWithStorage, { issuer, kind: 'IndexedDB' as const })
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
}

/**
 * Holds two tabs to what must happen: the other one waits for a bounded time, and the first one
 * goes on where it was.
 *
 * @param standStill stops the page with its locks, and gives back what lets it go on
 */
export async function renewBesideStandstill(
  page: Page,
  pair: Pair,
  standStill: (page: Page) => Promise<() => Promise<unknown>>,
): Promise<void> {
  await open(page, pair)
  const other = await page.context().newPage()
  await other.addInitScript(installShortWaits)
  await open(other, pair)
  // Once, so that it has asked the browser whether tabs can wait for one another.
  await other.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
  pair.control.clearRequests()
  pair.control.setLatency({ endpoint: 'authorize', ms: 2000 })
  await page.evaluate(() => {
    globalThis.pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  await expect.poll(() => renewalRequestsOf(pair)).toEqual(['GET authorize'])
  const goOn = await standStill(page)
  pair.control.setLatency({ endpoint: 'authorize', ms: 0 })

  // The first of these comes before the answer to the page that stands still, the second after it.
  for (let count = 0; count < 2; count++) {
    const token = await other.evaluate(() => {
      globalThis.shortWaits = 1
      return auth.getTokenSilently({ cacheMode: 'off' })
    })
    expect(token).toMatch(/^ey/)
    expect(await other.evaluate(() => shortWaits)).toBe(0)
  }
  expect(renewalRequestsOf(pair)).toEqual(['GET authorize', ...ONE_RENEWAL, ...ONE_RENEWAL])

  await goOn()
  expect(await page.evaluate(() => pending)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  expect(await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))).toMatch(/^ey/)
}
