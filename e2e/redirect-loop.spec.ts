import type { BrowserContext } from '@playwright/test'
import type { AuthError } from 'sotto'
import { arriveAtCallback, expect, statusOf, test } from './support/app-test.ts'
import { callAndLeave, redirecting, redirectsOf } from './support/fallback.ts'
import type { Pair } from './support/serve.ts'

const place = '/orders?id=5#/items'

for (const { pairKind, why } of [
  { pairKind: 'same-site', why: 'the server never knows the user in a frame' },
  { pairKind: 'cross-site', why: 'cookies never reach a frame' },
] as const) {
  test.describe(why, () => {
    test.use({ pairKind })

    // covers fault:login-loop
    test(`a fallback that gave no token is redirect_loop where ${why}`, async ({
      page,
      pair,
      logIn,
      openApp,
      makeClient,
    }) => {
      if (pairKind === 'same-site')
        pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
      await logIn(page, { path: place, ...redirecting })
      await page.reload()
      await makeClient(page, redirecting)
      pair.control.clearRequests()
      await callAndLeave(page)
      await arriveAtCallback(page)
      await makeClient(page, redirecting)
      await page.evaluate(() => auth.start())
      expect(await statusOf(page)).toBe('authenticated')
      // The memory is gone before anybody has asked for the token.
      await openApp(page, place, redirecting)
      const outcomes = await page.evaluate(async () => [
        await outcomeOf(auth.getTokenSilently()),
        await outcomeOf(auth.getTokenSilently()),
      ])
      expect(outcomes.map(({ code }) => code)).toEqual(['redirect_loop', 'redirect_loop'])
      expect(page.url()).toBe(pair.app.origin + place)
      expect(redirectsOf(pair)).toHaveLength(1)
    })
  })
}

test('a login of the user after redirect_loop lets the fallback work again', async ({
  page,
  pair,
  logIn,
  makeClient,
}) => {
  pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
  await logIn(page, redirecting)
  await page.reload()
  await makeClient(page, redirecting)
  await callAndLeave(page)
  await arriveAtCallback(page)
  await makeClient(page, redirecting)
  await page.evaluate(() => auth.start())
  await page.reload()
  await makeClient(page, redirecting)
  expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
    code: 'redirect_loop',
  })
  await page.evaluate(() => void auth.loginWithRedirect())
  await arriveAtCallback(page)
  await makeClient(page, redirecting)
  await page.evaluate(() => auth.start())
  await page.reload()
  await makeClient(page, redirecting)
  pair.control.clearRequests()
  await callAndLeave(page)
  await arriveAtCallback(page)
  expect(redirectsOf(pair)).toHaveLength(1)
})

test('a fallback that the user cancels is not begun again by itself', async ({
  page,
  pair,
  openApp,
  makeClient,
}) => {
  await openApp(page, place, redirecting)
  await callAndLeave(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await arriveAtCallback(page)
  await makeClient(page, redirecting)
  const { snapshot, outcome } = await page.evaluate(async () => {
    const started = await auth.start()
    if (started.status !== 'error') throw new Error(started.status)
    const { code, returnTo } = started.error
    return {
      snapshot: { status: started.status, code, returnTo },
      outcome: await outcomeOf(auth.getTokenSilently()),
    }
  })
  const returnTo = pair.app.origin + place
  expect(snapshot).toEqual({ status: 'error', code: 'access_denied', returnTo })
  expect(outcome).toEqual({ code: 'redirect_loop' })
  expect(redirectsOf(pair)).toHaveLength(1)
})

// covers spec:login-loop fault:login-loop
test('redirects three times a minute at most', async ({ page, pair, logIn, makeClient }) => {
  pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
  await logIn(page, redirecting)
  pair.control.clearRequests()
  for (const round of [1, 2, 3]) {
    await page.reload()
    await makeClient(page, redirecting)
    await callAndLeave(page)
    await arriveAtCallback(page)
    await makeClient(page, redirecting)
    await page.evaluate(() => auth.start())
    // Each round has its token, so that only the count is against the next.
    await page.evaluate(() => auth.getTokenSilently())
    expect(redirectsOf(pair)).toHaveLength(round)
  }
  await page.reload()
  await makeClient(page, redirecting)
  expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
    code: 'redirect_loop',
  })
  await page.evaluate(() => {
    const now = Date.now.bind(Date)
    Date.now = () => now() + 61_000
  })
  await callAndLeave(page)
  await arriveAtCallback(page)
  expect(redirectsOf(pair)).toHaveLength(4)
})

/** A server that knows the user, and gives no token for a code: every login fails in a moment. */
const noTokens = {
  ...({ endpoint: 'token', name: 'status', status: 401 } as const),
  contentType: 'application/json',
  body: '{"error":"invalid_client"}',
}

interface App {
  readonly issuer: string
  readonly appOrigin: string
  /** Whether it waits until it is known who is signed in. */
  readonly waits: boolean
}

/** Runs in every page: an app that logs in whenever it knows no user, whatever the reason. */
async function logInAlways({ issuer, appOrigin, waits }: App) {
  if (location.origin !== appOrigin) return
  // Every page that is driven counts as one that a user has touched.
  const userActivation = { hasBeenActive: false }
  Object.defineProperty(navigator, 'userActivation', { value: userActivation })
  addEventListener('click', () => (userActivation.hasBeenActive = true))
  while (!('sotto' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 10))
  globalThis.auth = sotto.createAuthClient({ issuer, clientId: 'app', redirectUri: '/callback' })
  const started = auth.start()
  if (waits && (await started).status === 'authenticated') return
  // oxlint-disable-next-line no-console
  await auth.loginWithRedirect().catch(({ code }: AuthError) => console.log(code))
}

async function signInAtServer(context: BrowserContext, { control, issuer }: Pair): Promise<void> {
  const [name = '', value = ''] = control.signIn({ user: 'alice' }).cookie.split('=')
  await context.addCookies([{ name, value, url: issuer, httpOnly: true, sameSite: 'Lax' }])
}

// covers fault:login-again
test('an app that logs in again after every failure is stopped after three times', async ({
  page,
  context,
  pair,
}) => {
  pair.control.addFault(noTokens)
  await signInAtServer(context, pair)
  const app = { issuer: pair.issuer, appOrigin: pair.app.origin, waits: true }
  await page.addInitScript(logInAlways, app)
  const stopped = page.waitForEvent('console', (message) => message.text() === 'redirect_loop')
  await page.goto(place)
  await stopped
  expect(redirectsOf(pair)).toHaveLength(3)
  // A person may try as often as they like.
  await page.mouse.click(10, 10)
  await page.evaluate(() => void auth.loginWithRedirect())
  await expect.poll(() => redirectsOf(pair).length).toBeGreaterThan(3)
  await page.close()
})

test('an app that logs in while a login is being finished is stopped after three times', async ({
  page,
  context,
  pair,
}) => {
  await signInAtServer(context, pair)
  const app = { issuer: pair.issuer, appOrigin: pair.app.origin, waits: false }
  await page.addInitScript(logInAlways, app)
  const stopped = page.waitForEvent('console', (message) => message.text() === 'redirect_loop')
  await page.goto(place)
  await stopped
  expect(redirectsOf(pair)).toHaveLength(3)
  expect(await page.evaluate(async () => (await auth.start()).status)).toBe('authenticated')
})

test('a login that succeeds is no part of a circle', async ({ page, pair, logIn, makeClient }) => {
  await logIn(page)
  for (const _round of [2, 3, 4, 5]) {
    await page.evaluate(() => void auth.loginWithRedirect())
    await arriveAtCallback(page)
    await makeClient(page)
    expect(await page.evaluate(async () => (await auth.start()).status)).toBe('authenticated')
  }
  expect(redirectsOf(pair)).toHaveLength(5)
})
