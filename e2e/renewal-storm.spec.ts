// What goes wrong at the server, or in another client of the same page, costs a few requests and
// never more.
import type { BrowserContext, Page } from '@playwright/test'
import { claimsOf } from './support/app-test.ts'
import { installClock, passTime } from './support/clock.ts'
import {
  BY_REFRESH,
  expect,
  openRefreshing,
  refreshesOf,
  renewalRequestsOf,
  renewIn,
  requestsOf,
  startRefreshing,
  test,
} from './support/refresh.ts'
import type { Pair } from './support/serve.ts'

/** Of the 300 seconds of a token: the time to renew has come, and the cache still answers. */
const NEARLY_OVER = 255
/** Longer than the pause after a first failure. */
const PAUSE = 61

function countOf(pair: Pair, request: string): number {
  return requestsOf(pair).filter((one) => one === request).length
}

function statusesOf(tabs: readonly Page[]): Promise<string[]> {
  return Promise.all(tabs.map((tab) => tab.evaluate(() => auth.getSnapshot().status)))
}

/** How the last renewal of each tab ended. */
function lastErrorsOf(tabs: readonly Page[]): Promise<(string | undefined)[]> {
  return Promise.all(tabs.map((tab) => tab.evaluate(() => renewals.at(-1)?.error)))
}

function cachedTokens(tabs: readonly Page[]): Promise<(string | undefined)[]> {
  return Promise.all(
    tabs.map((tab) => tab.evaluate(() => auth.getTokenSilently({ cacheMode: 'cache-only' }))),
  )
}

async function openRenewingTabs(context: BrowserContext, pair: Pair): Promise<Page[]> {
  const tabs = [await context.newPage(), await context.newPage()]
  for (const tab of tabs) {
    await openRefreshing(tab, pair, 'indexedDb')
    await tab.evaluate(() => void sotto.autoRenew(auth))
  }
  return tabs
}

// covers fault:many-tabs
test('two tabs with autoRenew meet a server that is down, the end of the session and another user', async ({
  context,
  pair,
  addSession,
}) => {
  await context.addInitScript(installClock)
  await addSession()
  const tabs = await openRenewingTabs(context, pair)
  const [old] = await cachedTokens(tabs)

  pair.control.addFault({ endpoint: 'token', name: 'status', status: 503 })
  await passTime(pair, tabs, NEARLY_OVER)
  await expect.poll(() => lastErrorsOf(tabs)).toEqual(['server_error', 'server_error'])
  expect(await cachedTokens(tabs)).toEqual([old, old])
  pair.control.clearFaults()
  await passTime(pair, tabs, PAUSE)
  // The old one has ended meanwhile, and one tab may have the new one before the other.
  const haveNewToken = async (): Promise<boolean> => {
    const [first, second] = await cachedTokens(tabs)
    return first !== undefined && first !== old && first === second
  }
  await expect.poll(haveNewToken).toBe(true)
  expect(renewalRequestsOf(pair)).toEqual(Array(3).fill('POST token'))

  pair.control.clearRequests()
  pair.control.revokeRefreshTokens()
  pair.control.endSessions()
  await passTime(pair, tabs, NEARLY_OVER)
  await expect.poll(() => lastErrorsOf(tabs)).toEqual(['login_required', 'login_required'])
  // Their token is still good.
  expect(await statusesOf(tabs)).toEqual(['authenticated', 'authenticated'])
  await passTime(pair, tabs, 60)
  for (const tab of tabs) expect(await renewIn(tab)).toMatchObject({ code: 'login_required' })
  expect(await statusesOf(tabs)).toEqual(['anonymous', 'anonymous'])
  expect(countOf(pair, 'POST token')).toBe(1)
  expect(countOf(pair, 'GET authorize')).toBe(4)

  pair.control.clearRequests()
  await addSession('bob')
  for (const tab of tabs) expect(await renewIn(tab)).toMatchObject({ code: 'user_changed' })
  await passTime(pair, tabs, 300)
  for (const tab of tabs) expect(await renewIn(tab)).toMatchObject({ code: 'user_changed' })
  expect(await statusesOf(tabs)).toEqual(['anonymous', 'anonymous'])
  expect(await cachedTokens(tabs)).toEqual([undefined, undefined])
  expect(countOf(pair, 'GET authorize')).toBeLessThanOrEqual(2)
  expect(countOf(pair, 'POST token')).toBe(countOf(pair, 'GET authorize'))
})

declare global {
  /** The other client of the page, and what happened to it. */
  var second: typeof auth
  var heard: string[]
}

/** Renews with both clients at once; resolves with whose tokens came. */
async function renewBoth(page: Page): Promise<unknown[]> {
  const tokens = await page.evaluate(() =>
    Promise.all([auth, second].map((one) => one.getTokenSilently({ cacheMode: 'off' }))),
  )
  return tokens.map((token) => claimsOf(token)['client_id'])
}

test.describe('two clients on one page', () => {
  test.use({ otherClientIds: ['second'] })

  test('renew at once, and the logout and login of one do not touch the other', async ({
    page,
    context,
    pair,
    addSession,
  }) => {
    await addSession()
    await page.goto('/')
    await startRefreshing(page, pair, 'indexedDb', 'second')
    await page.evaluate(() => {
      globalThis.second = auth
      globalThis.heard = []
      second.on('session', ({ status }) => status === 'authenticated' || heard.push(status))
      second.on('renewal', ({ outcome, strategy }) => heard.push(`${outcome} ${strategy}`))
    })
    expect(await startRefreshing(page, pair, 'indexedDb')).toBe('authenticated')
    pair.control.clearRequests()
    expect(await renewBoth(page)).toEqual(['app', 'second'])
    expect(refreshesOf(pair)).toHaveLength(2)
    // And by two frames at once.
    pair.control.revokeRefreshTokens()
    expect(await renewBoth(page)).toEqual(['app', 'second'])
    expect(countOf(pair, 'GET authorize')).toBe(2)

    pair.control.clearRequests()
    pair.control.setLatency({ endpoint: 'token', ms: 500 })
    const renewal = page.evaluate(() => second.getTokenSilently({ cacheMode: 'off' }))
    await expect.poll(() => refreshesOf(pair).length).toBe(1)
    await page.evaluate(() => auth.logout({ localOnly: true }))
    expect(claimsOf(await renewal)['client_id']).toBe('second')
    pair.control.setLatency({ endpoint: 'token', ms: 0 })

    const other = await context.newPage()
    await other.goto('/')
    expect(await startRefreshing(other, pair, 'indexedDb')).toBe('anonymous')
    await other.evaluate(() => void auth.loginWithRedirect())
    await other.waitForURL(/\/callback\?/)
    expect(await startRefreshing(other, pair, 'indexedDb')).toBe('authenticated')
    await expect.poll(() => statusesOf([page])).toEqual(['authenticated'])
    expect(await renewIn(page)).toEqual(BY_REFRESH)

    await page.evaluate(() => second.getTokenSilently({ cacheMode: 'off' }))
    expect(await page.evaluate(() => heard)).toEqual(
      ['refresh_token', 'silent_iframe', 'refresh_token', 'refresh_token'].map(
        (strategy) => `success ${strategy}`,
      ),
    )
    const asked = pair.control.requests({ endpoint: 'authorize' })
    expect(asked.filter(({ parameters }) => parameters['client_id'] === 'second')).toEqual([])
  })
})
