// Proves the harness itself: what later tests rest on.
import { askInFrame, createAuthorizationUrl } from './support/authorization-request.ts'
import { expect, test } from './support/fixtures.ts'

test('the app page loads the library and reports its start', async ({ page, pair }) => {
  await page.goto('/')
  expect(await page.evaluate(() => typeof sotto.createAuthClient)).toBe('function')
  await expect.poll(() => pair.app.boots).toEqual([{ framed: false, path: '/' }])
})

test('the package loads without a bundler, with an import map', async ({ page, pair }) => {
  const imports = {
    sotto: '/dist/index.js',
    oauth4webapi: '/node_modules/oauth4webapi/build/index.js',
    'idb-keyval': '/node_modules/idb-keyval/dist/index.js',
  }
  pair.app.respondWith('/modules', {
    headers: { 'content-type': 'text/html' },
    body: `<script type="importmap">${JSON.stringify({ imports })}</script>`,
  })
  await page.goto('/modules')
  // A string, so that nothing but the browser resolves the name.
  expect(await page.evaluate("import('sotto').then(Object.keys)")).toContain('createAuthClient')
})

test('a start of the app in a frame is noticed', async ({ page, pair }) => {
  await page.goto('/')
  await page.evaluate(() => {
    const frame = document.createElement('iframe')
    frame.dataset['test'] = ''
    frame.src = '/framed'
    document.body.append(frame)
  })
  await expect.poll(() => pair.app.boots).toContainEqual({ framed: true, path: '/framed' })
})

test('a path answers with the headers and the body that a test gives it', async ({
  page,
  pair,
}) => {
  pair.app.respondWith('/', { headers: { 'cross-origin-opener-policy': 'same-origin' } })
  pair.app.respondWith('/silent.html', { status: 404, body: 'nothing here' })
  const response = await page.goto('/')
  expect(response?.headers()['cross-origin-opener-policy']).toBe('same-origin')
  expect(await page.title()).toBe('Test app')
  expect((await page.goto('/silent.html'))?.status()).toBe(404)
})

test.describe('errors that nobody caught', () => {
  test.use({ checkLeaks: false })

  test('are noticed, also after the page has been left', async ({ page, pair }) => {
    await page.goto('/')
    await page.evaluate(() => void Promise.reject(new Error('nobody caught me')))
    await expect.poll(() => pair.app.uncaught.join()).toContain('nobody caught me')
  })
})

for (const { pairKind, thirdPartyCookies, isSignedIn } of [
  { pairKind: 'same-site', thirdPartyCookies: 'default', isSignedIn: true },
  { pairKind: 'cross-site', thirdPartyCookies: 'default', isSignedIn: false },
  { pairKind: 'cross-site-https', thirdPartyCookies: 'default', isSignedIn: false },
  { pairKind: 'cross-site-https', thirdPartyCookies: 'allowed', isSignedIn: true },
] as const) {
  test.describe(`${pairKind} with third-party cookies by ${thirdPartyCookies}`, () => {
    test.use({ pairKind, thirdPartyCookies })

    test(`a hidden frame ${isSignedIn ? 'has' : 'does not have'} the session`, async ({
      page,
      pair,
      signIn,
    }) => {
      await page.goto(createAuthorizationUrl(pair))
      await signIn(page)
      await expect(page).toHaveURL(/\/callback\?.*code=/)
      const url = createAuthorizationUrl(pair, { prompt: 'none', response_mode: 'web_message' })
      const response = await page.evaluate(askInFrame, url)
      expect(Object.keys(response)).toContain(isSignedIn ? 'code' : 'error')
      if (!isSignedIn) expect(response['error']).toBe('login_required')
    })
  })
}
