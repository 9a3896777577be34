// What only a browser shows of logins that somebody interferes with: foreign frames, other tabs,
// what is left behind.
import { arriveAtCallback, expect, statusOf, test } from './support/app-test.ts'
import { CLIENT_ID } from './support/serve.ts'

// covers threat:framing-site fault:callback-framed fault:storage-partitioned
test(
  'a callback in the frame of a foreign page, or in another tab, costs nothing and tells nobody',
  { tag: '@core' },
  async ({ page, pair, context, openApp, makeClient, logInToCallback }) => {
    await logInToCallback(page, { login: { appState: 'mine' } })
    const callback = page.url()
    const [tag] = new URL(callback).searchParams.get('state')!.split('.')
    const forged = `${pair.app.origin}/callback?${new URLSearchParams({ code: 'stolen', state: `${tag}.${'A'.repeat(43)}`, iss: pair.issuer })}`
    pair.control.clearRequests()

    const other = await context.newPage()
    await openApp(other, callback)
    const there = await other.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
    expect(there).toEqual({ code: 'state_unknown' })
    await other.close()

    await page.goto(pair.hostile.origin)
    await page.evaluate((src) => {
      globalThis.posted = []
      addEventListener('message', ({ data }) => globalThis.posted.push(data))
      const frame = document.createElement('iframe')
      frame.src = src
      document.body.append(frame)
    }, forged)
    await expect.poll(() => page.frames().length).toBe(2)
    const framed = page.frames()[1]!
    await framed.waitForFunction(() => 'sotto' in globalThis)
    const inside = await framed.evaluate(
      async ([issuer, clientId]) => {
        const auth = sotto.createAuthClient({ issuer, clientId, redirectUri: '/callback' })
        const error = await auth
          .handleRedirectCallback()
          .catch((reason: { code: string }) => reason)
        const silent = await auth.getTokenSilently().catch(({ code }: { code: string }) => code)
        return { code: 'code' in error && error.code, search: location.search, silent }
      },
      [pair.issuer, CLIENT_ID] as const,
    )
    // A frame of another site has neither the storage nor the cookies of the page itself.
    expect(inside).toEqual({ code: 'state_unknown', search: '', silent: 'login_required' })
    expect(await page.evaluate(() => globalThis.posted)).toEqual([])
    expect(pair.control.requests({ endpoint: 'token' })).toEqual([])

    await page.goto(callback)
    await makeClient(page)
    const finished = await page.evaluate(() => outcomeOf(auth.handleRedirectCallback()))
    expect(finished.value).toMatchObject({ appState: 'mine' })
  },
)

// covers threat:talking-addresses fault:storage-secrets fault:performance-entries
test(
  'nothing secret is left where a script of the page could find it',
  { tag: '@core' },
  async ({ page, pair, logIn }) => {
    await logIn(page)
    const tokens = await page.evaluate(async () => [
      await auth.getTokenSilently(),
      await auth.getTokenSilently({ cacheMode: 'off' }),
      (await auth.getIdToken())!.token,
    ])
    const sent = pair.control
      .requests({ endpoint: 'token' })
      .flatMap(({ parameters }) => [parameters['code']!, parameters['code_verifier']!])
    expect(sent).toHaveLength(4)
    const found = await page.evaluate(async () => ({
      stored: [localStorage, sessionStorage].map((storage) => Object.entries(storage)),
      cookie: document.cookie,
      caches: await caches.keys(),
      databases: (await indexedDB.databases()).map(({ name }) => name),
      address: location.href,
      history: history.state as unknown,
      html: document.documentElement.outerHTML,
      client: JSON.stringify(auth),
      // The page's own address, as it was loaded, is the browser's to remember.
      timing: performance.getEntriesByType('resource').map(({ name }) => name),
      marks: performance.getEntries().filter(({ entryType }) => /^(mark|measure)$/.test(entryType)),
    }))
    expect(found.timing.join()).toContain(pair.issuer)
    expect(found).toMatchObject({ caches: [], databases: [], cookie: '', marks: [] })
    const text = JSON.stringify(found)
    for (const secret of [...tokens, ...sent]) expect(text).not.toContain(secret)
  },
)

// covers threat:hostile-server fault:metadata-endpoint fault:metadata-end-session
test('a script in the place of an endpoint is not run, by a login or by a logout', async ({
  page,
  pair,
  openApp,
  logIn,
}) => {
  await openApp(page)
  const script = 'javascript:void(globalThis.ran=1)'
  const outcomes = await page.evaluate(
    async ([issuer, clientId, run]) => {
      const endpoints = { token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }
      const values = [run, `data:text/html,<script>${run}</script>`, `blob:${issuer}/x`, ` ${run}`]
      return Promise.all(
        values.map((authorization_endpoint, index) =>
          outcomeOf(
            sotto
              .createAuthClient({
                issuer,
                // Clients with the same one share what was said first.
                clientId: `${clientId}-${index}`,
                redirectUri: '/callback',
                metadata: { issuer, ...endpoints, authorization_endpoint },
              })
              .loginWithRedirect(),
          ),
        ),
      )
    },
    [pair.issuer, CLIENT_ID, script] as const,
  )
  expect(outcomes).toEqual(outcomes.map(() => ({ code: 'discovery_invalid' })))
  expect(outcomes).toHaveLength(4)

  const set = { end_session_endpoint: script }
  pair.control.addFault({ endpoint: 'discovery', name: 'metadata', set })
  await logIn(page)
  const address = page.url()
  await page.evaluate(() => auth.logout())
  expect(await statusOf(page)).toBe('anonymous')
  expect(page.url()).toBe(address)
  expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false)
})

// covers fault:frame-no-origin
test(
  'a page without an origin says what it cannot do, and leaves for nowhere',
  { tag: '@core' },
  async ({ page, pair }) => {
    // As a sandboxed frame: everything that is kept for an origin is barred.
    pair.app.respondWith('/', {
      headers: {
        'content-type': 'text/html',
        'content-security-policy': 'sandbox allow-scripts allow-forms',
      },
      body: '<!doctype html><script>onerror = (text) => (window.failed = text)</script><body></body>',
    })
    await page.goto('/')
    await page.addScriptTag({ path: 'dist/sotto.min.js' })
    const outcome = await page.evaluate(
      async ([issuer, clientId]) => {
        const auth = sotto.createAuthClient({ issuer, clientId, redirectUri: '/callback' })
        const warnings: string[] = []
        auth.on('warning', ({ code, reason }) => warnings.push(`${code} ${reason}`))
        const codeOf = (work: Promise<unknown>) =>
          work.then(
            () => 'none',
            (error: { code?: string; reason?: string }) => `${error.code} ${error.reason}`,
          )
        return {
          origin: self.origin,
          silent: await codeOf(auth.getTokenSilently()),
          login: await codeOf(auth.loginWithRedirect()),
          logout: await codeOf(auth.logout({ localOnly: true })),
          warnings,
        }
      },
      [pair.issuer, CLIENT_ID] as const,
    )
    expect(outcome).toEqual({
      origin: 'null',
      silent: 'silent_blocked no_answer',
      login: 'storage_unavailable transactionStorage',
      logout: 'none',
      warnings: [],
    })
    expect(page.url()).toBe(`${pair.app.origin}/`)
  },
)

// covers spec:fresh-secrets fault:callback-two-logins
test('two logins in two tabs end in the reverse order, each with its own state', async ({
  page,
  context,
  openApp,
  makeClient,
  logInToCallback,
}) => {
  await logInToCallback(page, { login: { appState: 1 } })
  const other = await context.newPage()
  await openApp(other)
  // The server knows the user by now, and asks for nothing.
  await other.evaluate(() => void auth.loginWithRedirect({ appState: 2 }))
  await arriveAtCallback(other)
  await makeClient(other)
  const finish = () => outcomeOf(auth.handleRedirectCallback())
  expect((await other.evaluate(finish)).value).toMatchObject({ appState: 2 })
  await other.close()
  expect((await page.evaluate(finish)).value).toMatchObject({ appState: 1 })
})

declare global {
  /** What a foreign page was sent. */
  var posted: unknown[]
}
