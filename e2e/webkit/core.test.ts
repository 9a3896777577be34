// The core list in WebKitGTK: what must hold in every engine. The whole list runs in Chromium and
// Firefox.
import assert from 'node:assert/strict'
import { CLIENT_ID, type Pair } from '../support/serve.ts'
import { requestsOf } from '../support/requests.ts'
import { serveStrippingApp } from '../support/silent-modes.ts'
import { testInWebKit } from './harness.ts'
import { type Browser, waitUntil } from './webdriver.ts'

interface ClientSettings {
  readonly issuer: string
  readonly clientId: string
  readonly onLoginRequired: 'throw' | 'redirect'
  readonly storage: 'memory' | 'localStorage'
}

/** Makes `window.auth` in the page. */
function createClient(
  browser: Browser,
  { issuer }: Pair,
  options: Partial<Pick<ClientSettings, 'onLoginRequired' | 'storage'>> = {},
): Promise<void> {
  const settings = { issuer, clientId: CLIENT_ID, onLoginRequired: 'throw', storage: 'memory' }
  return browser.evaluate(
    ({ storage, ...all }: ClientSettings) => {
      // A client that is left would share its session.
      globalThis.auth?.dispose()
      globalThis.auth = sotto.createAuthClient({
        ...all,
        redirectUri: '/callback',
        ...(storage === 'localStorage' && {
          tokenStorage: sotto.webStorage(() => localStorage),
        }),
      })
    },
    { ...settings, ...options } as ClientSettings,
  )
}

/** How a call ended: the code of its error, or its result. */
function getToken(browser: Browser, cacheMode: 'on' | 'off' = 'off'): Promise<string> {
  return browser.evaluate(
    (mode) =>
      auth
        .getTokenSilently({ cacheMode: mode })
        .catch((error: { code: string; reason?: string }) =>
          [error.code, error.reason].filter(Boolean).join(' '),
        ),
    cacheMode,
  )
}

const start = (browser: Browser) => browser.evaluate(() => auth.start())

/**
 * Logs in by redirect from a path of the app; the page is the app again, signed in, and the
 * server's log is empty.
 */
async function login(
  { browser, pair, openApp, appReady, signIn }: Parameters<Parameters<typeof testInWebKit>[2]>[0],
  { path = '/', ...options }: { path?: string; storage?: 'localStorage' } = {},
): Promise<void> {
  await openApp(path)
  await createClient(browser, pair, options)
  await browser.evaluate(() => void auth.loginWithRedirect())
  await waitUntil(async () => (await browser.url()).startsWith(pair.issuer))
  await signIn()
  await appReady()
  await createClient(browser, pair, options)
  assert.equal((await start(browser)).status, 'authenticated')
  assert.equal(await browser.url(), pair.app.origin + path)
  pair.control.clearRequests()
}

testInWebKit(
  'logs in by redirect, and comes back to where the login was begun',
  {},
  async (harness) => {
    const { browser } = harness
    await login(harness, { path: '/products?sort=price#top' })
    assert.match(await getToken(browser, 'on'), /^ey/)
    assert.equal((await browser.evaluate(() => auth.getUser()))?.sub, 'alice')
  },
)

testInWebKit('renews silently with one authorize and one token request', {}, async (harness) => {
  const { browser, pair } = harness
  await login(harness)
  const before = await getToken(browser, 'on')
  const after = await getToken(browser)
  assert.match(after, /^ey/)
  assert.notEqual(after, before)
  assert.deepEqual(requestsOf(pair), ['GET authorize', 'POST token'])
})

testInWebKit('restores the session silently after a reload', {}, async (harness) => {
  const { browser, pair, openApp } = harness
  await login(harness)
  await openApp()
  await createClient(browser, pair)
  const snapshot = await start(browser)
  assert.ok(snapshot.status === 'authenticated')
  assert.equal(snapshot.user.sub, 'alice')
})

testInWebKit(
  'finds the session in localStorage after a reload without a request',
  {},
  async (harness) => {
    const { browser, pair, openApp } = harness
    await login(harness, { storage: 'localStorage' })
    const before = await getToken(browser, 'on')
    await openApp()
    await createClient(browser, pair, { storage: 'localStorage' })
    assert.equal((await start(browser)).status, 'authenticated')
    assert.equal(await getToken(browser, 'on'), before)
    assert.deepEqual(requestsOf(pair), [])
  },
)

testInWebKit(
  'sends the user to log in when the session is over, and back to the same URL with a token',
  {},
  async (harness) => {
    const { browser, pair, openApp, appReady, signIn } = harness
    await login(harness, { path: '/orders?page=2#last' })
    pair.control.endSessions()
    await openApp('/orders?page=3#first')
    await createClient(browser, pair, { onLoginRequired: 'redirect' })
    await browser.evaluate(() => void auth.getTokenSilently())
    await waitUntil(async () => (await browser.url()).startsWith(pair.issuer))
    await signIn()
    await appReady()
    await createClient(browser, pair, { onLoginRequired: 'redirect' })
    await start(browser)
    assert.equal(await browser.url(), `${pair.app.origin}/orders?page=3#first`)
    pair.control.clearRequests()
    assert.match(await getToken(browser, 'on'), /^ey/)
    assert.deepEqual(requestsOf(pair), [])
  },
)

testInWebKit('logs out in another tab too, and stays so after a reload', {}, async (harness) => {
  const { browser, pair, openApp } = harness
  await login(harness)
  const first = await browser.currentTab()
  const second = await browser.openTab()
  await openApp()
  await createClient(browser, pair)
  assert.equal((await start(browser)).status, 'authenticated')
  await browser.evaluate(() => auth.logout({ localOnly: true }))
  await browser.switchTo(first)
  await waitUntil(
    async () => (await browser.evaluate(() => auth.getSnapshot().status)) === 'anonymous',
    2000,
  )
  assert.equal(await getToken(browser), 'logged_out')
  await browser.switchTo(second)
  pair.control.clearRequests()
  await openApp()
  await createClient(browser, pair)
  assert.equal((await start(browser)).status, 'anonymous')
  assert.deepEqual(requestsOf(pair), [])
})

testInWebKit('refuses an answer with another state, and asks for no token', {}, async (harness) => {
  const { browser, pair } = harness
  await login(harness)
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant: 'wrongState' })
  assert.equal(await getToken(browser), 'state_mismatch')
  assert.deepEqual(requestsOf(pair), ['GET authorize'])
})

testInWebKit(
  'takes the answer of a server that ignores response_mode, and no app is loaded in the frame',
  {},
  async (harness) => {
    const { browser, pair } = harness
    await login(harness)
    pair.control.addFault({ endpoint: 'authorize', name: 'responseModeIgnored' })
    assert.match(await getToken(browser), /^ey/)
    assert.deepEqual(requestsOf(pair), ['GET authorize', 'POST token'])
  },
)

testInWebKit(
  'takes an answer in the address from a frame without scripts, and the app there neither starts nor strips it',
  {},
  async (harness) => {
    const { browser, pair } = harness
    await login(harness)
    serveStrippingApp(pair)
    const boots = pair.app.boots.length
    for (const responseMode of ['query', 'fragment'] as const) {
      const answer = await browser.evaluate(
        async (client, mode) =>
          sotto
            .createAuthClient({
              ...client,
              redirectUri: '/callback',
              renewal: [sotto.silentIframe({ responseMode: mode })],
            })
            .getTokenSilently({ cacheMode: 'off' })
            .catch((error: { code: string }) => error.code),
        { issuer: pair.issuer, clientId: CLIENT_ID },
        responseMode,
      )
      assert.match(answer, /^ey/)
    }
    assert.equal(pair.app.boots.length, boots)
  },
)

testInWebKit("says at once that the page's policy blocks the frame", {}, async (harness) => {
  const { browser, pair, openApp } = harness
  pair.app.respondWith('/', { headers: { 'content-security-policy': "frame-src 'self'" } })
  await openApp()
  await createClient(browser, pair)
  await start(browser)
  const [answer, directive, ms] = await browser.evaluate(async () => {
    const begun = performance.now()
    return auth.getTokenSilently({ cacheMode: 'off' }).then(
      () => ['', '', 0] as const,
      ({ code, reason, evidence }: Record<string, unknown>) =>
        [
          `${String(code)} ${String(reason)}`,
          (evidence as { readonly directive: string }).directive,
          performance.now() - begun,
        ] as const,
    )
  })
  assert.equal(answer, 'silent_blocked csp')
  assert.equal(directive, 'frame-src')
  assert.ok(ms < 1000, `took ${ms} ms`)
})

testInWebKit(
  'says login_required where third-party cookies do not reach the frame, although the user is signed in',
  { pairKind: 'cross-site' },
  async (harness) => {
    const { browser, pair } = harness
    await login(harness)
    assert.equal(await getToken(browser), 'login_required cookies_blocked_suspected')
    assert.deepEqual(requestsOf(pair), ['GET authorize'])
    assert.match(await getToken(browser, 'on'), /^ey/)
  },
)
