// Renewal by refresh token, at a server that rotates them and revokes the family of one that is
// sent twice.
import type { Page } from '@playwright/test'
import {
  callInAll,
  BY_REFRESH,
  expect,
  openRefreshing,
  refreshesOf,
  renewIn,
  requestsOf,
  startRefreshing,
  test,
} from './support/refresh.ts'
import type { Pair } from './support/serve.ts'

test(
  'renews again and again without a frame',
  { tag: '@firefox' },
  async ({ page, pair, addSession }) => {
    await addSession()
    await openRefreshing(page, pair)
    for (let count = 0; count < 3; count++) expect(await renewIn(page)).toEqual(BY_REFRESH)
    expect(requestsOf(pair)).toEqual(Array(3).fill('POST token'))
    const sent = refreshesOf(pair).map(({ parameters }) => parameters['refresh_token'])
    expect(new Set(sent).size).toBe(3)
  },
)

async function logIn(page: Page, pair: Pair, signIn: (page: Page) => Promise<void>): Promise<void> {
  await page.goto('/')
  await startRefreshing(page, pair, 'indexedDb')
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await page.waitForURL(/\/callback/)
  expect(await startRefreshing(page, pair, 'indexedDb')).toBe('authenticated')
}

for (const { thirdPartyCookies, withoutRefreshToken } of [
  { thirdPartyCookies: 'allowed', withoutRefreshToken: { strategy: 'silent_iframe' } },
  { thirdPartyCookies: 'default', withoutRefreshToken: { code: 'login_required' } },
] as const) {
  test.describe(`on another site over https, third-party cookies by ${thirdPartyCookies}`, () => {
    test.use({ pairKind: 'cross-site-https', thirdPartyCookies })

    test(
      'a refresh token renews; without one it is up to the cookies',
      { tag: thirdPartyCookies === 'default' ? '@firefox' : [] },
      async ({ page, pair, signIn }) => {
        await logIn(page, pair, signIn)
        pair.control.clearRequests()
        expect(await renewIn(page)).toEqual(BY_REFRESH)
        expect(requestsOf(pair)).toEqual(['POST token'])
        pair.control.revokeRefreshTokens()
        expect(await renewIn(page)).toMatchObject(withoutRefreshToken)
      },
    )
  })
}

test.describe('where no cookie of the server reaches a frame', () => {
  test.use({ pairKind: 'cross-site', serverOptions: { accessTokenSeconds: 1 } })

  test(
    'a reload with an expired token in IndexedDB costs one refresh and no frame',
    { tag: '@firefox' },
    async ({ page, pair, signIn }) => {
      await logIn(page, pair, signIn)
      await page.waitForTimeout(1100)
      pair.control.clearRequests()
      await page.reload()
      expect(await startRefreshing(page, pair, 'indexedDb')).toBe('authenticated')
      expect(requestsOf(pair).filter((request) => /token|authorize/.test(request))).toEqual([
        'POST token',
      ])
      expect(refreshesOf(pair)).toHaveLength(1)
      expect(await page.evaluate(() => auth.getUser())).toMatchObject({ sub: 'alice' })
    },
  )
})

test.describe('two tabs', () => {
  test.use({ serverOptions: { accessTokenSeconds: 2 } })

  test(
    'with five calls each send one refresh, and nothing is revoked',
    { tag: '@firefox' },
    async ({ page, context, pair, addSession }) => {
      await addSession()
      await openRefreshing(page, pair)
      const other = await context.newPage()
      await openRefreshing(other, pair)
      await page.waitForTimeout(2100)
      // From now on a call that comes late finds a token that is still good.
      pair.control.setLives({ accessTokenSeconds: 300 })
      pair.control.setLatency({ endpoint: 'token', ms: 300 })
      pair.control.clearRequests()
      expect(new Set(await callInAll([page, other])).size).toBe(1)
      expect(requestsOf(pair)).toEqual(['POST token'])
      for (const tab of [other, page]) expect(await renewIn(tab)).toEqual(BY_REFRESH)
    },
  )
})

test(
  'a logout in another tab during a refresh wins',
  { tag: '@firefox' },
  async ({ page, context, pair, addSession }) => {
    await addSession()
    await openRefreshing(page, pair)
    const other = await context.newPage()
    await openRefreshing(other, pair)
    pair.control.setLatency({ endpoint: 'token', ms: 1000 })
    const renewal = renewIn(page)
    await expect.poll(() => refreshesOf(pair).length).toBe(1)
    await other.evaluate(() => auth.logout({ localOnly: true }))
    expect(await renewal).toMatchObject({ code: 'logged_out' })
    const keys = await page.evaluate(() => Object.keys(localStorage))
    expect(keys.filter((key) => key.startsWith('sotto:session'))).toEqual([])
    expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('anonymous')
    expect(requestsOf(pair)).toEqual(['POST token'])
  },
)

// covers threat:failing-network fault:refresh-answer-lost
test('a refresh token whose answer was lost is not sent again; a frame renews', async ({
  page,
  pair,
  addSession,
}) => {
  await addSession()
  await openRefreshing(page, pair)
  pair.control.addFault({ endpoint: 'token', name: 'truncated', times: 1 })
  expect(await renewIn(page)).toEqual({
    strategy: 'silent_iframe',
    attempts: ['refresh_token network_error'],
  })
  // The frame's login has brought another refresh token.
  expect(await renewIn(page)).toEqual(BY_REFRESH)
  const sent = refreshesOf(pair).map(({ parameters }) => parameters['refresh_token'])
  expect(sent).toHaveLength(2)
  expect(new Set(sent).size).toBe(2)
})

test('one that is refused is followed by a frame, and without a session by login_required', async ({
  page,
  pair,
  addSession,
}) => {
  await addSession()
  await openRefreshing(page, pair)
  pair.control.revokeRefreshTokens()
  expect(await renewIn(page)).toEqual({
    strategy: 'silent_iframe',
    attempts: ['refresh_token session_expired'],
  })
  pair.control.revokeRefreshTokens()
  pair.control.endSessions()
  expect(await renewIn(page)).toEqual({
    code: 'login_required',
    attempts: ['refresh_token session_expired', 'silent_iframe login_required'],
  })
  // Each refused once.
  expect(refreshesOf(pair)).toHaveLength(2)
})

// covers fault:refresh-offline
test(
  'a refresh token survives a server that is down, and a device that is offline',
  { tag: '@firefox' },
  async ({ page, context, pair, addSession }) => {
    await addSession()
    await openRefreshing(page, pair)
    pair.control.addFault({ endpoint: 'token', name: 'status', status: 503, times: 1 })
    expect(await renewIn(page)).toMatchObject({ code: 'server_error' })
    await context.setOffline(true)
    expect(await renewIn(page)).toMatchObject({ code: 'network_error' })
    await context.setOffline(false)
    expect(await renewIn(page)).toEqual(BY_REFRESH)
    expect(requestsOf(pair)).toEqual(['POST token', 'POST token'])
  },
)
