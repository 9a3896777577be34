// A tab that the browser has frozen keeps its locks. Only Chromium can be told to freeze one.
import type { Page } from '@playwright/test'
import { installShortWaits } from '../support/clock.ts'
import { test } from '../support/freezable.ts'
import { BY_REFRESH, refreshesOf, renewIn, startRefreshing } from '../support/refresh.ts'
import { expect } from '../support/signed-in.ts'
import { renewBesideStandstill } from '../support/standstill.ts'

/** @returns what thaws it again */
async function freeze(page: Page): Promise<() => Promise<unknown>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  return () => devtools.send('Page.setWebLifecycleState', { state: 'active' })
}

// covers fault:token-frozen-page fault:frame-frozen
test(
  'a tab that is frozen during a renewal holds another up for a bounded time, and works once thawed',
  { tag: '@core' },
  async ({ page, pair, addSession }) => {
    await addSession()
    await renewBesideStandstill(page, pair, freeze)
  },
)

test('a tab that is frozen during a refresh holds another up for one wait, and nothing is revoked', async ({
  page,
  context,
  pair,
  addSession,
}) => {
  await addSession()
  const other = await context.newPage()
  await other.addInitScript(installShortWaits)
  for (const tab of [page, other]) {
    await tab.goto(pair.app.origin)
    expect(await startRefreshing(tab, pair, 'indexedDb')).toBe('authenticated')
  }
  // It has the server's metadata from now on, and waits for the lock alone.
  expect(await renewIn(other)).toEqual(BY_REFRESH)
  pair.control.clearRequests()
  pair.control.setLatency({ endpoint: 'token', ms: 2000 })
  await page.evaluate(() => {
    globalThis.pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  const thaw = await freeze(page)
  pair.control.setLatency({ endpoint: 'token', ms: 0 })

  const begunAt = performance.now()
  await other.evaluate(() => {
    globalThis.shortWaits = 1
  })
  expect(await renewIn(other)).toEqual({
    strategy: 'silent_iframe',
    attempts: ['refresh_token lock_timeout'],
  })
  expect(performance.now() - begunAt).toBeLessThan(9000)
  expect(await other.evaluate(() => shortWaits)).toBe(0)
  expect(refreshesOf(pair)).toHaveLength(1)

  await thaw()
  expect(await page.evaluate(() => pending)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  for (const tab of [page, other]) expect(await renewIn(tab)).toEqual(BY_REFRESH)
  const sent = refreshesOf(pair).map(({ parameters }) => parameters['refresh_token'])
  expect(new Set(sent).size).toBe(sent.length)
})
