import type { Page } from '@playwright/test'
import { arriveAtCallback, expect, goBack, seenBy, statusOf, test } from './support/app-test.ts'
import { readStorages } from './support/stored-data.ts'

/** What an app can still find out about a session, without a request. */
function readSession(page: Page) {
  return page.evaluate(async () => ({
    snapshot: { ...auth.getSnapshot() },
    user: await auth.getUser(),
    idToken: await auth.getIdToken(),
    isAuthenticated: await auth.isAuthenticated(),
    token: await auth.getTokenSilently({ cacheMode: 'cache-only' }),
  }))
}

const nothing = { snapshot: { status: 'anonymous', reason: 'logged_out' }, isAuthenticated: false }

for (const storage of ['memory', 'localStorage', 'indexedDb'] as const) {
  test(`a logout signs a second tab out within a second, with ${storage}`, async ({
    page,
    context,
    pair,
    logIn,
    openApp,
  }) => {
    await logIn(page, { storage })
    const other = await context.newPage()
    await openApp(other, '/other', { storage })
    expect(await other.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
    pair.control.clearRequests()
    await other.evaluate(() => {
      // The moment it happened, on the clock that all tabs share.
      auth.subscribe(() => Object.assign(globalThis, { toldAt: Date.now() }))
    })
    const loggedOutAt = await page.evaluate(async () => {
      const now = Date.now()
      await auth.logout({ localOnly: true })
      return now
    })
    await expect.poll(() => statusOf(other)).toBe('anonymous')
    const toldAt = await other.evaluate(() => (globalThis as unknown as { toldAt: number }).toldAt)
    expect(toldAt - loggedOutAt).toBeLessThan(1000)
    for (const tab of [page, other]) {
      expect(await readSession(tab)).toEqual(nothing)
      expect(await tab.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
        code: 'logged_out',
      })
    }
    expect(seenBy(pair)).toEqual([])
  })

  test(`a logout leaves nothing of the session but a mark without a secret, with ${storage}`, async ({
    page,
    pair,
    logIn,
  }) => {
    await logIn(page, { storage, login: { appState: 'mine' } })
    // Nothing is left of the first session if there is something of it before.
    const before = JSON.stringify(await readStorages(page))
    expect(before.includes('alice')).toBe(storage !== 'memory')
    await page.evaluate(() => auth.logout({ localOnly: true }))
    const after = await readStorages(page)
    const key = `localStorage sotto:epoch ${pair.issuer} app`
    expect(Object.keys(after)).toEqual([key])
    expect(JSON.parse(after[key] ?? '')).toEqual({
      generation: expect.stringMatching(/^[\da-f-]{36}$/),
      loggedOut: true,
    })
  })

  test(`a logout stays over a reload until a login, with ${storage}`, async ({
    page,
    pair,
    logIn,
    makeClient,
  }) => {
    await logIn(page, { storage })
    await page.evaluate(() => auth.logout({ localOnly: true }))
    pair.control.clearRequests()
    await page.reload()
    await makeClient(page, { storage })
    const { status } = await page.evaluate(() => auth.start())
    expect(status).toBe('anonymous')
    expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
      code: 'logged_out',
    })
    expect(
      await page.evaluate(() => outcomeOf(auth.getTokenSilently({ cacheMode: 'off' }))),
    ).toEqual({ code: 'logged_out' })
    expect(seenBy(pair)).toEqual([])
    // The server would have said who it is.
    expect(pair.control.sessions()).toHaveLength(1)
    await page.evaluate(() => void auth.loginWithRedirect())
    await arriveAtCallback(page)
    await makeClient(page, { storage })
    expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
    await page.reload()
    await makeClient(page, { storage })
    expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  })
}

test('a logged-out app does not follow onLoginRequired', async ({ page, pair, logIn }) => {
  await logIn(page, { onLoginRequired: 'redirect' })
  await page.evaluate(() => auth.logout({ localOnly: true }))
  pair.control.clearRequests()
  expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
    code: 'logged_out',
  })
  expect(page.url()).toBe(`${pair.app.origin}/`)
  expect(seenBy(pair)).toEqual([])
})

for (const { endpoint, where } of [
  { endpoint: 'authorize', where: 'here' },
  { endpoint: 'token', where: 'here' },
  { endpoint: 'authorize', where: 'in another tab' },
  { endpoint: 'token', where: 'in another tab' },
] as const) {
  // covers fault:refresh-logout
  test(`a logout ${where} discards a renewal that waits for the ${endpoint} endpoint`, async ({
    page,
    context,
    pair,
    logIn,
    openApp,
  }) => {
    await logIn(page, { storage: 'localStorage' })
    const other = await context.newPage()
    await openApp(other, '/', { storage: 'localStorage' })
    pair.control.clearRequests()
    pair.control.setLatency({ endpoint, ms: 1000 })
    await page.evaluate(() => {
      const renewal = outcomeOf(auth.getTokenSilently({ cacheMode: 'off' }))
      Object.assign(globalThis, { renewal })
    })
    await expect.poll(() => pair.control.requests({ endpoint }).length).toBe(1)
    await (where === 'here' ? page : other).evaluate(() => auth.logout({ localOnly: true }))
    const outcome = await page.evaluate(
      () => (globalThis as unknown as { renewal: Promise<unknown> }).renewal,
    )
    expect(outcome).toEqual({ code: 'logged_out' })
    expect(await readSession(page)).toEqual(nothing)
    expect(JSON.stringify(await readStorages(page))).not.toContain('alice')
  })
}

/** Begins a logout that leaves the page; resolves with when it was begun. */
function leave(page: Page): Promise<number> {
  return page.evaluate(() => {
    void auth.logout({ postLogoutRedirectUri: '/logged-out' })
    return Date.now()
  })
}

test('a logout ends the session at the server, and comes back to a clean URL, signed out everywhere', async ({
  page,
  context,
  pair,
  logIn,
  openApp,
  makeClient,
}) => {
  await logIn(page)
  const other = await context.newPage()
  await openApp(other, '/other')
  expect(await other.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
  await other.evaluate(() => {
    auth.subscribe(() => Object.assign(globalThis, { toldAt: Date.now() }))
  })
  const idToken = await page.evaluate(async () => (await auth.getIdToken())?.token)
  pair.control.clearRequests()
  const begunAt = await leave(page)
  await page.waitForURL(/\/logged-out\?state=/)
  await expect.poll(() => statusOf(other)).toBe('anonymous')
  const toldAt = await other.evaluate(() => (globalThis as unknown as { toldAt: number }).toldAt)
  expect(toldAt - begunAt).toBeLessThan(1000)
  expect(pair.control.sessions()).toEqual([])
  expect(pair.control.requests().map(({ endpoint }) => endpoint)).toEqual(['endSession'])
  expect(pair.control.requests()[0]?.parameters).toMatchObject({
    id_token_hint: idToken,
    client_id: 'app',
  })
  for (const round of ['back from the server', 'reloaded']) {
    await makeClient(page)
    expect(await page.evaluate(() => auth.start()), round).toEqual(nothing.snapshot)
    expect(page.url()).toBe(`${pair.app.origin}/logged-out`)
    await page.reload()
  }
  expect(await other.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
    code: 'logged_out',
  })
  expect(seenBy(pair)).toEqual(['GET endSession'])
})

// covers fault:logout-back-button
test('after a logout the back button shows no session', async ({
  page,
  pair,
  logIn,
  makeClient,
}) => {
  await logIn(page, { path: '/orders' })
  await leave(page)
  await page.waitForURL(/\/logged-out\?/)
  pair.control.clearRequests()
  const isKept = await goBack(page)
  if (!isKept) await makeClient(page)
  expect(await page.evaluate(() => auth.start())).toEqual(nothing.snapshot)
  expect(seenBy(pair)).toEqual([])
})

test('a logout without an ID token at hand asks the user at the server', async ({
  page,
  pair,
  logIn,
  makeClient,
}) => {
  await logIn(page)
  await page.reload()
  await makeClient(page)
  await leave(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/logged-out\?state=/)
  expect(pair.control.sessions()).toEqual([])
})

for (const { server, serverOptions } of [
  { server: 'that is down', serverOptions: {} },
  { server: 'without the endpoint', serverOptions: { endSession: false } },
]) {
  test.describe(() => {
    test.use({ serverOptions })

    // covers fault:logout-server-down
    test(`a logout at a server ${server} signs out here, says so, and stays`, async ({
      page,
      context,
      pair,
      logIn,
      openApp,
      makeClient,
    }) => {
      await logIn(page, { storage: 'localStorage' })
      const other = await context.newPage()
      await openApp(other, '/', { storage: 'localStorage' })
      expect(await other.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
      await page.reload()
      await makeClient(page, { storage: 'localStorage' })
      if (server === 'that is down')
        await context.route(`${pair.issuer}/**`, (route) => route.abort())
      const warnings = await page.evaluate(async () => {
        const codes: string[] = []
        auth.on('warning', ({ code }) => codes.push(code))
        await auth.logout()
        return codes
      })
      expect(warnings).toEqual(['server_session_remains'])
      await expect.poll(() => statusOf(other)).toBe('anonymous')
      await context.unroute(`${pair.issuer}/**`)
      pair.control.clearRequests()
      await page.reload()
      await makeClient(page, { storage: 'localStorage' })
      expect(await page.evaluate(() => auth.start())).toEqual(nothing.snapshot)
      expect(seenBy(pair)).toEqual([])
      expect(pair.control.sessions()).toHaveLength(1)
    })
  })
}
