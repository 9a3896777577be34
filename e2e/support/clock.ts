// Time that passes without waiting for it.
import type { Page } from '@playwright/test'
import type { Pair } from './serve.ts'

declare global {
  /** Moves the clocks of the page, in pages with {@link installClock}. */
  var sleep: (ms: number) => void
  /**
   * How many of the next timers of about ten seconds or more run after a tenth of it, in pages with
   * {@link installShortWaits}.
   */
  var shortWaits: number
}

/**
 * Lets the page sleep and wake up later. One clock for all tabs, as in a browser: that of
 * Playwright runs in each for itself.
 */
export function installClock(): void {
  let sleptMs = 0
  const [now, elapsed] = [Date.now, performance.now.bind(performance)]
  Date.now = () => now() + sleptMs
  performance.now = () => elapsed() + sleptMs
  globalThis.sleep = (ms) => {
    sleptMs += ms
    dispatchEvent(new Event('pageshow'))
  }
}

/** Lets time pass at the server, and in all tabs at once. */
export async function passTime(
  { control }: Pair,
  tabs: readonly Page[],
  seconds: number,
): Promise<void> {
  control.advanceClock({ seconds })
  await Promise.all(tabs.map((tab) => tab.evaluate((ms) => sleep(ms), seconds * 1000)))
}

/**
 * For the wait for a lock, which nobody should have to sit through. Other deadlines stay as they
 * are: a machine may be slow.
 */
export function installShortWaits(): void {
  const start = window.setTimeout
  globalThis.shortWaits = 0
  Object.assign(window, {
    setTimeout: (work: () => void, ms = 0) => {
      // What is left of a deadline of ten seconds that began a moment ago.
      if (ms < 8000 || globalThis.shortWaits === 0) return start(work, ms)
      globalThis.shortWaits--
      return start(work, ms / 10)
    },
  })
}

/** The names of the locks that pages of the app wait for. */
export function awaitedLocks(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { pending = [] } = await navigator.locks.query()
    return pending.map(({ name }) => name).join()
  })
}
