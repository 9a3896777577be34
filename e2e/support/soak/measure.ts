import type { Page } from '@playwright/test'

/** What a page has, after garbage was collected. */
export interface Footprint {
  readonly heapBytes: number
  readonly listeners: number
  readonly frames: number
  readonly timers: number
}

/** Looks at a page from outside. */
export async function createScale(page: Page): Promise<() => Promise<Footprint>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  return async () => {
    // What the first round lets go of, the second finds.
    for (let round = 0; round < 2; round++) await devtools.send('HeapProfiler.collectGarbage')
    const { metrics } = await devtools.send('Performance.getMetrics')
    const valueOf = (name: string): number => metrics.find((one) => one.name === name)?.value ?? NaN
    return {
      heapBytes: valueOf('JSHeapUsedSize'),
      listeners: valueOf('JSEventListeners'),
      frames: valueOf('Frames'),
      timers: await page.evaluate(() => countTimers()),
    }
  }
}
