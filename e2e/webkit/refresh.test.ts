// Renewal by refresh token in WebKitGTK, at a server that uses refresh tokens up. It can be neither
// frozen nor set offline: the server drops the connection instead.
import assert from 'node:assert/strict'
import { installClock } from '../support/clock.ts'
import { BY_REFRESH, refreshesOf } from '../support/refresh-grants.ts'
import { renewalRequestsOf, requestsOf } from '../support/requests.ts'
import { CLIENT_ID, type Pair } from '../support/serve.ts'
import { KNOWN_HERE_MS, SIGNALLED_MS } from '../support/time-limits.ts'
import { type Harness, testInWebKit } from './harness.ts'
import { type Browser, waitUntil } from './webdriver.ts'

/** Opens the app with a client that renews by refresh token, then by frame. */
async function openRefreshing({ browser, pair, openApp }: Harness): Promise<void> {
  await openApp()
  await createClient(browser, pair)
}

function createClient(browser: Browser, { issuer }: Pair): Promise<void> {
  return browser.evaluate(
    (client) => {
      // A client that is left would share its session.
      globalThis.auth?.dispose()
      globalThis.auth = sotto.createAuthClient({
        ...client,
        redirectUri: '/callback',
        scope: 'openid profile email offline_access',
        tokenStorage: sotto.indexedDbStorage(),
        renewal: [sotto.refreshToken(), sotto.silentIframe()],
      })
      globalThis.renewals = []
      globalThis.auth.on('renewal', (event) => void globalThis.renewals.push(event))
    },
    { issuer, clientId: CLIENT_ID },
  )
}

const start = (browser: Browser) => browser.evaluate(async () => (await auth.start()).status)

/**
 * Logs in by redirect; the page is the app again, with a clock that can be moved, and the server's
 * log is empty.
 */
async function logIn(harness: Harness): Promise<void> {
  const { browser, pair, appReady, signIn } = harness
  await openRefreshing(harness)
  await browser.evaluate(() => void auth.loginWithRedirect())
  await waitUntil(async () => (await browser.url()).startsWith(pair.issuer))
  await signIn()
  await appReady()
  await createClient(browser, pair)
  assert.equal(await start(browser), 'authenticated')
  await browser.evaluate(installClock)
  pair.control.clearRequests()
}

/** A new token in any case, and how it was had; or the code of the error. */
function renew(browser: Browser): Promise<unknown> {
  return browser.evaluate(() =>
    auth.getTokenSilently({ cacheMode: 'off' }).then(
      () => {
        const { strategy, attempts } = globalThis.renewals.at(-1)!
        return { strategy, attempts: attempts.map((one) => `${one.strategy} ${one.code}`) }
      },
      ({ code }: { readonly code: string }) => code,
    ),
  )
}

/** Lets a token of five minutes expire in this tab. */
const expire = (browser: Browser) => browser.evaluate(() => sleep(300_000))

testInWebKit(
  'renews an expired token by refresh token, sends one whose answer was lost once more, and says when the session is over',
  {},
  async (harness) => {
    const { browser, pair } = harness
    await logIn(harness)
    pair.control.advanceClock({ seconds: 300 })
    await expire(browser)
    assert.match(await browser.evaluate(() => auth.getTokenSilently()), /^ey/)
    assert.deepEqual(await renew(browser), BY_REFRESH)
    assert.deepEqual(requestsOf(pair), ['POST token', 'POST token'])

    pair.control.addFault({ endpoint: 'token', name: 'drop', afterProcessing: true, times: 1 })
    // This server takes one that comes twice for stolen: its word.
    const byFrame = { strategy: 'silent_iframe', attempts: ['refresh_token session_expired'] }
    assert.deepEqual(await renew(browser), byFrame)
    assert.deepEqual(await renew(browser), BY_REFRESH)
    const sent = refreshesOf(pair).map(({ parameters }) => parameters['refresh_token'])
    assert.deepEqual([sent.length, new Set(sent).size], [5, 4])

    pair.control.revokeRefreshTokens()
    pair.control.endSessions()
    assert.equal(await renew(browser), 'login_required')
  },
)

testInWebKit('two tabs with five calls each send one refresh', {}, async (harness) => {
  const { browser, pair } = harness
  await logIn(harness)
  const tabs = [await browser.currentTab(), await browser.openTab()]
  await openRefreshing(harness)
  assert.equal(await start(browser), 'authenticated')
  await browser.evaluate(installClock)
  pair.control.advanceClock({ seconds: 300 })
  pair.control.clearRequests()
  // Longer than it takes to go to the other tab.
  pair.control.setLatency({ endpoint: 'token', ms: 1500 })
  for (const tab of tabs) {
    await browser.switchTo(tab)
    await expire(browser)
    await browser.evaluate(() => {
      const calls = Array.from({ length: 5 }, () => auth.getTokenSilently())
      globalThis.answers = Promise.all(calls)
    })
  }
  const tokens: string[] = []
  for (const tab of tabs) {
    await browser.switchTo(tab)
    tokens.push(...(await browser.evaluate(() => answers)))
  }
  assert.equal(tokens.length, 10)
  assert.equal(new Set(tokens).size, 1)
  assert.deepEqual(renewalRequestsOf(pair), ['POST token'])
  assert.deepEqual(await renew(browser), BY_REFRESH)
})

/**
 * How a renewal by frame fails, and how long that takes in the quickest of up to three tries: a
 * busy machine may be late once.
 */
function failQuickly(browser: Browser, { issuer }: Pair, limitMs: number) {
  return browser.evaluate(
    async (client, limit) => {
      const frames = sotto.createAuthClient({ ...client, redirectUri: '/callback' })
      await frames.start()
      let quickest = { error: '', ms: Infinity }
      for (let tries = 0; tries < 3 && quickest.ms >= limit; tries++) {
        const begunAt = performance.now()
        const error = await frames.getTokenSilently({ cacheMode: 'off' }).then(
          () => '',
          ({ code, reason }: { readonly code: string; readonly reason: string }) =>
            `${code} ${reason}`,
        )
        const ms = performance.now() - begunAt
        if (ms < quickest.ms) quickest = { error, ms }
      }
      frames.dispose()
      return quickest
    },
    { issuer, clientId: CLIENT_ID },
    limitMs,
  )
}

testInWebKit(
  'says early that a frame is refused, and at once that it is barred',
  {},
  async ({ browser, pair, openApp }) => {
    await openApp()
    pair.control.addFault({ endpoint: 'authorize', name: 'xFrameOptions' })
    const refused = await failQuickly(browser, pair, SIGNALLED_MS)
    assert.equal(refused.error, 'silent_blocked no_answer')
    assert.ok(refused.ms < SIGNALLED_MS, `took ${refused.ms} ms`)
    pair.app.respondWith('/', { headers: { 'content-security-policy': "frame-src 'self'" } })
    await openApp()
    const barred = await failQuickly(browser, pair, KNOWN_HERE_MS)
    assert.equal(barred.error, 'silent_blocked csp')
    assert.ok(barred.ms < KNOWN_HERE_MS, `took ${barred.ms} ms`)
  },
)

declare global {
  var answers: Promise<string[]>
}
