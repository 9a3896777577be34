import type { Page } from '@playwright/test'
import type { Outcome } from './instruments.ts'

export { KNOWN_HERE_MS, SIGNALLED_MS } from './time-limits.ts'

/**
 * How a silent call in the page fails, in the quickest of up to three tries: a machine that is busy
 * may be late once, but a wait that is too long is so each time.
 */
export async function failQuickly(page: Page, limitMs: number): Promise<Outcome> {
  let quickest: Outcome | undefined
  for (let tries = 0; tries < 3 && !(quickest && quickest.ms < limitMs); tries++) {
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    if (!quickest || outcome.ms < quickest.ms) quickest = outcome
  }
  return quickest!
}
