import type { Page } from '@playwright/test'
import {
  addressOf,
  arriveAtCallback,
  expect,
  goBack,
  seenBy,
  statusOf,
  test,
} from './support/app-test.ts'
import type { Pair } from './support/serve.ts'

/**
 * Begins a login and waits for the login page; gives its URL, where the login can be finished
 * later.
 */
async function beginLogin(page: Page, appState: unknown): Promise<string> {
  await page.evaluate((state) => void auth.loginWithRedirect({ appState: state }), appState)
  await expect(page.getByLabel('User name')).toBeVisible()
  return page.url()
}

/** How many logins of this tab have not been answered. */
function countPending(page: Page): Promise<number> {
  return page.evaluate(() =>
    Object.entries(sessionStorage)
      .filter(([key]) => key.startsWith('sotto:transactions'))
      .map(([, value]) => (JSON.parse(value as string) as unknown[]).length)
      .reduce((sum, length) => sum + length, 0),
  )
}

const countTokenRequests = ({ control }: Pair) => control.requests({ endpoint: 'token' }).length

// covers spec:code-once fault:callback-two-callers
test('a callback handled twice is one token request and one result', async ({
  page,
  pair,
  logInToCallback,
}) => {
  await logInToCallback(page, { login: { appState: 'mine' } })
  const [first, second, later] = await page.evaluate(async () => {
    const atOnce = await Promise.all([auth.handleRedirectCallback(), auth.handleRedirectCallback()])
    return [...atOnce, await auth.handleRedirectCallback()]
  })
  expect(first).toMatchObject({ appState: 'mine', user: { sub: 'alice' } })
  expect(second).toEqual(first)
  expect(later).toEqual(first)
  expect(countTokenRequests(pair)).toBe(1)
})

test('two clients in one page, as a strict mode makes them, both finish one callback', async ({
  page,
  pair,
  logInToCallback,
}) => {
  await logInToCallback(page)
  pair.control.clearRequests()
  const { statuses, areEqual } = await page.evaluate(async (issuer) => {
    const other = sotto.createAuthClient({ issuer, clientId: 'app', redirectUri: '/callback' })
    const snapshots = await Promise.all([auth.start(), other.start()])
    const tokens = [await auth.getTokenSilently(), await other.getTokenSilently()]
    return { statuses: snapshots.map(({ status }) => status), areEqual: tokens[0] === tokens[1] }
  }, pair.issuer)
  expect(statuses).toEqual(['authenticated', 'authenticated'])
  expect(areEqual).toBe(true)
  expect(countTokenRequests(pair)).toBe(1)
  expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
})

test('start and handleRedirectCallback at once finish one callback', async ({
  page,
  pair,
  logInToCallback,
}) => {
  await logInToCallback(page, { login: { appState: 'mine' } })
  pair.control.clearRequests()
  const [snapshot, result] = await page.evaluate(() =>
    Promise.all([auth.start(), auth.handleRedirectCallback()]),
  )
  expect(snapshot.status).toBe('authenticated')
  expect(result).toMatchObject({ appState: 'mine' })
  expect(countTokenRequests(pair)).toBe(1)
  expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
})

for (const method of ['start', 'handleRedirectCallback'] as const) {
  // covers threat:talking-addresses spec:clean-address fault:callback-own-parameters
  test(`${method} cleans the URL before it waits for anything, and keeps the rest of it`, async ({
    page,
    pair,
    logInToCallback,
  }) => {
    await logInToCallback(page)
    const { href, state, outcome } = await page.evaluate(async (name) => {
      // As a server answers that appends to a redirect URI with a query, in a page with a hash
      // router.
      const query = `?q=a%20b+c%2Fd&empty=&flag&${location.search.slice(1)}&lang=%64e`
      history.replaceState({ route: 7 }, '', `/callback${query}#/products/5?tab=a%20b`)
      const pending = outcomeOf(auth[name]())
      const { href } = location
      const state = history.state as unknown
      return { href, state, outcome: await pending }
    }, method)
    expect(href).toBe(
      `${pair.app.origin}/callback?q=a%20b+c%2Fd&empty=&flag&lang=%64e#/products/5?tab=a%20b`,
    )
    expect(state).toEqual({ route: 7 })
    expect(outcome).toHaveProperty('value')
  })
}

// covers threat:callback-link fault:callback-not-ours
test('leaves a response that was meant for something else alone, and restores the session', async ({
  page,
  pair,
  logIn,
  makeClient,
}) => {
  await logIn(page)
  const foreign = `${pair.app.origin}/callback?code=foreign-code&state=foreign-state&x=a%20b#access_token=t`
  await page.goto(foreign)
  await makeClient(page)
  pair.control.clearRequests()
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  expect(page.url()).toBe(foreign)
  expect(seenBy(pair)).toEqual(['GET authorize in a frame', 'POST token'])
  expect(pair.control.requests()[1]?.parameters['code']).not.toBe('foreign-code')
})

test('handleRedirectCallback refuses a response that was meant for something else', async ({
  page,
  pair,
  openApp,
}) => {
  const foreign = `${pair.app.origin}/callback?code=foreign-code&state=foreign-state`
  await openApp(page, foreign)
  const outcome = await page.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
  expect(outcome).toEqual({ code: 'state_unknown' })
  expect(page.url()).toBe(foreign)
  expect(pair.control.requests()).toEqual([])
})

// covers fault:callback-two-logins
test('finishes the first of two logins that were begun in one tab, then the second', async ({
  page,
  openApp,
  makeClient,
  signIn,
}) => {
  await openApp(page, '/first')
  const first = await beginLogin(page, 1)
  await openApp(page, '/second')
  const second = await beginLogin(page, 2)
  await page.goto(first)
  await signIn(page)
  await arriveAtCallback(page)
  await makeClient(page)
  const finish = () => page.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
  expect((await finish()).value).toMatchObject({ appState: 1 })
  expect(await countPending(page)).toBe(1)
  await page.goto(second)
  await arriveAtCallback(page)
  await makeClient(page)
  expect((await finish()).value).toMatchObject({ appState: 2 })
  expect(await countPending(page)).toBe(0)
})

// covers fault:callback-refused
test('a login that the user cancels is access_denied, with its appState and returnTo', async ({
  page,
  pair,
  openApp,
  makeClient,
}) => {
  await openApp(page, '/checkout?step=2')
  await beginLogin(page, { cart: 3 })
  await page.getByRole('button', { name: 'Cancel' }).click()
  await arriveAtCallback(page)
  await makeClient(page)
  const outcome = await page.evaluate(async () => {
    const snapshot = await auth.start()
    const { status } = snapshot
    const { code, oauthError, appState, returnTo } = status === 'error' ? snapshot.error : {}
    return { status, code, oauthError, appState, returnTo }
  })
  const returnTo = `${pair.app.origin}/checkout?step=2`
  expect(page.url()).toBe(returnTo)
  expect(outcome).toEqual({
    status: 'error',
    code: 'access_denied',
    oauthError: 'access_denied',
    appState: { cart: 3 },
    returnTo,
  })
  expect(countTokenRequests(pair)).toBe(0)
})

for (const method of ['start', 'handleRedirectCallback'] as const) {
  // covers threat:callback-link spec:forged-response fault:callback-forged
  test(`${method} refuses a forged callback, and the login under way goes on`, async ({
    page,
    pair,
    openApp,
    makeClient,
    signIn,
  }) => {
    await openApp(page)
    const login = await beginLogin(page, 'mine')
    const [tag] = new URL(login).searchParams.get('state')?.split('.') ?? []
    const forged = new URLSearchParams({
      code: 'stolen',
      state: `${tag}.${'A'.repeat(43)}`,
      iss: pair.issuer,
    })
    await openApp(page, `/callback?${forged}`)
    const outcome = await page.evaluate((name) => outcomeOf(auth[name]()), method)
    // A stale callback is a visit like any other for `start`: it asks who is signed in.
    if (method === 'start') expect(outcome.value).toMatchObject({ status: 'anonymous' })
    else expect(outcome).toEqual({ code: 'state_unknown' })
    // The callback page is no place to stay.
    const left = method === 'start' ? '/' : '/callback'
    expect(page.url()).toBe(pair.app.origin + left)
    expect(countTokenRequests(pair)).toBe(0)
    expect(await countPending(page)).toBe(1)
    await page.goto(login)
    await signIn(page)
    await arriveAtCallback(page)
    await makeClient(page)
    const finished = await page.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
    expect(finished.value).toMatchObject({ appState: 'mine' })
  })
}

// covers fault:callback-again
test('a finished callback that is opened again restores the session silently', async ({
  page,
  pair,
  logInToCallback,
  openApp,
}) => {
  await logInToCallback(page)
  const callback = page.url()
  const code = new URL(callback).searchParams.get('code')
  await page.evaluate(() => auth.start())
  pair.control.clearRequests()
  await openApp(page, callback)
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  expect(page.url()).toBe(`${pair.app.origin}/`)
  expect(seenBy(pair)).toEqual(['GET authorize in a frame', 'POST token'])
  expect(pair.control.requests()[1]?.parameters['code']).not.toBe(code)
})

for (const way of ['reloaded', 'gone back to'] as const) {
  // covers threat:talking-addresses spec:code-once fault:callback-again fault:back-to-login
  test(`a page that finished a callback and is ${way} is signed in, with the code nowhere`, async ({
    page,
    pair,
    logInToCallback,
    makeClient,
  }) => {
    await logInToCallback(page, { path: '/home' })
    await page.evaluate(() => auth.handleRedirectCallback())
    if (way === 'reloaded') await page.reload()
    else await page.goto('/elsewhere')
    const isAlive = way === 'gone back to' && (await goBack(page))
    expect(await addressOf(page)).toBe(`${pair.app.origin}/callback`)
    if (!isAlive) {
      await makeClient(page)
      await page.evaluate(() => auth.start())
    }
    expect(await statusOf(page)).toBe('authenticated')
    const codes = pair.control
      .requests({ endpoint: 'token' })
      .map(({ parameters }) => parameters['code'])
    expect(new Set(codes).size).toBe(codes.length)
  })
}

for (const { response, button } of [
  { response: 'an error response', button: 'Cancel' },
  { response: 'a code', button: 'Log in' },
]) {
  for (const { iss, fault } of [
    { iss: 'the wrong issuer', fault: { set: { iss: 'https://honest.example' } } },
    { iss: 'no issuer', fault: { remove: ['iss'] } },
  ]) {
    // covers threat:mix-up spec:issuer-compared fault:callback-iss-other
    test(`refuses ${response} that names ${iss}, without a token request`, async ({
      page,
      pair,
      openApp,
      makeClient,
    }) => {
      pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', ...fault })
      await openApp(page, '/checkout')
      await beginLogin(page, 'mine')
      await page.getByLabel('User name').fill('alice')
      await page.getByLabel('Password').fill('alice')
      await page.getByRole('button', { name: button }).click()
      await arriveAtCallback(page)
      await makeClient(page)
      const outcome = await page.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
      expect(outcome).toEqual({
        code: 'issuer_mismatch',
        appState: 'mine',
        returnTo: `${pair.app.origin}/checkout`,
      })
      expect(page.url()).toBe(`${pair.app.origin}/callback`)
      expect(await countPending(page)).toBe(0)
      expect(countTokenRequests(pair)).toBe(0)
    })
  }
}
