import type { CDPSession, Page } from '@playwright/test'

/** What a page has, after garbage was collected. */
export interface Footprint {
  readonly heapBytes: number
  readonly listeners: number
  readonly frames: number
  readonly timers: number
}

export interface Scale {
  readonly measure: () => Promise<Footprint>
  /** Every listener, as its target, event and place in the code: to find which was left behind. */
  readonly listListeners: () => Promise<readonly string[]>
}

/** Looks at a page from outside. */
export async function createScale(page: Page): Promise<Scale> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const measure = async (): Promise<Footprint> => {
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
  return { measure, listListeners: () => listListeners(devtools) }
}

async function listListeners(devtools: CDPSession): Promise<string[]> {
  const { result: prototype } = await devtools.send('Runtime.evaluate', {
    expression: 'EventTarget.prototype',
  })
  const { objects } = await devtools.send('Runtime.queryObjects', {
    prototypeObjectId: prototype.objectId!,
  })
  const { result: targets } = await devtools.send('Runtime.getProperties', {
    objectId: objects.objectId!,
    ownProperties: true,
  })
  const found: string[] = []
  for (const { value: { objectId, className } = {} } of targets) {
    if (objectId === undefined) continue
    const { listeners } = await devtools.send('DOMDebugger.getEventListeners', { objectId })
    for (const { type, lineNumber } of listeners)
      found.push(`${className} ${type}, line ${lineNumber + 1}`)
  }
  await devtools.send('Runtime.releaseObject', { objectId: objects.objectId! })
  return found.sort()
}
