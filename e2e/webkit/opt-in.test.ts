// What an app adds to a client, in WebKitGTK: keys in IndexedDB, popups and frames are its own.
import assert from 'node:assert/strict'
import { claimsOf } from '../support/app-test.ts'
import { CLIENT_ID, type Pair } from '../support/serve.ts'
import { serveCallbackPage } from '../support/silent-modes.ts'
import { type Harness, testInWebKit } from './harness.ts'
import { type Browser, waitUntil } from './webdriver.ts'

interface Settings {
  readonly isBound?: boolean
}

function createClient(browser: Browser, { issuer }: Pair, settings: Settings = {}): Promise<void> {
  return browser.evaluate(
    ({ isBound, ...client }) => {
      // A client that is left would share its session.
      globalThis.auth?.dispose()
      globalThis.auth = sotto.createAuthClient({
        ...client,
        redirectUri: '/callback',
        renewal: [sotto.silentIframe()],
        ...(isBound && { dpop: sotto.dpop(), par: sotto.pushedAuthorizationRequest() }),
      })
    },
    { issuer, clientId: CLIENT_ID, ...settings },
  )
}

const start = (browser: Browser) => browser.evaluate(async () => (await auth.start()).status)
const statusOf = (browser: Browser) => browser.evaluate(() => auth.getSnapshot().status)

/** Logs in by redirect, and back. */
async function logIn(
  { browser, pair, openApp, appReady, signIn }: Harness,
  settings: Settings = {},
): Promise<void> {
  await openApp()
  await createClient(browser, pair, settings)
  await browser.evaluate(() => void auth.loginWithRedirect())
  await waitUntil(async () => (await browser.url()).startsWith(pair.issuer))
  await signIn()
  await appReady()
  await createClient(browser, pair, settings)
  assert.equal(await start(browser), 'authenticated')
}

// covers spec:dpop-key-kept spec:par-pushed
testInWebKit(
  'tokens are bound to one key before and after a reload, with nonces and pushed requests',
  { serverOptions: { dpopNonces: true, pushedAuthorizationRequests: 'required' } },
  async (harness) => {
    const { browser, pair, openApp } = harness
    await logIn(harness, { isBound: true })
    const tokenOf = () => browser.evaluate(() => auth.getTokenSilently())
    const first = claimsOf(await tokenOf())
    await openApp()
    await createClient(browser, pair, { isBound: true })
    assert.equal(await start(browser), 'authenticated')
    const second = claimsOf(await tokenOf())
    assert.notEqual(second['jti'], first['jti'])
    assert.deepEqual(second['cnf'], first['cnf'])
    assert.ok(first['cnf'])
    assert.ok(pair.control.requests({ endpoint: 'par' }).length >= 2)
    const exported = await browser.evaluate(
      (name) =>
        new Promise<string>((resolve) => {
          const opening = indexedDB.open('sotto-keys')
          opening.onsuccess = () => {
            const request = opening.result.transaction('keys').objectStore('keys').get(name)
            request.onsuccess = () => {
              opening.result.close()
              const { privateKey } = request.result as { privateKey: CryptoKey }
              crypto.subtle.exportKey('pkcs8', privateKey).then(
                () => resolve('exported'),
                (error: DOMException) => resolve(error.name),
              )
            }
          }
        }),
      `sotto:dpop ${pair.issuer} ${CLIENT_ID}`,
    )
    assert.equal(exported, 'InvalidAccessError')
  },
)

testInWebKit('logs in by popup, in the click of a button', {}, async (harness) => {
  const { browser, pair, openApp } = harness
  serveCallbackPage(pair)
  await openApp()
  await createClient(browser, pair)
  await browser.evaluate(() => {
    const button = document.createElement('button')
    button.id = 'popup'
    button.textContent = 'Log in by popup'
    button.onclick = () =>
      sotto.loginWithPopup(auth, { redirectUri: '/silent.html' }).catch((error: unknown) => {
        document.title = String(error)
      })
    document.body.append(button)
  })
  const page = await browser.currentTab()
  await browser.click('#popup')
  await waitUntil(async () => (await browser.tabs()).length === 2)
  const popup = (await browser.tabs()).find((tab) => tab !== page) ?? ''
  await browser.switchTo(popup)
  await browser.type('#username', 'alice')
  await browser.type('#password', 'alice')
  await browser.click('button[value=login]')
  await waitUntil(async () => (await browser.tabs()).length === 1)
  await browser.switchTo(page)
  await waitUntil(async () => (await statusOf(browser)) === 'authenticated')
})

// covers spec:session-frame
testInWebKit(
  'a logout at the server is seen through its page for sessions',
  { serverOptions: { checkSessionFrame: true } },
  async (harness) => {
    const { browser, pair } = harness
    await logIn(harness)
    await browser.evaluate(() => {
      globalThis.sessionWords = []
      addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (typeof data === 'string') sessionWords.push(data)
      })
      sotto.sessionMonitor(auth)
    })
    const said = () => browser.evaluate(() => sessionWords)
    await waitUntil(async () => (await said()).includes('unchanged'))
    const page = await browser.currentTab()
    await browser.openTab()
    await browser.navigate(`${pair.issuer}/account`)
    await browser.click('button[value=logout]')
    await browser.switchTo(page)
    await waitUntil(async () => (await statusOf(browser)) === 'anonymous')
    await browser.evaluate(() => auth.dispose())
  },
)
