// What becomes of a login by popup that is not finished, and who may not finish it.
import { addServerPolicy, beginsIn, expect, outcomeIn, signInThere, test } from './support/popup.ts'

/** From the closing of a popup to the word of it, on a machine that is busy. */
const SOON_MS = 5000

// covers fault:popup-blocked
test('says at once that the browser allows no popup, and asks for nothing', async ({
  page,
  pair,
  openApp,
}) => {
  await openApp()
  const src = `${pair.app.origin}/other`
  const sandbox = 'allow-scripts allow-same-origin'
  const outcome = await page.evaluate(
    async ([src, sandbox, options]) => {
      const frame = document.createElement('iframe')
      frame.dataset['test'] = ''
      frame.setAttribute('sandbox', sandbox)
      frame.src = src
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
      document.body.append(frame)
      await loaded
      const inside = frame.contentWindow as unknown as typeof globalThis
      const auth = inside.sotto.createAuthClient(options)
      return settle(inside.sotto.loginWithPopup(auth))
    },
    [src, sandbox, { issuer: pair.issuer, clientId: 'app', redirectUri: '/callback' }] as const,
  )
  expect(outcome).toMatchObject({ code: 'popup_blocked', retryable: false })
  expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
})

// covers fault:popup-closed
test('says that the user has closed the popup, and the session stays', async ({
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
    appState: { cart: 3 },
  })
  await popup.getByLabel('User name').waitFor()
  await page.waitForTimeout(500)
  await popup.close()
  const outcome = await outcomeIn(page)
  expect(outcome).toMatchObject({ code: 'popup_closed', retryable: false })
  expect(outcome.ms).toBeLessThan(500 + SOON_MS)
  expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('authenticated')
  expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
})

// covers fault:popup-closed
test('says at once that the popup was closed before there was anything in it', async ({
  page,
  pair,
  openApp,
  beginLogin,
}) => {
  await openApp()
  pair.control.addFault({ endpoint: 'discovery', name: 'delay', ms: 3000 })
  const popup = await beginLogin()
  await popup.close()
  const outcome = await outcomeIn(page)
  expect(outcome).toMatchObject({ code: 'popup_closed' })
  expect(outcome.ms).toBeLessThan(3000)
  expect(pair.control.requests({ endpoint: 'authorize' })).toEqual([])
})

// covers fault:popup-cut-off
test('a popup that was cut off counts as closed where the user is back for some seconds', async ({
  page,
  pair,
  openApp,
  beginLogin,
}) => {
  addServerPolicy(pair)
  await openApp()
  await page.evaluate(() => {
    globalThis.isFocused = false
  })
  const popup = await beginLogin()
  await popup.getByLabel('User name').waitFor()
  await popup.close()
  // Nothing tells that from a popup that is still open, until the user is back.
  await page.waitForTimeout(1500)
  expect(await page.evaluate(() => Promise.race([pending, Promise.resolve('waits')]))).toBe('waits')
  await page.evaluate(() => {
    globalThis.isFocused = true
  })
  expect(await outcomeIn(page)).toMatchObject({ code: 'popup_closed' })
})

// covers fault:popup-unregistered
test(
  'an error page of the server in the popup ends when the user closes it',
  { tag: '@core' },
  async ({ page, pair, openApp, beginLogin }) => {
    await openApp()
    const popup = await beginLogin({ redirectUri: '/unregistered' })
    await popup.waitForURL(`${pair.issuer}/**`)
    await page.waitForTimeout(500)
    await popup.close()
    expect(await outcomeIn(page)).toMatchObject({ code: 'popup_closed' })
  },
)

// covers fault:popup-aborted
test('an abort closes the popup, and rejects with the reason of the caller', async ({
  page,
  openApp,
}) => {
  await openApp()
  const popup = await beginsIn(page, () =>
    page.evaluate(() => {
      pending = settle(sotto.loginWithPopup(auth, { signal: newSignal() }))
    }),
  )
  await popup.getByLabel('User name').waitFor()
  const closed = popup.waitForEvent('close')
  await page.evaluate(() => controller.abort('enough'))
  expect(await outcomeIn(page)).toMatchObject({ other: 'enough' })
  await closed
})

// covers fault:popup-timeout
test('closes a popup that stays open for longer than it may', async ({
  page,
  openApp,
  beginLogin,
}) => {
  await openApp()
  const popup = await beginLogin({ timeoutMs: 1500 })
  const closed = popup.waitForEvent('close')
  expect(await outcomeIn(page)).toMatchObject({ code: 'popup_timeout', retryable: false })
  await closed
})

// covers fault:popup-double-click
test('a double click opens one popup for both, and another request is refused meanwhile', async ({
  page,
  context,
  pair,
  openApp,
  beginLogin,
}) => {
  await openApp()
  const popup = await beginLogin()
  const other = await page.evaluate(() => {
    const options = { redirectUri: '/silent.html' }
    globalThis.joined = settle(sotto.loginWithPopup(auth, options))
    return settle(sotto.loginWithPopup(auth, { ...options, scope: 'openid other' }))
  })
  expect(other).toMatchObject({ code: 'popup_blocked', reason: 'already_open' })
  expect(context.pages()).toHaveLength(2)
  await signInThere(popup)
  const value = { user: { sub: 'alice' } }
  expect(await outcomeIn(page)).toMatchObject({ value })
  expect(await page.evaluate(() => globalThis.joined)).toMatchObject({ value })
  expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
})

// covers fault:popup-logout
test('a logout closes the popup, and what is in it signs nobody in', async ({
  page,
  pair,
  openLogin,
}) => {
  const popup = await openLogin()
  const closed = popup.waitForEvent('close')
  await page.evaluate(() => auth.logout({ localOnly: true }))
  expect(await outcomeIn(page)).toMatchObject({ code: 'logged_out' })
  await closed
  expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
})

// covers fault:popup-logout
test('a logout while the code is exchanged discards the tokens', async ({
  page,
  pair,
  openApp,
  beginLogin,
}) => {
  await openApp()
  pair.control.addFault({ endpoint: 'token', name: 'delay', ms: 1500 })
  await signInThere(await beginLogin())
  await expect.poll(() => pair.control.requests({ endpoint: 'token' }).length).toBe(1)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  expect(await outcomeIn(page)).toMatchObject({ code: 'logged_out' })
  await page.waitForTimeout(2000)
  expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('anonymous')
})

// covers fault:popup-logout
test('a logout in another tab closes the popup', async ({
  page,
  context,
  openApp,
  createClient,
  beginLogin,
}) => {
  await openApp()
  const other = await context.newPage()
  await other.goto('/')
  await createClient(other)
  const popup = await beginLogin()
  const closed = popup.waitForEvent('close')
  await other.evaluate(() => auth.logout({ localOnly: true }))
  expect(await outcomeIn(page)).toMatchObject({ code: 'logged_out' })
  await closed
})

// covers fault:popup-other-user
test('a token for another user is refused, and drops those of the user before', async ({
  page,
  openApp,
  beginLogin,
  beginToken,
}) => {
  await openApp()
  await signInThere(await beginLogin())
  await outcomeIn(page)
  const popup = await beginToken({ authorizationParams: { prompt: 'login' } })
  await signInThere(popup, 'bob')
  expect(await outcomeIn(page)).toMatchObject({ code: 'user_changed' })
  expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('anonymous')
})

test('a token for nobody opens no popup', async ({ page, context, openApp }) => {
  await openApp()
  await page.evaluate(() => auth.start())
  const outcome = await page.evaluate(() => settle(sotto.getTokenWithPopup(auth)))
  expect(outcome).toMatchObject({ code: 'login_required' })
  expect(context.pages()).toHaveLength(1)
})

// covers fault:popup-opener-gone
test('the popup goes with the page that has opened it', async ({ page, openApp, beginLogin }) => {
  await openApp()
  const popup = await beginLogin()
  const closed = popup.waitForEvent('close')
  await page.reload()
  await closed
})

// covers fault:popup-opener-gone
test('the callback page says that it may be closed where the browser does not close it', async ({
  page,
  pair,
  openApp,
}) => {
  await openApp()
  await page.addInitScript(() => Object.assign(window, { close: () => {} }))
  await page.goto('/silent.html?code=some-code&state=abc.p.some-state')
  await expect(page.getByText('You may close this page.')).toBeVisible()
  expect(page.url()).toBe(`${pair.app.origin}/silent.html`)
})
