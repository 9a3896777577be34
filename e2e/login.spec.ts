import { createHash } from 'node:crypto'
import {
  addressOf,
  arriveAtCallback,
  expect,
  goBack,
  seenBy,
  statusOf,
  test,
} from './support/app-test.ts'

test(
  'logs in by redirect and comes back to where the login was begun',
  { tag: '@firefox' },
  async ({ page, pair, createClient, signIn }) => {
    await page.goto('/products?sort=price#top')
    await createClient(page)
    await page.evaluate(() => void auth.loginWithRedirect({ appState: { cart: 3 } }))
    await signIn(page)
    await page.waitForURL('**/callback?**')
    await createClient(page)
    const result = await page.evaluate(async () => {
      const callbacks: unknown[] = []
      const snapshot = await auth.start({ onCallback: (result) => void callbacks.push(result) })
      return { snapshot, callbacks, token: await auth.getTokenSilently(), href: location.href }
    })
    expect(result.snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
    expect(result.callbacks).toMatchObject([
      { appState: { cart: 3 }, returnTo: `${pair.app.origin}/products?sort=price#top` },
    ])
    expect(result.href).toBe(`${pair.app.origin}/callback`)
    expect(result.token).toMatch(/^ey/)
    expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
  },
)

test(
  'renews silently in a hidden frame',
  { tag: '@firefox' },
  async ({ page, pair, createClient, signIn }) => {
    await page.goto('/')
    await createClient(page)
    await page.evaluate(() => void auth.loginWithRedirect())
    await signIn(page)
    await page.waitForURL('**/callback?**')
    await createClient(page)
    await page.evaluate(() => auth.start())
    expect(page.url()).toBe(`${pair.app.origin}/`)
    pair.control.clearRequests()
    const tokens = await page.evaluate(async () => [
      await auth.getTokenSilently(),
      await auth.getTokenSilently({ cacheMode: 'off' }),
    ])
    expect(tokens[0]).not.toBe(tokens[1])
    expect(pair.control.requests().map(({ endpoint, method }) => `${method} ${endpoint}`)).toEqual([
      'GET authorize',
      'POST token',
    ])
    await page.reload()
    await createClient(page)
    expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
    pair.control.endSessions({ user: 'alice' })
    const code = await page.evaluate(() =>
      auth.getTokenSilently({ cacheMode: 'off' }).catch((error: { code: string }) => error.code),
    )
    expect(code).toBe('login_required')
  },
)

test(
  'a login sends the requests that the protocol needs and no preflight',
  { tag: '@firefox' },
  async ({ page, pair, logIn }) => {
    await logIn(page)
    const seen = seenBy(pair)
    // What comes before the callback is in series; the keys are asked for in parallel with the token.
    expect(seen.slice(0, 3)).toEqual(['GET discovery', 'GET authorize', 'POST login'])
    expect(seen.slice(3).sort()).toEqual(['GET jwks', 'POST token'])
  },
)

// covers spec:verifier-with-code-only
test('a login sends its PKCE challenge, state and nonce, and the verifier only with the code', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page)
  const [authorize] = pair.control.requests({ endpoint: 'authorize' })
  const [token] = pair.control.requests({ endpoint: 'token' })
  const challenge = authorize?.parameters['code_challenge']
  expect(authorize?.parameters).toMatchObject({
    client_id: 'app',
    response_type: 'code',
    redirect_uri: `${pair.app.origin}/callback`,
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^\w+\.[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  })
  expect([...new Set(authorize?.names)]).toEqual(authorize?.names)
  expect(Object.keys(authorize?.parameters ?? {})).not.toContain('response_mode')
  expect(token?.parameters).toMatchObject({
    grant_type: 'authorization_code',
    redirect_uri: `${pair.app.origin}/callback`,
  })
  const verifier = token?.parameters['code_verifier'] ?? ''
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge)
  expect(authorize?.query).not.toContain(verifier)
})

test(
  'start goes to the page of the login by default, without a reload',
  { tag: '@firefox' },
  async ({ page, pair, logInToCallback }) => {
    await logInToCallback(page, { path: '/products?sort=price&q=a%20b#/list' })
    const boots = pair.app.boots.length
    const { before, after } = await page.evaluate(async () => {
      const before = history.length
      await auth.start()
      return { before, after: history.length }
    })
    expect(page.url()).toBe(`${pair.app.origin}/products?sort=price&q=a%20b#/list`)
    expect(after).toBe(before)
    expect(await statusOf(page)).toBe('authenticated')
    expect(pair.app.boots).toHaveLength(boots)
  },
)

test('a login goes to the returnTo that it was given, and gives its appState back', async ({
  page,
  pair,
  logInToCallback,
}) => {
  const appState = { cart: [1, 'two'], nested: { isNull: null } }
  await logInToCallback(page, { login: { returnTo: '/orders?id=5#items', appState } })
  const result = await page.evaluate(() => auth.handleRedirectCallback())
  expect(result).toMatchObject({
    appState,
    returnTo: `${pair.app.origin}/orders?id=5#items`,
    user: { sub: 'alice', email: 'alice@example.com' },
  })
})

test('a login with responseMode fragment is answered in the fragment', async ({
  page,
  pair,
  logInToCallback,
}) => {
  await logInToCallback(page, { path: '/products#top', responseMode: 'fragment' })
  expect(page.url()).toMatch(/\/callback#.*code=/)
  expect(pair.control.requests({ endpoint: 'authorize' })[0]?.parameters).toMatchObject({
    response_mode: 'fragment',
  })
  const { cleaned, snapshot } = await page.evaluate(async () => {
    const started = auth.start()
    const cleaned = location.href
    return { cleaned, snapshot: await started }
  })
  expect(cleaned).toBe(`${pair.app.origin}/callback`)
  expect(snapshot.status).toBe('authenticated')
  expect(page.url()).toBe(`${pair.app.origin}/products#top`)
  // The server never sees it.
  expect(pair.app.requests.filter(({ path }) => path.includes('code='))).toEqual([])
})

// covers fault:login-double-click
test('three logins at once make one navigation and one transaction', async ({
  page,
  pair,
  openApp,
}) => {
  await openApp(page)
  await page.evaluate(() => {
    for (const index of [1, 2, 3]) void auth.loginWithRedirect({ appState: { index } })
  })
  await expect(page.getByLabel('User name')).toBeVisible()
  expect(pair.control.requests({ endpoint: 'authorize' })).toHaveLength(1)
  await page.goto('/')
  const pending = await page.evaluate(() =>
    Object.entries(sessionStorage)
      .filter(([key]) => key.startsWith('sotto:transactions'))
      .map(([, value]) => JSON.parse(value as string) as { appState: unknown }[]),
  )
  expect(pending).toMatchObject([[{ appState: { index: 1 } }]])
})

test('a custom navigate is given the authorization request, and the login resolves with it', async ({
  page,
  pair,
  openApp,
  signIn,
  makeClient,
}) => {
  await openApp(page)
  const visited = await page.evaluate(async (issuer) => {
    const urls: URL[] = []
    const custom = sotto.createAuthClient({
      issuer,
      clientId: 'app',
      redirectUri: '/callback',
      navigate: (url) => void urls.push(url),
    })
    await Promise.all([custom.loginWithRedirect(), custom.loginWithRedirect()])
    return urls.map((url) => ({ isUrl: url instanceof URL, href: url.href }))
  }, pair.issuer)
  expect(visited).toEqual([
    { isUrl: true, href: expect.stringContaining(`${pair.issuer}/authorize?`) },
  ])
  expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
  expect(page.url()).toBe(`${pair.app.origin}/`)
  await page.goto(visited[0]?.href ?? '')
  await signIn(page)
  await arriveAtCallback(page)
  await makeClient(page)
  expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
})

// covers fault:login-back
test(
  'an app that the user goes back to from the login page can log in',
  { tag: '@firefox' },
  async ({ page, pair, openApp, makeClient, signIn }) => {
    await openApp(page, '/products')
    await page.evaluate(() => {
      const login = outcomeOf(auth.loginWithRedirect())
      Object.assign(globalThis, { settled: login.then(() => true) })
    })
    await expect(page.getByLabel('User name')).toBeVisible()
    if (await goBack(page)) {
      const settled = () => (globalThis as unknown as { settled: Promise<boolean> }).settled
      expect(await page.evaluate(settled)).toBe(true)
    } else await makeClient(page)
    expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'anonymous' })
    await page.evaluate(() => void auth.loginWithRedirect())
    await signIn(page)
    await arriveAtCallback(page)
    await makeClient(page)
    expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'authenticated' })
    expect(await addressOf(page)).toBe(`${pair.app.origin}/products`)
  },
)

// covers threat:open-redirect
test('refuses to return to another origin, before any request', async ({ page, pair, openApp }) => {
  await openApp(page)
  const targets = [
    pair.hostile.origin,
    `//${new URL(pair.hostile.origin).host}/`,
    `/\\${new URL(pair.hostile.origin).host}/`,
    `https://${new URL(pair.app.origin).host}/`,
    `${pair.app.origin}@hostile.localhost/`,
    `blob:${pair.app.origin}/00000000-0000-0000-0000-000000000000`,
    'javascript:alert(1)',
    'data:text/html,hello',
    'http://',
  ]
  const outcomes = await page.evaluate(
    (all) => Promise.all(all.map((returnTo) => outcomeOf(auth.loginWithRedirect({ returnTo })))),
    targets,
  )
  expect(outcomes).toEqual(targets.map(() => ({ code: 'return_to_invalid' })))
  expect(pair.control.requests()).toEqual([])
})

test('refuses a redirect URI on another origin at first use, before any request', async ({
  page,
  pair,
  openApp,
}) => {
  await openApp(page, '/', { redirectUri: `${pair.hostile.origin}/callback` })
  const outcomes = await page.evaluate(async () => [
    await outcomeOf(auth.loginWithRedirect()),
    // It rejects for nothing that a guard would wait for in vain.
    await auth.start().then((snapshot) => ({
      code: snapshot.status === 'error' && snapshot.error.code,
    })),
    await outcomeOf(auth.getTokenSilently()),
    await outcomeOf(auth.handleRedirectCallback()),
  ])
  expect(outcomes.map(({ code }) => code)).toEqual(outcomes.map(() => 'config_invalid'))
  expect(pair.control.requests()).toEqual([])
  expect(pair.hostile.requests).toEqual([])
})
