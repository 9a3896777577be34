// Renewal by refresh token and by frame, at a server that rotates refresh tokens, while tabs come
// and go and the network does.
import type { BrowserContext, Page } from '@playwright/test'
import { awaitedLocks, installClock, installShortWaits, passTime } from './support/clock.ts'
import {
  BY_REFRESH,
  callInAll,
  expect,
  openRefreshing,
  refreshesOf,
  renewalRequestsOf,
  renewIn,
  requestsOf,
  test,
} from './support/refresh.ts'
import type { Pair } from './support/serve.ts'
import { renewBesideStandstill } from './support/standstill.ts'
import { RECORD_KEY } from './support/storage.ts'
import { readStorages } from './support/stored-data.ts'

async function openTabs(context: BrowserContext, pair: Pair, count: number): Promise<Page[]> {
  const tabs: Page[] = []
  while (tabs.length < count) {
    const tab = await context.newPage()
    await openRefreshing(tab, pair, 'indexedDb')
    tabs.push(tab)
  }
  return tabs
}

/** A page whose token has ended. */
async function openExpired(
  page: Page,
  pair: Pair,
  addSession: () => Promise<unknown>,
): Promise<void> {
  await page.context().addInitScript(installClock)
  await addSession()
  await openRefreshing(page, pair)
  await passTime(pair, [page], 300)
}

function statusesOf(tabs: readonly Page[]): Promise<string[]> {
  return Promise.all(tabs.map((tab) => tab.evaluate(() => auth.getSnapshot().status)))
}

// covers spec:one-tab-at-a-time fault:refresh-many-tabs
test('six tabs with five calls each send one refresh for an expired token, and nothing is revoked', async ({
  context,
  pair,
  addSession,
}) => {
  await context.addInitScript(installClock)
  await addSession()
  const tabs = await openTabs(context, pair, 6)
  await passTime(pair, tabs, 300)
  pair.control.clearRequests()
  pair.control.setLatency({ endpoint: 'token', ms: 200 })
  const tokens = await callInAll(tabs)
  expect(tokens).toHaveLength(30)
  expect(new Set(tokens).size).toBe(1)
  expect(renewalRequestsOf(pair)).toEqual(['POST token'])

  // The same with tokens that live for three seconds, so that some end while others are still on
  // their way.
  pair.control.setLives({ accessTokenSeconds: 3 })
  for (const seconds of [300, 3, 3]) {
    await passTime(pair, tabs, seconds)
    expect(await callInAll(tabs)).toHaveLength(30)
  }
  for (const tab of tabs.slice(-2)) expect(await renewIn(tab)).toEqual(BY_REFRESH)
  const sent = refreshesOf(pair).map(({ parameters }) => parameters['refresh_token'])
  expect(new Set(sent).size).toBe(sent.length)
  expect(renewalRequestsOf(pair)).toEqual(sent.map(() => 'POST token'))
})

// covers threat:device fault:refresh-closed-tab
test('a tab that is closed in the middle of its refresh holds nobody up', async ({
  page,
  context,
  pair,
  addSession,
}) => {
  await addSession()
  await openRefreshing(page, pair, 'indexedDb')
  const [other] = (await openTabs(context, pair, 1)) as [Page]
  // The refresh token is used up, and nobody hears of it.
  pair.control.addFault({ endpoint: 'token', name: 'hang', afterProcessing: true, times: 1 })
  const lost = renewIn(page).catch(() => 'closed')
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  const begunAt = performance.now()
  const renewal = renewIn(other)
  await expect.poll(() => awaitedLocks(other)).toContain('sotto')
  await page.close()
  expect(await lost).toBe('closed')
  // It is sent once more; this server takes that for a theft, and the frame begins anew.
  expect(await renewal).toMatchObject({ strategy: 'silent_iframe' })
  // Less than one wait for a lock.
  expect(performance.now() - begunAt).toBeLessThan(9000)
  expect(refreshesOf(pair)).toHaveLength(2)
  expect(await renewIn(other)).toEqual(BY_REFRESH)
})

// covers threat:other-tab fault:refresh-frozen-tab
test('a tab that hangs in the middle of its refresh holds others up for a bounded time', async ({
  page,
  context,
  pair,
  addSession,
}) => {
  await addSession()
  await openRefreshing(page, pair, 'indexedDb')
  await context.addInitScript(installShortWaits)
  const [other] = (await openTabs(context, pair, 1)) as [Page]
  // It has the server's metadata from now on, and waits for the lock alone.
  expect(await renewIn(other)).toEqual(BY_REFRESH)
  pair.control.clearRequests()
  pair.control.addFault({ endpoint: 'token', name: 'hang', afterProcessing: true, times: 1 })
  const lost = renewIn(page).catch(() => 'closed')
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  await other.evaluate(() => {
    // For the lock of the refresh token.
    globalThis.shortWaits = 1
  })
  expect(await renewIn(other)).toEqual({
    attempts: ['refresh_token lock_timeout'],
    strategy: 'silent_iframe',
  })
  expect(await other.evaluate(() => shortWaits)).toBe(0)
  expect(refreshesOf(pair)).toHaveLength(1)
  await page.close()
  expect(await lost).toBe('closed')
})

/** A dialog stops everything in the page; its locks stay. */
async function showDialog(page: Page): Promise<() => Promise<unknown>> {
  const dialog = page.waitForEvent('dialog')
  const standstill = page.evaluate(() => alert())
  const shown = await dialog
  return async () => {
    await shown.accept()
    await standstill
  }
}

// covers fault:frame-frozen
test('a tab that stands still in the middle of its frame holds others up for a bounded time, and goes on', async ({
  page,
  pair,
  addSession,
}) => {
  await addSession()
  await renewBesideStandstill(page, pair, showDialog)
})

// covers fault:network-back
test('a call while the device is offline fails soon and costs nothing', async ({
  page,
  context,
  pair,
  addSession,
}) => {
  await openExpired(page, pair, addSession)
  const call = () => page.evaluate(() => settle(auth.getTokenSilently()))
  const readGrant = async () => {
    const record = (await readStorages(page))[`localStorage ${RECORD_KEY(pair)}`]
    return (JSON.parse(record ?? '{}') as { readonly refreshToken?: object }).refreshToken
  }
  const grant = await readGrant()
  expect(grant).toBeTruthy()
  await context.setOffline(true)
  // The frame is tried, too: what the browser says of the network may be wrong.
  const outcome = await call()
  expect(outcome).toMatchObject({ code: 'network_error', retryable: true })
  expect(outcome.ms).toBeLessThan(6000)
  expect(await statusesOf([page])).toEqual(['authenticated'])
  expect(await readGrant()).toMatchObject({ token: (grant as { readonly token: string }).token })
  await context.setOffline(false)
  expect(await call()).toMatchObject({ value: expect.stringMatching(/^ey/) })
  expect(requestsOf(pair)).toEqual(['POST token'])
})

test('a logout elsewhere wins over a refresh and over the tab that waits for it', async ({
  context,
  pair,
  addSession,
}) => {
  await addSession()
  const tabs = await openTabs(context, pair, 3)
  const [first, second, third] = tabs as [Page, Page, Page]
  pair.control.setLatency({ endpoint: 'token', ms: 1000 })
  const renewals = [renewIn(first)]
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  renewals.push(renewIn(second))
  await expect.poll(() => awaitedLocks(second)).toContain('sotto')
  await third.evaluate(() => auth.logout({ localOnly: true }))
  for (const renewal of renewals) expect(await renewal).toMatchObject({ code: 'logged_out' })
  expect(await statusesOf(tabs)).toEqual(['anonymous', 'anonymous', 'anonymous'])
  const stored = Object.entries(await readStorages(third))
  expect(stored.filter(([key]) => key.startsWith('indexedDB'))).toEqual([])
  expect(renewalRequestsOf(pair)).toEqual(['POST token'])
})

// covers fault:frame-code-ended
test('a refresh token that is refused and a code that has ended on the way end no session', async ({
  page,
  pair,
  addSession,
}) => {
  await openExpired(page, pair, addSession)
  pair.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_grant', times: 2 })
  const attempts = ['refresh_token session_expired', 'silent_iframe token_error']
  expect(await renewIn(page)).toEqual({ code: 'token_error', attempts })
  expect(await statusesOf([page])).toEqual(['authenticated'])
  expect(await renewIn(page)).toMatchObject({ strategy: 'silent_iframe' })
})
