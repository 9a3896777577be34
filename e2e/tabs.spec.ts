import type { Page } from '@playwright/test'
import {
  addressOf,
  arriveAtCallback,
  claimsOf,
  expect,
  goBack,
  seenBy,
  statusOf,
  test,
} from './support/app-test.ts'

for (const storage of ['memory', 'localStorage', 'indexedDb'] as const) {
  test(
    `a login makes an anonymous tab authenticated without a reload, with ${storage}`,
    { tag: storage === 'localStorage' ? [] : '@firefox' },
    async ({ page, context, pair, logIn, openApp }) => {
      const other = await context.newPage()
      await openApp(other, '/other', { storage })
      expect(await other.evaluate(() => auth.start())).toMatchObject({ status: 'anonymous' })
      await other.evaluate(() => Object.assign(globalThis, { isSamePage: true }))
      pair.control.clearRequests()
      await logIn(page, { storage })
      await expect.poll(() => statusOf(other)).toBe('authenticated')
      expect(await other.evaluate(() => auth.getUser())).toMatchObject({ sub: 'alice' })
      const tokens = await Promise.all(
        [page, other].map((tab) => tab.evaluate(() => auth.getTokenSilently())),
      )
      expect(tokens.map((token) => claimsOf(token)['sub'])).toEqual(['alice', 'alice'])
      expect(await other.evaluate(() => 'isSamePage' in globalThis)).toBe(true)
      // Tabs with a shared storage share the token; with memory each has its own.
      const isShared = storage !== 'memory'
      expect(new Set(tokens).size).toBe(isShared ? 1 : 2)
      const inFrames = seenBy(pair).filter((request) => request === 'GET authorize in a frame')
      expect(inFrames).toHaveLength(isShared ? 0 : 1)
    },
  )
}

/** Leaves for another page of the app, and signs out in another tab meanwhile. */
async function logOutElsewhere(page: Page, other: Page): Promise<void> {
  await page.goto('/elsewhere')
  await other.evaluate(() => auth.logout({ localOnly: true }))
}

for (const storage of ['memory', 'localStorage'] as const) {
  // covers threat:device fault:logout-back-button
  test(
    `a page that is gone back to after a logout elsewhere is signed out without a request, with ${storage}`,
    { tag: storage === 'memory' ? '@firefox' : [] },
    async ({ page, context, pair, logIn, openApp, makeClient }) => {
      await logIn(page, { path: '/home', storage })
      const other = await context.newPage()
      await openApp(other, '/', { storage })
      await other.evaluate(() => auth.start())
      pair.control.clearRequests()
      await logOutElsewhere(page, other)
      // Where the browser does not keep pages alive the page starts anew, with the same outcome.
      if (!(await goBack(page))) {
        await makeClient(page, { storage })
        await page.evaluate(() => auth.start())
      }
      expect(await addressOf(page)).toBe(`${pair.app.origin}/home`)
      await expect.poll(() => statusOf(page)).toBe('anonymous')
      expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
        code: 'logged_out',
      })
      expect(seenBy(pair)).toEqual([])
    },
  )
}

// covers spec:logout-elsewhere fault:logout-bfcache fault:bfcache
test(
  'a page that heard nothing of a logout looks at the mark when it is shown again',
  { tag: '@firefox' },
  async ({ page, pair, logIn }) => {
    await logIn(page)
    pair.control.clearRequests()
    const statuses = await page.evaluate((issuer) => {
      // As another tab writes it while this page is in the back/forward cache; the event is that of
      // the browser.
      const mark = JSON.stringify({ generation: 'the-next', loggedOut: true })
      localStorage.setItem(`sotto:epoch ${issuer} app`, mark)
      const before = auth.getSnapshot().status
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
      return [before, auth.getSnapshot().status]
    }, pair.issuer)
    expect(statuses).toEqual(['authenticated', 'anonymous'])
    expect(seenBy(pair)).toEqual([])
  },
)

test.describe('two clients on one origin', () => {
  test.use({ otherClientIds: ['second'] })

  // covers threat:other-tab spec:apps-of-one-origin
  test(
    'a client of the same origin with another client ID is not disturbed',
    { tag: '@firefox' },
    async ({ page, context, pair, logIn, makeClient, openApp }) => {
      const second = { clientId: 'second', storage: 'localStorage' } as const
      const other = await context.newPage()
      await logIn(page, { storage: 'localStorage' })
      await openApp(other, '/', second)
      expect(await other.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
      const token = await other.evaluate(() => auth.getTokenSilently())
      expect(claimsOf(token)).toMatchObject({ client_id: 'second' })
      await other.evaluate(() => {
        const changes: string[] = []
        auth.on('session', ({ status }) => changes.push(status))
        auth.on('renewal', ({ outcome }) => changes.push(outcome))
        Object.assign(globalThis, { changes })
      })
      await page.evaluate(() => auth.logout({ localOnly: true }))
      await page.evaluate(() => void auth.loginWithRedirect())
      await arriveAtCallback(page)
      await makeClient(page, { storage: 'localStorage' })
      await page.evaluate(() => auth.start())
      await page.evaluate(() => auth.logout({ localOnly: true }))
      // What the first client told its own tabs would be here by now.
      await page.waitForTimeout(300)
      pair.control.clearRequests()
      expect(
        await other.evaluate(() => (globalThis as unknown as { changes: string[] }).changes),
      ).toEqual([])
      expect(await other.evaluate(() => auth.getTokenSilently())).toBe(token)
      await other.reload()
      await makeClient(other, second)
      expect(await other.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
      expect(await other.evaluate(() => auth.getTokenSilently())).toBe(token)
      expect(seenBy(pair)).toEqual([])
    },
  )
})
