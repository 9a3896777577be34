// The content security policy that docs/security.md recommends, as it is written there.
import { readFileSync } from 'node:fs'
import { expect, test } from './support/fixtures.ts'
import { CLIENT_ID } from './support/serve.ts'

const manual = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8')
const recipe = /<!-- csp -->\s+```\n([^`]+)```/.exec(manual)?.[1] ?? ''

/**
 * The app: it begins to log in at a click, and says on the page what came of it. No script of the
 * test runs in it.
 */
const script = (issuer: string, foreign: string): string => `
import { createAuthClient } from '/sotto.js'

const say = (id, text) => (document.getElementById(id).textContent = text)
const violations = []
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  violations.push(effectiveDirective)
  say('violations', violations.join())
})
const auth = createAuthClient({
  issuer: '${issuer}',
  clientId: '${CLIENT_ID}',
  redirectUri: '/callback',
})
const click = (id, run) => document.getElementById(id).addEventListener('click', run)
click('login', () => auth.loginWithRedirect())
click('renew', async () => {
  const [before, after] = [
    await auth.getTokenSilently(),
    await auth.getTokenSilently({ cacheMode: 'off' }),
  ]
  say('renewal', before === after ? 'the same token' : 'a new token')
})
click('break', () => fetch('${foreign}').catch(() => say('broken', 'refused')))
const { status, error } = await auth.start()
say('status', error ? error.code + ' ' + error.reason : status)
`

const page = `<!doctype html>
<html lang="en">
  <title>App</title>
  <script type="module" src="/csp.js"></script>
  <button id="login">Log in</button>
  <button id="renew">Renew</button>
  <button id="break">Break</button>
  <output id="status"></output>
  <output id="renewal"></output>
  <output id="violations"></output>
  <output id="broken"></output>
</html>`

// covers spec:strict-policy
test('logs in and renews silently under the policy of docs/security.md', async ({
  page: browserPage,
  pair,
  signIn,
}) => {
  expect(recipe).toContain("script-src 'self'")
  const policy = recipe.replaceAll('https://login.example.com', pair.issuer).replace(/\s+/g, ' ')
  const headers = { 'content-type': 'text/html', 'content-security-policy': policy }
  for (const path of ['/', '/callback']) pair.app.respondWith(path, { headers, body: page })
  pair.app.respondWith('/csp.js', {
    headers: { 'content-type': 'text/javascript' },
    body: script(pair.issuer, pair.hostile.origin),
  })

  await browserPage.goto('/')
  const output = (id: string) => browserPage.locator(`#${id}`)
  await expect(output('status')).toHaveText('anonymous')
  await output('login').click()
  await browserPage.waitForURL(`${pair.issuer}/**`)
  await signIn(browserPage)
  await expect(output('status')).toHaveText('authenticated')
  await output('renew').click()
  await expect(output('renewal')).toHaveText('a new token')
  await expect(output('violations')).toHaveText('')

  // And the policy is in force.
  await output('break').click()
  await expect(output('broken')).toHaveText('refused')
  await expect(output('violations')).toHaveText('connect-src')
})
