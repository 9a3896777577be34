// Silent authentication without `web_message`: the server redirects the frame to our own origin,
// where its address is read.
import type { SilentIframeOptions } from 'sotto'
import { CLIENT_ID } from './support/serve.ts'
import { askInPage, serveCallbackPage, serveStrippingApp, test } from './support/silent-modes.ts'
import { countAuthorize, expect, requestsOf } from './support/signed-in.ts'
import { failQuickly, KNOWN_HERE_MS, SIGNALLED_MS } from './support/time-to-failure.ts'

const html = { 'content-type': 'text/html; charset=utf-8' }

/** Long before the deadline of 10 s. */
const EARLY_MS = 6000

for (const responseMode of ['query', 'fragment'] as const) {
  test(`takes the ${responseMode} of the ordinary redirect URI, and the app there neither starts nor strips it`, async ({
    page,
    pair,
    ask,
  }) => {
    serveStrippingApp(pair)
    await page.route('**/never.svg', () => {})
    // The address is looked at rarely, so that an app that could run would have the time to strip
    // it.
    await page.addInitScript(() => {
      const { setInterval } = window
      Object.assign(window, { setInterval: (look: () => void) => setInterval(look, 700) })
    })
    const outcome = await ask({ responseMode })
    expect(outcome.value).toMatch(/^ey/)
    expect(pair.app.boots).toEqual([{ framed: false, path: '/' }])
    const [asked] = pair.control.requests({ endpoint: 'authorize' })
    expect(asked?.parameters['response_mode']).toBe(
      responseMode === 'query' ? undefined : responseMode,
    )
    expect(await page.evaluate(() => countOpen())).toMatchObject({ frames: 0, timers: 0 })
  })
}

test('a frame at the ordinary redirect URI is told of once, and one at an empty file never', async ({
  page,
  pair,
  addSession,
}) => {
  pair.app.respondWith('/silent.html', { headers: html, body: '' })
  await addSession()
  const warningsOf = (options: SilentIframeOptions) =>
    page.evaluate(
      async ([client, options]) => {
        const auth = sotto.createAuthClient({ ...client, renewal: [sotto.silentIframe(options)] })
        const warnings: unknown[] = []
        auth.on('warning', (warning) => warnings.push(warning))
        for (const _ of [1, 2]) await auth.getTokenSilently({ cacheMode: 'off' })
        auth.dispose()
        return warnings
      },
      [{ issuer: pair.issuer, clientId: CLIENT_ID, redirectUri: '/callback' }, options] as const,
    )
  await page.goto('/')
  expect(await warningsOf({ responseMode: 'fragment', callbackUri: '/silent.html' })).toEqual([])
  expect(await warningsOf({ responseMode: 'web_message' })).toEqual([])
  expect(await warningsOf({ responseMode: 'fragment' })).toEqual([
    { code: 'callback_uri_missing', reason: 'fragment' },
  ])
})

// covers threat:page-in-the-frame spec:no-script-in-redirect-modes
test('the frame of a redirect mode runs no scripts, and that of a message mode does', async ({
  page,
  pair,
  ask,
}) => {
  pair.control.addFault({ endpoint: 'authorize', name: 'hang', times: 2 })
  const sandboxes = await Promise.all([
    page
      .waitForFunction(() => document.querySelector('iframe')?.getAttribute('sandbox'))
      .then((handle) => handle.jsonValue()),
    ask({ responseMode: 'query', timeoutMs: 1000 }),
  ])
  expect(sandboxes[0]).toBe('allow-same-origin')
})

for (const [what, response] of [
  ['an empty file', { headers: html, body: '' }],
  ['nothing but a page with status 404', { status: 404, headers: html, body: 'Not found' }],
] as const) {
  test(`takes the response at a callbackUri where there is ${what}`, async ({ pair, ask }) => {
    pair.app.respondWith('/silent.html', response)
    const outcome = await ask({ responseMode: 'fragment', callbackUri: '/silent.html' })
    expect(outcome.value).toMatch(/^ey/)
    const requests = pair.control.requests()
    const redirectUris = requests.flatMap(({ parameters }) => parameters['redirect_uri'] ?? [])
    expect(redirectUris).toEqual([0, 1].map(() => `${pair.app.origin}/silent.html`))
  })
}

test('takes login_required from the address', async ({ page, pair, createClient }) => {
  await page.goto('/')
  await createClient(page)
  const options = { responseMode: 'query' } as const
  const asking = { issuer: pair.issuer, clientId: CLIENT_ID, options }
  const outcome = await page.evaluate(askInPage, asking)
  expect(outcome).toMatchObject({ code: 'login_required' })
  expect(requestsOf(pair)).not.toContain('POST token')
})

for (const [what, set, code] of [
  ['another state', { state: 'some.other' }, 'state_mismatch'],
  ['another issuer', { iss: 'https://login.hostile.example' }, 'issuer_mismatch'],
  ['an access token', { access_token: 'x' }, 'callback_invalid'],
] as const) {
  // covers spec:own-response-in-frame fault:frame-other-page-of-app
  test(`refuses an address with ${what}, and asks for no token`, async ({ pair, ask }) => {
    pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', set })
    const outcome = await ask({ responseMode: 'fragment' })
    expect(outcome).toMatchObject({ code })
    expect(outcome.ms).toBeLessThan(EARLY_MS)
    expect(requestsOf(pair)).not.toContain('POST token')
  })
}

// covers spec:own-response-in-frame fault:frame-other-page-of-app
test('takes no response from another page of our origin', async ({ pair, ask }) => {
  pair.app.respondWith('/callback', { status: 302, headers: { location: '/other' } })
  pair.app.respondWith('/other', { headers: html, body: '' })
  const outcome = await ask({ responseMode: 'fragment' })
  expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
  expect(requestsOf(pair)).not.toContain('POST token')
})

test('says early that there is no answer where the page at the redirect URI forbids framing', async ({
  page,
  pair,
  ask,
}) => {
  await ask({ responseMode: 'query' })
  pair.app.respondWith('/callback', { headers: { 'x-frame-options': 'DENY' } })
  const outcome = await failQuickly(page, SIGNALLED_MS)
  expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
  expect(outcome.evidence).toMatchObject({ loads: 1, messagesIgnored: 0 })
  expect(outcome.ms).toBeLessThan(SIGNALLED_MS)
})

for (const responseMode of ['query', 'fragment'] as const) {
  test(`says at once that the page's policy has no place for its own origin, with ${responseMode}`, async ({
    page,
    pair,
    ask,
  }) => {
    const policy = { 'content-security-policy': `frame-src ${pair.issuer}` }
    pair.app.respondWith('/', { headers: policy })
    await ask({ responseMode })
    const outcome = await failQuickly(page, KNOWN_HERE_MS)
    expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'csp' })
    expect(outcome.evidence).toMatchObject({ directive: 'frame-src' })
    expect(JSON.stringify(outcome)).not.toMatch(/code=|state=/)
    expect(outcome.ms).toBeLessThan(KNOWN_HERE_MS)
  })
}

test.describe('a server that lists other modes and not web_message', () => {
  test.use({ serverOptions: { responseModes: ['query', 'fragment'] } })

  test('is asked for the fragment without being told', async ({ pair, ask }) => {
    serveStrippingApp(pair)
    expect((await ask({})).value).toMatch(/^ey/)
    const [asked] = pair.control.requests({ endpoint: 'authorize' })
    expect(asked?.parameters['response_mode']).toBe('fragment')
  })
})

test.describe('a server that redirects by script', () => {
  test.beforeEach(({ pair }) => {
    pair.control.addFault({ endpoint: 'authorize', name: 'scriptedRedirect' })
  })

  test('gives no answer in a frame without scripts', async ({ pair, ask }) => {
    const outcome = await ask({ responseMode: 'query', callbackUri: '/silent.html' })
    expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
    expect(requestsOf(pair)).not.toContain('POST token')
  })

  for (const responseMode of ['query', 'fragment'] as const) {
    test(`is answered for by a message of the callback page, under a strict policy, with ${responseMode}`, async ({
      page,
      pair,
      ask,
    }) => {
      const hash = /'sha256-[^']+'/.exec(serveCallbackPage(pair))![0]
      const policy = `default-src 'none'; script-src ${hash}; frame-ancestors 'self'`
      serveCallbackPage(pair, { 'content-security-policy': policy })
      // The address is not looked at before `load`, and by then the page has cleared it.
      await page.addInitScript(() => Object.assign(window, { setInterval: () => 0 }))
      const options = { responseMode, callbackUri: '/silent.html', allowScripts: true }
      expect((await ask(options)).value).toMatch(/^ey/)
      expect(countAuthorize(pair)).toBe(1)
    })
  }

  test('is refused with another state', async ({ pair, ask }) => {
    serveCallbackPage(pair)
    const set = { state: 'some.other' }
    pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', set })
    const callbackUri = '/silent.html'
    const outcome = await ask({ responseMode: 'query', callbackUri, allowScripts: true })
    expect(outcome).toMatchObject({ code: 'state_mismatch' })
    expect(requestsOf(pair)).not.toContain('POST token')
  })
})

test.describe("Okta's message", () => {
  test.use({ serverOptions: { responseModes: ['query', 'fragment', 'okta_post_message'] } })

  test('is taken where it is configured, although the server promises an issuer', async ({
    pair,
    ask,
  }) => {
    const outcome = await ask({ responseMode: 'okta_post_message' })
    expect(outcome.value).toMatch(/^ey/)
    expect(countAuthorize(pair)).toBe(1)
    const redirected = { endpoint: 'authorize', name: 'authorizationResponse' } as const
    // Only the message has no room for it.
    pair.control.addFault({ ...redirected, remove: ['iss'] })
    pair.control.addFault({ endpoint: 'authorize', name: 'responseModeIgnored' })
    expect(await ask({ responseMode: 'okta_post_message' })).toMatchObject({
      code: 'issuer_mismatch',
    })
  })

  for (const [what, set, code] of [
    ['another state', { state: 'some.other' }, 'state_mismatch'],
    ['tokens', { access_token: 'x', id_token: 'x' }, 'callback_invalid'],
  ] as const) {
    test(`is refused with ${what}`, async ({ pair, ask }) => {
      pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', set })
      expect(await ask({ responseMode: 'okta_post_message' })).toMatchObject({ code })
      expect(requestsOf(pair)).not.toContain('POST token')
    })
  }
})

test('ignores a flat message without a type where web_message was asked for, and counts it', async ({
  pair,
  ask,
}) => {
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant: 'flat' })
  const outcome = await ask({ responseMode: 'web_message' })
  expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
  expect(outcome.evidence).toMatchObject({ loads: 1, messagesIgnored: 1 })
})

// covers threat:framing-site spec:callback-page-origin fault:frame-foreign-framing
test('the callback page tells nobody of another origin, and clears its address', async ({
  page,
  pair,
}) => {
  expect(serveCallbackPage(pair).length).toBeLessThan(1000)
  const address = `${pair.app.origin}/silent.html?code=some-code&state=some-state`
  await page.goto(pair.hostile.origin)
  const popup = page.waitForEvent('popup')
  const heard = await page.evaluate(async (src) => {
    const data: unknown[] = []
    addEventListener('message', (event) => data.push(event.data))
    const frame = document.createElement('iframe')
    frame.dataset['test'] = ''
    frame.setAttribute('data-sotto', '')
    frame.src = src
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    document.body.append(frame)
    await loaded
    open(src, 'sotto')
    // What is posted now arrives after whatever the page has posted.
    await new Promise((resolve) => setTimeout(resolve, 500))
    postMessage('the listener hears')
    await new Promise((resolve) => setTimeout(resolve, 100))
    return data
  }, address)
  expect(heard).toEqual(['the listener hears'])
  const opened = await popup
  await opened.waitForURL(`${pair.app.origin}/silent.html`)
  const framed = page.frames().find((frame) => frame !== page.mainFrame())
  expect(framed?.url()).toBe(`${pair.app.origin}/silent.html`)
  expect(countAuthorize(pair)).toBe(0)
})

// covers fault:frame-offline
test('says offline where the device is and the frame gave no answer, and works again after', async ({
  page,
  pair,
  context,
  openSignedIn,
}) => {
  await openSignedIn()
  await context.setOffline(true)
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'network_error', reason: 'offline' })
  // Not the whole time that a server is given.
  expect(outcome.ms).toBeLessThan(9000)
  expect(await page.locator('iframe').count()).toBe(0)
  expect(countAuthorize(pair)).toBe(0)
  await context.setOffline(false)
  expect(await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))).toMatch(/^ey/)
})
