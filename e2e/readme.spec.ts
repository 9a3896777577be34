// The first lines of README.md, as they are written there, as the whole of an app.
import { readFileSync } from 'node:fs'
import { expect, test } from './support/fixtures.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const firstLines = /```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? ''

test.beforeEach(({ pair }) => serveLines(pair))

/** Puts the test's own values in the place of those that are written there. */
function serveLines({ app, issuer }: Pair): void {
  const script = firstLines
    .replace("'sotto'", "'/sotto.js'")
    .replace("'https://login.example.com'", `'${issuer}'`)
    .replace("'my-spa'", `'${CLIENT_ID}'`)
  const body = `<!doctype html>
    <title>App</title>
    <link rel="icon" href="data:," />
    <script src="/boot.js"></script>
    <output id="said"></output>
    <script type="module">
      const say = (text) => (document.getElementById('said').textContent = text)
      const showSpinner = () => say('…')
      const showApp = ({ name }) => say('Hello, ' + name)
      const showError = ({ code }) => say(code)
      ${script}
    </script>`
  const headers = { 'content-type': 'text/html; charset=utf-8' }
  for (const path of ['/', '/orders', '/callback']) app.respondWith(path, { headers, body })
}

test('log a user in, bring them back, and keep them signed in', async ({ page, pair, signIn }) => {
  expect(firstLines).toContain('createAuthClient')
  await page.goto('/orders?page=2')
  await page.waitForURL(`${pair.issuer}/**`)
  await signIn(page)
  await expect(page.locator('#said')).toHaveText(/^Hello, /)
  expect(page.url()).toBe(`${pair.app.origin}/orders?page=2`)
  await page.reload()
  await expect(page.locator('#said')).toHaveText(/^Hello, /)
})

for (const [what, set, code] of [
  ['was cancelled', { error: 'access_denied' }, 'access_denied'],
  ['is refused', { error: 'unauthorized_client' }, 'authorization_error'],
] as const)
  // covers fault:login-loop
  test(`show a login that ${what}, and do not begin another one`, async ({
    page,
    pair,
    signIn,
  }) => {
    await page.goto('/')
    await page.waitForURL(`${pair.issuer}/**`)
    pair.control.addFault({
      endpoint: 'authorize',
      name: 'authorizationResponse',
      set,
      remove: ['code'],
      times: 1,
    })
    pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
    pair.control.clearRequests()
    await signIn(page)
    await expect(page.locator('#said')).toHaveText(code)
    const pages = pair.control
      .requests({ endpoint: 'authorize' })
      .filter(({ secFetchDest }) => secFetchDest === 'document')
    expect(pages).toHaveLength(0)
  })
