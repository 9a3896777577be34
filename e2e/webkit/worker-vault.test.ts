// The refresh token in a worker, in WebKitGTK.
import assert from 'node:assert/strict'
import { refreshesOf } from '../support/refresh-grants.ts'
import { renewalRequestsOf, requestsOf } from '../support/requests.ts'
import { CLIENT_ID } from '../support/serve.ts'
import { type Harness, testInWebKit } from './harness.ts'
import { waitUntil } from './webdriver.ts'

/** Makes a client whose refresh token is in a worker, and starts it. */
function start({ browser, pair }: Harness): Promise<string> {
  return browser.evaluate(
    async (client) => {
      globalThis.auth?.dispose()
      globalThis.auth = sotto.createAuthClient({
        ...client,
        redirectUri: '/callback',
        scope: 'openid profile email offline_access',
        renewal: [sotto.workerVault('/sotto-vault.js'), sotto.silentIframe()],
      })
      globalThis.renewals = []
      globalThis.auth.on('renewal', (event) => void globalThis.renewals.push(event))
      return (await globalThis.auth.start()).status
    },
    { issuer: pair.issuer, clientId: CLIENT_ID },
  )
}

/** A new token in any case, and who has brought it. */
function renew({ browser }: Harness): Promise<string | undefined> {
  return browser.evaluate(async () => {
    await auth.getTokenSilently({ cacheMode: 'off' })
    return globalThis.renewals.at(-1)?.strategy
  })
}

async function logIn(harness: Harness): Promise<string> {
  const { browser, pair, openApp, appReady, signIn } = harness
  await openApp()
  await start(harness)
  await browser.evaluate(() => void auth.loginWithRedirect())
  await waitUntil(async () => (await browser.url()).startsWith(pair.issuer))
  await signIn()
  await appReady()
  return start(harness)
}

testInWebKit(
  'a worker keeps the refresh token, over a reload or with another login by frame, and revokes it',
  {},
  async (harness) => {
    const { browser, pair, openApp } = harness
    assert.equal(await logIn(harness), 'authenticated')
    for (let count = 0; count < 2; count++) assert.equal(await renew(harness), 'worker_vault')
    assert.equal(refreshesOf(pair).length, 2)
    const stored = await browser.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
    )
    assert.doesNotMatch(stored, /eyJ|sotto-vault\./)
    pair.control.clearRequests()
    await openApp()
    assert.equal(await start(harness), 'authenticated')
    // It ends a worker without a page some time later.
    assert.match(renewalRequestsOf(pair).join(), /^(GET authorize,POST token)?$/)
    assert.equal(await renew(harness), 'worker_vault')
    await browser.evaluate(() => auth.logout({ localOnly: true }))
    assert.equal(requestsOf(pair).at(-1), 'POST revocation')
  },
)

testInWebKit('a worker that is not there holds up nothing', {}, async (harness) => {
  const { pair } = harness
  pair.app.respondWith('/sotto-vault.js', { status: 404, body: '' })
  assert.equal(await logIn(harness), 'authenticated')
  assert.equal(await renew(harness), 'silent_iframe')
  assert.deepEqual(refreshesOf(pair), [])
})
