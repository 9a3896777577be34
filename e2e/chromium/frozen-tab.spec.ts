// A tab that the browser has frozen keeps its locks. Only Chromium can be told to freeze one.
import type { Page } from '@playwright/test'
import { installShortWaits } from '../support/clock.ts'
import { test } from '../support/freezable.ts'
import { BY_REFRESH, refreshesOf, renewIn, startRefreshing } from '../support/refresh.ts'
import type { Pair } from '../support/serve.ts'
import { expect, ONE_RENEWAL, renewalRequestsOf } from '../support/signed-in.ts'
import { createClientWithStorage } from '../support/storage.ts'

async function open(page: Page, { app, issuer }: Pair): Promise<void> {
  await page.goto(app.origin)
  await page.evaluate(createClientWithStorage, { issuer, kind: 'IndexedDB' as const })
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
}

test('a tab that is frozen during a renewal holds another up for a bounded time, and works once thawed', async ({
  page,
  context,
  pair,
  addSession,
}) => {
  await addSession()
  await open(page, pair)
  const other = await context.newPage()
  await other.addInitScript(installShortWaits)
  await open(other, pair)
  pair.control.clearRequests()
  pair.control.setLatency({ endpoint: 'authorize', ms: 2000 })
  await page.evaluate(() => {
    globalThis.pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  await expect.poll(() => renewalRequestsOf(pair)).toEqual(['GET authorize'])
  const devtools = await context.newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  pair.control.setLatency({ endpoint: 'authorize', ms: 0 })

  // The first of these comes before the answer to the frozen one, the second after it.
  for (let count = 0; count < 2; count++) {
    const token = await other.evaluate(() => {
      globalThis.shortWaits = 1
      return auth.getTokenSilently({ cacheMode: 'off' })
    })
    expect(token).toMatch(/^ey/)
    expect(await other.evaluate(() => shortWaits)).toBe(0)
  }
  expect(renewalRequestsOf(pair)).toEqual(['GET authorize', ...ONE_RENEWAL, ...ONE_RENEWAL])

  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  expect(await page.evaluate(() => pending)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  expect(await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))).toMatch(/^ey/)
})

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
  pair.control.setLatency({ endpoint: 'token', ms: 2000 })
  await page.evaluate(() => {
    globalThis.pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  const devtools = await context.newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  pair.control.setLatency({ endpoint: 'token', ms: 0 })

  // The frozen tab has the lock of the target and that of the refresh token.
  const begunAt = performance.now()
  await other.evaluate(() => {
    globalThis.shortWaits = 2
  })
  expect(await renewIn(other)).toEqual({
    strategy: 'silent_iframe',
    attempts: ['refresh_token not_possible'],
  })
  expect(performance.now() - begunAt).toBeLessThan(9000)
  expect(await other.evaluate(() => shortWaits)).toBe(0)
  expect(refreshesOf(pair)).toHaveLength(1)

  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  expect(await page.evaluate(() => pending)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  for (const tab of [page, other]) expect(await renewIn(tab)).toEqual(BY_REFRESH)
  const sent = refreshesOf(pair).map(({ parameters }) => parameters['refresh_token'])
  expect(new Set(sent).size).toBe(sent.length)
})
