// A clock that is set while something is under way: deadlines go by the time that passes. And a
// browser that believes to be offline.
import type { Page } from '@playwright/test'
import { expect, renew, type Said, start, test } from './support/said-client.ts'

declare global {
  /**
   * Sets the clock of the device, in pages with {@link installSettableClock}; the time that passes
   * is as before.
   */
  var setClock: (byMs: number) => void
}

/** Runs in the page, before its first script. */
function installSettableClock(): void {
  const now = Date.now
  let offset = 0
  Date.now = () => now() + offset
  globalThis.setClock = (byMs) => {
    offset += byMs
  }
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Sets the clock as soon as the frame is there. */
function setClockWithFrame(page: Page, byMs: number) {
  return page.evaluate(async (ms) => {
    const call = settle(auth.getTokenSilently({ cacheMode: 'off' }))
    while (!document.querySelector('iframe')) await new Promise((go) => setTimeout(go, 5))
    setClock(ms)
    return call
  }, byMs)
}

const HASTY: Said = { silent: { timeoutMs: 2000 } }

for (const [by, ms] of [
  ['two minutes', 2 * MINUTE],
  ['an hour', HOUR],
] as const) {
  test(`a clock that is set back ${by} prolongs no frame`, async ({ page, pair, logIn, make }) => {
    await page.addInitScript(installSettableClock)
    await logIn(page)
    await make(page, HASTY)
    pair.control.addFault({ endpoint: 'authorize', name: 'hang' })
    const outcome = await setClockWithFrame(page, -ms)
    expect(outcome.code).toMatch(/^silent_/)
    expect(outcome.ms).toBeLessThan(6000)
    expect(await page.locator('iframe').count()).toBe(0)
  })

  test(`a clock that is set forward ${by} ends no frame`, async ({ page, pair, logIn }) => {
    await page.addInitScript(installSettableClock)
    await logIn(page)
    pair.control.addFault({ endpoint: 'authorize', name: 'lateAnswer', ms: 1500, times: 1 })
    const outcome = await setClockWithFrame(page, ms)
    // An hour is more than an ID token lives; the token itself tells the server's time.
    expect(outcome).toMatchObject({ value: expect.stringMatching(/^ey/) })
    const seconds = expect.stringMatching(ms === HOUR ? /^3[56]\d\d$/ : /^1[12]\d$/)
    expect(await page.evaluate(() => warnings)).toMatchObject([
      { code: 'clock_skew', reason: seconds },
    ])
  })

  test(`a clock that is set back ${by} lets a stored session live on`, async ({
    page,
    logIn,
    pair,
  }) => {
    await page.addInitScript(installSettableClock)
    await logIn(page, { storage: 'IndexedDB' })
    await page.evaluate((byMs) => setClock(-byMs), ms)
    pair.control.clearRequests()
    expect(await page.evaluate(() => auth.getTokenSilently())).toMatch(/^ey/)
    expect(pair.control.requests()).toEqual([])
  })
}

/** Runs in the page, before its first script. */
function sayOffline(): void {
  Object.defineProperty(navigator, 'onLine', { get: () => false })
}

test.describe('where the browser says that the device is offline, and it is not', () => {
  test.beforeEach(({ page }) => page.addInitScript(sayOffline))

  test('start restores the session by frame', async ({ page, addSession, open }) => {
    await addSession()
    await open(page)
    expect(await start(page)).toBe('authenticated')
  })

  for (const said of [{}, { storage: 'IndexedDB', renewal: ['refresh'] }] as const)
    test(`a token is renewed by ${'renewal' in said ? 'a refresh token' : 'frame'}`, async ({
      page,
      logIn,
    }) => {
      await logIn(page, said)
      expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
    })

  test('a server that cannot be reached is network_error', async ({ page, context, logIn }) => {
    await logIn(page)
    await context.setOffline(true)
    const outcome = await renew(page)
    await context.setOffline(false)
    expect(outcome).toMatchObject({ code: 'network_error', retryable: true })
  })
})
