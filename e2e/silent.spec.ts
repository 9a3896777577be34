import { countAuthorize, expect, ONE_RENEWAL, requestsOf, test } from './support/signed-in.ts'

const HOUR_MS = 3_600_000

test(
  'renews an hour later with one authorize and one token request, and asks for nothing else',
  { tag: '@firefox' },
  async ({ page, pair, openSignedIn }) => {
    await page.clock.install()
    await openSignedIn()
    const token = await page.evaluate(() => auth.getTokenSilently())
    expect(requestsOf(pair)).toEqual([])
    pair.control.advanceClock({ seconds: HOUR_MS / 1000 })
    await page.clock.fastForward(HOUR_MS)
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently()))
    expect(outcome.value).toMatch(/^ey/)
    expect(outcome.value).not.toBe(token)
    expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
  },
)

test.describe('tokens that live for two seconds', () => {
  test.use({ serverOptions: { accessTokenSeconds: 2 } })

  test('are answered from the cache until shortly before they end, and then renewed', async ({
    page,
    pair,
    openSignedIn,
  }) => {
    await openSignedIn()
    await page.evaluate(() => auth.getTokenSilently())
    expect(requestsOf(pair)).toEqual([])
    await page.waitForTimeout(2000)
    await page.evaluate(() => auth.getTokenSilently())
    expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
  })
})

// covers fault:discarded
test(
  'restores the session silently after a reload',
  { tag: '@firefox' },
  async ({ page, pair, openSignedIn, createClient }) => {
    await openSignedIn()
    await page.reload()
    await createClient(page)
    const snapshot = await page.evaluate(() => auth.start())
    expect(snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
    expect(requestsOf(pair).filter((request) => !/jwks|discovery/.test(request))).toEqual(
      ONE_RENEWAL,
    )
  },
)

// covers fault:silent-hint-required
test('a server that refuses a silent request without a hint is sent one, from then on at once', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.addFault({ endpoint: 'authorize', name: 'hintRequired' })
  const hints = () =>
    pair.control
      .requests({ endpoint: 'authorize' })
      .map(({ parameters }) => parameters['id_token_hint'])
  pair.control.clearRequests()
  const { token } = (await page.evaluate(() => auth.getIdToken()))!
  const renew = () => page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
  expect(await renew()).toMatch(/^ey/)
  expect(hints()).toEqual([undefined, token])
  expect(await renew()).toMatch(/^ey/)
  expect(hints()).toHaveLength(3)
  expect(hints()[2]).toMatch(/^ey/)
})

test('a refusal of the token endpoint is no reason to send a hint', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_request' })
  pair.control.clearRequests()
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'token_error' })
  expect(countAuthorize(pair)).toBe(1)
})

test(
  'says login_required when the session at the server is over',
  { tag: '@firefox' },
  async ({ page, pair, openSignedIn }) => {
    await openSignedIn()
    pair.control.endSessions()
    const { code } = await page.evaluate(() => settle(auth.getTokenSilently({ audience: 'other' })))
    expect(code).toBe('login_required')
    expect(requestsOf(pair)).toEqual(['GET authorize'])
  },
)

test(
  'asks in a sandboxed frame that nobody sees and that is displayed all the same',
  { tag: '@firefox' },
  async ({ page, pair, openSignedIn }) => {
    await openSignedIn()
    pair.control.setLatency({ endpoint: 'authorize', ms: 1000 })
    const frame = await page.evaluate(async () => {
      const asked = auth.getTokenSilently({ cacheMode: 'off' })
      while (!document.querySelector('iframe'))
        await new Promise((resolve) => setTimeout(resolve, 5))
      const element = document.querySelector('iframe')!
      const { display, visibility } = getComputedStyle(element)
      const { width, height } = element.getBoundingClientRect()
      const sandbox = element.getAttribute('sandbox')
      await asked
      return { display, visibility, width, height, sandbox }
    })
    expect(frame.display).not.toBe('none')
    expect(frame).toMatchObject({
      visibility: 'hidden',
      width: 0,
      height: 0,
      sandbox: 'allow-scripts allow-same-origin allow-forms',
    })
  },
)

// covers fault:frame-no-body
test(
  'asks from a script in the head of a page that has no body yet',
  { tag: '@firefox' },
  async ({ page, pair, addSession }) => {
    await addSession()
    const options = JSON.stringify({
      issuer: pair.issuer,
      clientId: 'app',
      redirectUri: '/callback',
    })
    pair.app.respondWith('/head', {
      headers: { 'content-type': 'text/html' },
      body: `<!doctype html><script>
        import('/sotto.js').then(async ({ createAuthClient }) => {
          const token = await createAuthClient(${options}).getTokenSilently()
          globalThis.answer = { token, hasBody: document.body !== null }
        })
      </script><script src="/slow.js"></script><body>Test app`,
    })
    let goOn = () => {}
    const blocked = new Promise<void>((resolve) => (goOn = resolve))
    await page.route('**/slow.js', async (route) => {
      await blocked
      await route.fulfill({ contentType: 'text/javascript', body: '' })
    })
    await page.goto('/head', { waitUntil: 'commit' })
    await expect
      .poll(() => page.evaluate(() => (globalThis as { answer?: unknown }).answer))
      .toEqual({ token: expect.stringMatching(/^ey/) as unknown, hasBody: false })
    goOn()
  },
)

test('does not ask again for five seconds after login_required, unless told to', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await page.clock.install()
  await openSignedIn()
  pair.control.endSessions()
  const ask = (cacheMode: 'on' | 'off') =>
    page.evaluate(
      (mode) => settle(auth.getTokenSilently({ audience: 'other', cacheMode: mode })),
      cacheMode,
    )
  expect(await ask('on')).toMatchObject({ code: 'login_required' })
  expect(await ask('on')).toMatchObject({ code: 'login_required' })
  expect(countAuthorize(pair)).toBe(1)
  expect(await ask('off')).toMatchObject({ code: 'login_required' })
  expect(countAuthorize(pair)).toBe(2)
  await page.clock.fastForward(5100)
  expect(await ask('on')).toMatchObject({ code: 'login_required' })
  expect(countAuthorize(pair)).toBe(3)
})

test.describe('where third-party cookies are blocked', () => {
  test.use({ pairKind: 'cross-site' })

  test(
    'says login_required although the user is signed in at the server',
    { tag: '@firefox' },
    async ({ page, pair, addSession, createClient }) => {
      await addSession()
      await page.goto('/')
      await createClient(page)
      expect(await page.evaluate(() => auth.start())).toEqual({ status: 'anonymous' })
      const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
      expect(outcome).toMatchObject({ code: 'login_required' })
      expect(requestsOf(pair)).not.toContain('POST token')
    },
  )

  test(
    'keeps the session of an interactive login while its token lives',
    { tag: '@firefox' },
    async ({ page, pair, createClient, signIn }) => {
      await page.goto('/')
      await createClient(page)
      await page.evaluate(() => void auth.loginWithRedirect())
      await signIn(page)
      await page.waitForURL('**/callback?**')
      await createClient(page)
      await page.evaluate(() => auth.start())
      pair.control.clearRequests()
      const renewal = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
      expect(renewal).toMatchObject({ code: 'login_required' })
      expect(requestsOf(pair)).toEqual(['GET authorize'])
      expect(await page.evaluate(() => auth.getSnapshot())).toMatchObject({
        status: 'authenticated',
      })
      expect(await page.evaluate(() => auth.getTokenSilently())).toMatch(/^ey/)
    },
  )
})

test.describe('where third-party cookies are allowed', () => {
  test.use({ pairKind: 'cross-site-https', thirdPartyCookies: 'allowed' })

  test('restores the session of a server on another site', async ({
    page,
    pair,
    addSession,
    createClient,
  }) => {
    await addSession()
    await page.goto('/')
    await createClient(page)
    const snapshot = await page.evaluate(() => auth.start())
    expect(snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
    expect(countAuthorize(pair)).toBe(1)
  })
})
