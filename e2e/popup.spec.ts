// Logins and tokens by popup, in the ways in which a popup and its page can stand to each other.
import {
  addServerPolicy,
  expect,
  outcomeIn,
  serveStartingApp,
  signInThere,
  test,
} from './support/popup.ts'
import { CLIENT_ID } from './support/serve.ts'
import { serveCallbackPage } from './support/silent-modes.ts'

const html = { 'content-type': 'text/html' }
const ALICE = { value: { user: { sub: 'alice' } } }
const OPENER_POLICY = { 'cross-origin-opener-policy': 'same-origin' }

test(
  'logs in by popup, signs in all tabs, and leaves nothing behind',
  { tag: '@firefox' },
  async ({ page, context, pair, openApp, createClient, beginLogin }) => {
    await openApp()
    const other = await context.newPage()
    await other.goto('/')
    await createClient(other)
    await other.evaluate(() => auth.start())
    await page.evaluate(() => auth.isAuthenticated())
    const count = () =>
      page.evaluate(() => {
        const { listeners, timers, frames } = countOpen()
        return { timers, frames, listeners: listeners.filter((type) => /message|hide/.test(type)) }
      })
    const before = await count()
    pair.control.clearRequests()
    const popup = await beginLogin({ appState: { cart: 3 } })
    await signInThere(popup)
    const value = { user: { sub: 'alice' }, appState: { cart: 3 } }
    expect(await outcomeIn(page)).toMatchObject({ value })
    expect(await page.evaluate(() => auth.getSnapshot())).toMatchObject({
      status: 'authenticated',
      user: { sub: 'alice' },
    })
    const cached = () => auth.getTokenSilently({ cacheMode: 'cache-only' })
    expect(await page.evaluate(cached)).toMatch(/^ey/)
    expect(await count()).toEqual(before)
    await expect.poll(() => other.evaluate(() => auth.getSnapshot().status)).toBe('authenticated')
    const [asked] = pair.control.requests({ endpoint: 'authorize' })
    expect(asked?.parameters).not.toHaveProperty('prompt')
  },
)

for (const responseMode of ['query', 'fragment'] as const)
  test(`the app at the ordinary redirect URI hands the ${responseMode} over`, async ({
    page,
    pair,
    openApp,
    beginLogin,
  }) => {
    serveStartingApp(pair)
    await openApp()
    const popup = await beginLogin({ redirectUri: '/callback', responseMode })
    await signInThere(popup)
    expect(await outcomeIn(page)).toMatchObject(ALICE)
    expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
  })

for (const [whose, { ofApp, ofServer }] of Object.entries({
  'of the app': { ofApp: true, ofServer: false },
  'of the server': { ofApp: false, ofServer: true },
  'of both': { ofApp: true, ofServer: true },
}))
  for (const redirectUri of ['/silent.html', '/callback'])
    // covers fault:popup-cut-off
    test(`a Cross-Origin-Opener-Policy ${whose} is no obstacle, with the redirect URI ${redirectUri}`, async ({
      page,
      pair,
      openApp,
      beginLogin,
    }) => {
      const headers = ofApp ? OPENER_POLICY : {}
      pair.app.respondWith('/', { headers })
      serveStartingApp(pair, headers)
      if (ofServer) addServerPolicy(pair)
      await openApp()
      serveCallbackPage(pair, headers)
      await page.evaluate(() => {
        globalThis.isFocused = false
      })
      const popup = await beginLogin({ redirectUri })
      await popup.getByLabel('User name').waitFor()
      expect(await page.evaluate(() => handles[0]?.closed)).toBe(true)
      // Longer than a popup that was closed is waited for.
      await popup.waitForTimeout(1500)
      await signInThere(popup)
      expect(await outcomeIn(page)).toMatchObject(ALICE)
    })

// covers fault:popup-in-foreign-frame
test('works from a page in a frame of another site, where channels are of no use', async ({
  page,
  pair,
  openApp,
}) => {
  await openApp()
  const src = `${pair.app.origin}/`
  pair.hostile.respondWith('/tab', { headers: html, body: `<iframe data-test src="${src}">` })
  await page.goto(`${pair.hostile.origin}/tab`)
  const frame = page.frame({ url: src })!
  await frame.waitForFunction(() => 'sotto' in globalThis)
  const client = { issuer: pair.issuer, clientId: CLIENT_ID, redirectUri: '/callback' }
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    frame.evaluate((options) => {
      globalThis.auth = sotto.createAuthClient(options)
      // As where a browser keeps channels of framed pages apart.
      Object.assign(globalThis, { BroadcastChannel: undefined })
      pending = settle(sotto.loginWithPopup(auth, { redirectUri: '/silent.html' }))
    }, client),
  ])
  await signInThere(popup)
  expect(await frame.evaluate(() => pending)).toMatchObject(ALICE)
})

test('gets a token for more than before, which getTokenSilently then has', async ({
  page,
  pair,
  openApp,
  beginLogin,
  beginToken,
}) => {
  await openApp()
  await signInThere(await beginLogin())
  await outcomeIn(page)
  pair.control.clearRequests()
  const options = {
    scope: 'openid orders',
    audience: 'https://api.example',
    authorizationParams: { prompt: 'login' },
  }
  const popup = await beginToken({ ...options, detailed: true })
  await signInThere(popup)
  const { value } = (await outcomeIn(page)) as { value: { accessToken: string } }
  expect(value).toMatchObject({ tokenType: 'bearer', audience: 'https://api.example' })
  const silent = await page.evaluate(() =>
    auth.getTokenSilently({
      scope: 'openid orders',
      audience: 'https://api.example',
      cacheMode: 'cache-only',
    }),
  )
  expect(silent).toBe(value.accessToken)
  const [asked] = pair.control.requests({ endpoint: 'authorize' })
  expect(asked?.parameters).toMatchObject({ prompt: 'login', scope: 'openid orders' })
})

test('signs another user in, and repeats the parameters of the session silently', async ({
  page,
  pair,
  openApp,
  beginLogin,
}) => {
  await openApp()
  await signInThere(await beginLogin())
  await outcomeIn(page)
  const popup = await beginLogin({
    authorizationParams: { prompt: 'login' },
    sessionParams: { organization: 'org_7' },
  })
  await signInThere(popup, 'bob')
  expect(await outcomeIn(page)).toMatchObject({ value: { user: { sub: 'bob' } } })
  pair.control.clearRequests()
  await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
  const [silent] = pair.control.requests({ endpoint: 'authorize' })
  expect(silent?.parameters).toMatchObject({ prompt: 'none', organization: 'org_7' })
})

test('logs in again after a logout', async ({ page, openApp, beginLogin }) => {
  await openApp()
  await signInThere(await beginLogin())
  await outcomeIn(page)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  const [popup] = await Promise.all([
    beginLogin({ authorizationParams: { prompt: 'login' } }),
    page.waitForEvent('popup'),
  ])
  await signInThere(popup)
  expect(await outcomeIn(page)).toMatchObject(ALICE)
  expect(await page.evaluate(() => auth.getTokenSilently())).toMatch(/^ey/)
})

test('onLoginRequired may log in by popup, in the click that began it', async ({
  page,
  pair,
  openApp,
}) => {
  await openApp()
  await page.evaluate(() => {
    const button = document.createElement('button')
    button.textContent = 'Orders'
    button.onclick = () => {
      const onLoginRequired = () => {
        pending = settle(sotto.loginWithPopup(auth, { redirectUri: '/silent.html' }))
      }
      auth.getTokenSilently({ onLoginRequired }).catch(() => {})
    }
    document.body.append(button)
  })
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Orders' }).click(),
  ])
  await signInThere(popup)
  expect(await outcomeIn(page)).toMatchObject(ALICE)
  expect(pair.control.requests({ endpoint: 'authorize' })[0]?.parameters['prompt']).toBe('none')
})

// covers fault:popup-opener-gone
test('an app that nobody waits for goes on as a page of its own, and is signed in', async ({
  page,
  pair,
  context,
  openApp,
  beginLogin,
}) => {
  serveStartingApp(pair)
  await openApp()
  // As on a phone, which gives a page in the background up without a word, and closes no tab.
  await page.evaluate(() => {
    addEventListener('pagehide', (event) => event.stopImmediatePropagation(), true)
  })
  const popup = await beginLogin({ redirectUri: '/callback' })
  await popup.addInitScript(() => Object.assign(window, { close: () => {} }))
  await popup.getByLabel('User name').waitFor()
  await page.close()
  await popup.getByLabel('User name').fill('alice')
  await popup.getByLabel('Password').fill('alice')
  await popup.getByRole('button', { name: 'Log in' }).click()
  const status = () => popup.evaluate(() => globalThis.auth?.getSnapshot().status)
  await expect.poll(status).toBe('authenticated')
  expect(popup.url()).toBe(`${pair.app.origin}/`)
  expect(context.pages()).toHaveLength(1)
})
