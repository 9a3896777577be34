import type { Page } from '@playwright/test'
import { arriveAtCallback, claimsOf, expect, seenBy, test } from './support/app-test.ts'
import { callAndLeave, redirecting, redirectsOf } from './support/fallback.ts'

const place = '/orders?id=5&q=a%20b#/items?tab=2'

/**
 * Gives the page a visibility. Neither browser hides a page while it is driven, so the property and
 * the event are those of a script; the library reads nothing else.
 */
function setVisibility(page: Page, visibility: 'hidden' | 'visible'): Promise<void> {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value })
    document.dispatchEvent(new Event('visibilitychange'))
  }, visibility)
}

// covers fault:frame-cookies
test('a session that ended at the server leads to one login, and back with a token', async ({
  page,
  pair,
  logIn,
  makeClient,
  signIn,
}) => {
  await logIn(page, { path: place, ...redirecting })
  pair.control.endSessions()
  pair.control.clearRequests()
  await callAndLeave(page, { cacheMode: 'off' })
  await signIn(page)
  await arriveAtCallback(page)
  await makeClient(page, redirecting)
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  expect(page.url()).toBe(pair.app.origin + place)
  const { value } = await page.evaluate(() => outcomeOf(auth.getTokenSilently()))
  expect(claimsOf(value)).toMatchObject({ sub: 'alice' })
  expect(seenBy(pair)).toEqual([
    'GET authorize in a frame',
    'GET authorize',
    'POST login',
    'POST token',
  ])
})

test('the login for a second audience brings the token that was asked for', async ({
  page,
  pair,
  logIn,
  makeClient,
  signIn,
}) => {
  const asked = { audience: 'https://api.example/orders', scope: 'email openid' }
  await logIn(page, { path: place, ...redirecting })
  pair.control.endSessions()
  pair.control.clearRequests()
  await callAndLeave(page, asked)
  await signIn(page)
  await arriveAtCallback(page)
  await makeClient(page, redirecting)
  await page.evaluate(() => auth.start())
  expect(page.url()).toBe(pair.app.origin + place)
  const { value } = await page.evaluate((all) => outcomeOf(auth.getTokenSilently(all)), asked)
  expect(claimsOf(value)).toMatchObject({ aud: asked.audience, scope: asked.scope })
  expect(redirectsOf(pair)).toMatchObject([
    { parameters: { audience: asked.audience, scope: asked.scope } },
  ])
  expect(seenBy(pair)).toEqual([
    'GET authorize in a frame',
    'GET authorize',
    'POST login',
    'POST token',
  ])
})

test('parallel calls lead to one redirect', async ({ page, pair, logIn }) => {
  await logIn(page, redirecting)
  pair.control.endSessions()
  pair.control.clearRequests()
  await page.evaluate(() => {
    for (const name of ['a', 'a', 'b', 'c'])
      void auth.getTokenSilently({ audience: `https://api.example/${name}` })
  })
  await expect(page.getByLabel('User name')).toBeVisible()
  expect(redirectsOf(pair)).toHaveLength(1)
  // The redirect does not wait for the others, so how many of those asked is up to the timing.
  const frames = seenBy(pair).filter((request) => request === 'GET authorize in a frame')
  expect(frames.length).toBeLessThanOrEqual(3)
})

test('a function decides: login leads back to the same place', async ({
  page,
  pair,
  logIn,
  makeClient,
  signIn,
}) => {
  await logIn(page, { path: place })
  pair.control.endSessions()
  await page.evaluate(() => {
    void auth.getTokenSilently({
      cacheMode: 'off',
      onLoginRequired(error, login) {
        sessionStorage.setItem('reason', error.code)
        void login()
      },
    })
  })
  await signIn(page)
  await arriveAtCallback(page)
  await makeClient(page)
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  expect(page.url()).toBe(pair.app.origin + place)
  expect(await page.evaluate(() => sessionStorage.getItem('reason'))).toBe('login_required')
})

test('a function that does not call login lets the call reject', async ({ page, pair, logIn }) => {
  await logIn(page, { path: place, ...redirecting })
  pair.control.endSessions()
  pair.control.clearRequests()
  const { outcome, reasons } = await page.evaluate(async () => {
    const reasons: string[] = []
    const onLoginRequired = ({ code }: { code: string }) => void reasons.push(code)
    const outcome = await outcomeOf(auth.getTokenSilently({ cacheMode: 'off', onLoginRequired }))
    return { outcome, reasons }
  })
  expect(outcome.code).toBe('login_required')
  expect(reasons).toEqual(['login_required'])
  expect(page.url()).toBe(pair.app.origin + place)
  expect(seenBy(pair)).toEqual(['GET authorize in a frame'])
})

test('the policy of a call goes before that of the client', async ({ page, pair, logIn }) => {
  await logIn(page, { path: place, ...redirecting })
  pair.control.endSessions()
  const outcome = await page.evaluate(() =>
    outcomeOf(auth.getTokenSilently({ cacheMode: 'off', onLoginRequired: 'throw' })),
  )
  expect(outcome).toEqual({ code: 'login_required', oauthError: 'login_required' })
  expect(page.url()).toBe(pair.app.origin + place)
  await logIn(page, { path: place })
  pair.control.endSessions()
  await callAndLeave(page, { cacheMode: 'off', onLoginRequired: 'redirect' })
  await expect(page.getByLabel('User name')).toBeVisible()
})

test('start never redirects', async ({ page, pair, openApp }) => {
  await openApp(page, place, redirecting)
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'anonymous' })
  // A redirect would begin in the same moment.
  await page.waitForTimeout(300)
  expect(page.url()).toBe(pair.app.origin + place)
  expect(redirectsOf(pair)).toEqual([])
})

test('a hidden tab redirects only when it is visible', async ({ page, pair, logIn }) => {
  await logIn(page, { path: place, ...redirecting })
  pair.control.endSessions()
  pair.control.clearRequests()
  await setVisibility(page, 'hidden')
  await callAndLeave(page, { cacheMode: 'off' })
  await expect.poll(() => seenBy(pair)).toEqual(['GET authorize in a frame'])
  await page.waitForTimeout(500)
  expect(page.url()).toBe(pair.app.origin + place)
  await setVisibility(page, 'visible')
  await expect(page.getByLabel('User name')).toBeVisible()
  expect(redirectsOf(pair)).toHaveLength(1)
})

test('a tab that becomes visible after a login in another does not redirect', async ({
  page,
  context,
  pair,
  logIn,
}) => {
  await logIn(page, { path: place, ...redirecting })
  pair.control.endSessions()
  pair.control.clearRequests()
  await setVisibility(page, 'hidden')
  await page.evaluate(() => {
    Object.assign(globalThis, {
      waiting: outcomeOf(auth.getTokenSilently({ audience: 'https://api.example/' })),
    })
  })
  await expect.poll(() => seenBy(pair)).toEqual(['GET authorize in a frame'])
  const other = await context.newPage()
  await logIn(other)
  const redirects = redirectsOf(pair).length
  await setVisibility(page, 'visible')
  const outcome = await page.evaluate(
    () => (globalThis as unknown as { waiting: Promise<{ value?: unknown }> }).waiting,
  )
  expect(claimsOf(outcome.value)).toMatchObject({ sub: 'alice', aud: 'https://api.example/' })
  expect(redirectsOf(pair)).toHaveLength(redirects)
  expect(page.url()).toBe(pair.app.origin + place)
})
