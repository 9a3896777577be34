// An app with the defaults, whose server is on another site: the browser keeps the server's cookies
// from the frame, and the user stays signed in all the same. The app shows nothing before it knows
// who is signed in, as most do.
import type { Page } from '@playwright/test'
import { expect, seenBy, statusOf, test } from './support/app-test.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'

// Browsers of their own, and a page that is loaded up to seven times.
test.slow()

const PATH = '/orders?page=2#late'

/** What the app serves on each path: it starts, and then shows a long page. */
function serveOrders({ app, issuer }: Pair): void {
  const options = JSON.stringify({ issuer, clientId: CLIENT_ID, redirectUri: '/callback' })
  const body = `<!doctype html>
    <title>Orders</title>
    <link rel="icon" href="data:," />
    <script src="/boot.js"></script>
    <script type="module">
      import * as sotto from '/sotto.js'
      window.sotto = sotto
      window.auth = sotto.createAuthClient({ ...${options}, logger: console })
      await auth.start()
      document.body.innerHTML = '<h1>Orders</h1><p style="height: 5000px">'
    </script>
    <body></body>`
  const headers = { 'content-type': 'text/html; charset=utf-8' }
  for (const path of ['/', '/orders', '/callback']) app.respondWith(path, { headers, body })
}

/** Waits until the app knows who is signed in, on whichever page that is. */
async function expectSettled(page: Page, status: string): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Orders' })).toBeVisible()
  expect(await statusOf(page)).toBe(status)
}

/** Logs in, at a place that has a query, a fragment, a state and a page before it. */
async function logInThere(
  page: Page,
  signIn: (page: Page, user?: string) => Promise<void>,
): Promise<void> {
  await page.goto('/')
  await expectSettled(page, 'anonymous')
  await page.goto(PATH)
  await expectSettled(page, 'anonymous')
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await expectSettled(page, 'authenticated')
}

/** What the library's warnings say in the console. */
function collectWarnings(page: Page): string[] {
  const warned: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'warning') warned.push(message.text())
  })
  return warned
}

const inFrame = (request: string): boolean => request.endsWith('in a frame')

for (const pairKind of ['cross-site', 'cross-site-https'] as const) {
  test.describe(`where cookies do not reach a frame (${pairKind})`, () => {
    test.use({ pairKind })
    test.beforeEach(({ pair }) => serveOrders(pair))

    // covers fault:frame-cookies
    test('each reload is signed in again, at the same place', async ({ page, pair, signIn }) => {
      await logInThere(page, signIn)
      await page.evaluate(() => {
        history.replaceState({ key: 'k7' }, '')
        scrollTo(0, 1234)
      })
      const length = await page.evaluate(() => history.length)
      for (let round = 0; round < 3; round++) {
        pair.control.clearRequests()
        await page.reload()
        // The page that comes back has begun at the callback.
        await expect
          .poll(() => page.evaluate(() => history.state as unknown).catch(() => undefined))
          .toEqual({ key: 'k7' })
        await expectSettled(page, 'authenticated')
        expect(page.url()).toBe(pair.app.origin + PATH)
        await expect.poll(() => page.evaluate(() => scrollY)).toBe(1234)
        // Back leads to where it led before.
        expect(await page.evaluate(() => history.length)).toBe(length)
        // The first failure of a frame is telling, and then none is tried.
        const seen = seenBy(pair).filter((request) => /authorize/.test(request))
        expect(seen.filter(inFrame)).toHaveLength(round ? 0 : 1)
        expect(seen.filter((request) => !inFrame(request))).toHaveLength(1)
      }
    })
  })
}

test.describe('where cookies do not reach a frame', () => {
  test.use({ pairKind: 'cross-site' })
  test.beforeEach(({ pair }) => serveOrders(pair))

  test('the developer is told once, and what to do', async ({ page, signIn }) => {
    const warned = collectWarnings(page)
    await logInThere(page, signIn)
    for (let round = 0; round < 3; round++) {
      await page.reload()
      await expect.poll(() => statusOf(page).catch(() => '')).toBe('authenticated')
    }
    expect(warned).toEqual([
      expect.stringMatching(
        /^Sotto: login_required, cookies_blocked_suspected\. See https:.*errors/,
      ),
    ])
  })

  test('where the session is over, the page asks once', async ({ page, pair, signIn }) => {
    await logInThere(page, signIn)
    pair.control.endSessions()
    pair.control.clearRequests()
    await page.reload()
    await expectSettled(page, 'anonymous')
    expect(page.url()).toBe(pair.app.origin + PATH)
    await page.reload()
    await expectSettled(page, 'anonymous')
    const asked = seenBy(pair).filter((request) => request === 'GET authorize')
    expect(asked).toHaveLength(1)
  })

  test('a hidden tab stays where it is until it is seen', async ({
    context,
    page,
    pair,
    signIn,
  }) => {
    await logInThere(page, signIn)
    const hidden = await context.newPage()
    await hidden.addInitScript(() => {
      let state = sessionStorage.getItem('seen') ?? 'hidden'
      Object.defineProperty(document, 'visibilityState', { get: () => state })
      Object.assign(globalThis, {
        show() {
          sessionStorage.setItem('seen', (state = 'visible'))
          document.dispatchEvent(new Event('visibilitychange'))
        },
      })
    })
    await hidden.goto('/orders')
    await expectSettled(hidden, 'anonymous')
    expect(await hidden.evaluate(() => auth.getSnapshot())).toEqual({
      status: 'anonymous',
      reason: 'cookies_blocked_suspected',
    })
    expect(hidden.url()).toBe(`${pair.app.origin}/orders`)
    await hidden.evaluate(() => (globalThis as unknown as { show: () => void }).show())
    await expect.poll(() => statusOf(hidden).catch(() => '')).toBe('authenticated')
    expect(hidden.url()).toBe(`${pair.app.origin}/orders`)
  })

  // covers threat:framing-site
  test('a page in a frame stays where it is', async ({ page, pair, signIn }) => {
    await logInThere(page, signIn)
    await page.reload()
    await expect.poll(() => statusOf(page).catch(() => '')).toBe('authenticated')
    pair.control.clearRequests()
    await page.evaluate(() => {
      const frame = Object.assign(document.createElement('iframe'), { src: '/orders' })
      frame.dataset['test'] = ''
      document.body.append(frame)
    })
    const frame = page.frameLocator('iframe[data-test]')
    await expect(frame.getByRole('heading', { name: 'Orders' })).toBeVisible()
    expect(seenBy(pair)).not.toContain('GET authorize')
  })
})

test.describe('where third-party cookies are allowed', () => {
  test.use({ pairKind: 'cross-site-https', thirdPartyCookies: 'allowed' })
  test.beforeEach(({ pair }) => serveOrders(pair))

  test('each reload is signed in by the frame, and the page is not left', async ({
    page,
    pair,
    signIn,
  }) => {
    const warned = collectWarnings(page)
    await logInThere(page, signIn)
    pair.control.clearRequests()
    for (let round = 0; round < 2; round++) {
      await page.reload()
      await expectSettled(page, 'authenticated')
    }
    const seen = seenBy(pair).filter((request) => /authorize/.test(request))
    expect(seen).toEqual(['GET authorize in a frame', 'GET authorize in a frame'])
    expect(warned).toEqual([])
  })
})
