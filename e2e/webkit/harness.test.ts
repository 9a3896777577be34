// Proves the WebKit harness itself: what later tests rest on.
import assert from 'node:assert/strict'
import { askInFrame, createAuthorizationUrl } from '../support/authorization-request.ts'
import { testInWebKit } from './harness.ts'
import { waitUntil } from './webdriver.ts'

testInWebKit(
  'the app page loads the library and reports its start',
  {},
  async ({ browser, pair, openApp }) => {
    await openApp()
    assert.equal(await browser.evaluate(() => typeof sotto.createAuthClient), 'function')
    await waitUntil(async () => pair.app.boots.length > 0)
    assert.deepEqual(pair.app.boots, [{ framed: false, path: '/' }])
  },
)

for (const { pairKind, args, isSignedIn } of [
  { pairKind: 'same-site', args: [], isSignedIn: true },
  { pairKind: 'cross-site', args: [], isSignedIn: false },
  { pairKind: 'cross-site-https', args: [], isSignedIn: true },
  { pairKind: 'cross-site-https', args: ['--enable-itp'], isSignedIn: false },
] as const) {
  const name = `${pairKind} ${args.join('')}: a hidden frame ${isSignedIn ? 'has' : 'does not have'} the session`
  testInWebKit(name, { pairKind, args }, async ({ browser, pair, signIn }) => {
    await browser.navigate(createAuthorizationUrl(pair))
    await signIn()
    assert.match(await browser.url(), /\/callback\?.*code=/)
    const url = createAuthorizationUrl(pair, { prompt: 'none', response_mode: 'web_message' })
    const response = await browser.evaluate(askInFrame, url)
    assert.deepEqual('code' in response, isSignedIn, JSON.stringify(response))
  })
}
