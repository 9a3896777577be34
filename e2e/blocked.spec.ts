// Frames that cannot answer: each failure says why, as early as the browser lets us know.
import type { Fault } from 'sotto/testing'
import { countAuthorize, expect, requestsOf, test } from './support/signed-in.ts'
import { failQuickly, KNOWN_HERE_MS, SIGNALLED_MS } from './support/time-to-failure.ts'

for (const directive of ['frame-src', 'child-src']) {
  // covers fault:frame-csp
  test(`says at once that the page's policy has no place for the server in ${directive}`, async ({
    page,
    pair,
    createClient,
  }) => {
    pair.app.respondWith('/', { headers: { 'content-security-policy': `${directive} 'self'` } })
    await page.goto('/')
    await createClient(page)
    expect(await page.evaluate(() => auth.start())).toMatchObject({ status: 'error' })
    const outcome = await failQuickly(page, KNOWN_HERE_MS)
    expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'csp' })
    expect(outcome.evidence?.directive).toMatch(/^(frame|child)-src$/)
    expect(outcome.ms).toBeLessThan(KNOWN_HERE_MS)
    expect(countAuthorize(pair)).toBe(0)
  })
}

test('is not stopped by a policy that only reports', async ({ page, pair, openSignedIn }) => {
  const headers = { 'content-security-policy-report-only': "frame-src 'self'" }
  pair.app.respondWith('/', { headers })
  await openSignedIn()
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome.value).toMatch(/^ey/)
})

test('is not stopped by the violation of another frame', async ({ page, pair, openSignedIn }) => {
  const policy = `frame-src 'self' ${pair.issuer}`
  pair.app.respondWith('/', { headers: { 'content-security-policy': policy } })
  await openSignedIn()
  pair.control.setLatency({ endpoint: 'authorize', ms: 500 })
  const { violated, outcome } = await page.evaluate(async (src) => {
    const work = settle(auth.getTokenSilently({ cacheMode: 'off' }))
    const violation = new Promise<SecurityPolicyViolationEvent>((resolve) =>
      document.addEventListener('securitypolicyviolation', resolve, { once: true }),
    )
    const frame = document.createElement('iframe')
    frame.dataset['test'] = ''
    frame.src = src
    document.body.append(frame)
    return { violated: (await violation).blockedURI, outcome: await work }
  }, `${pair.hostile.origin}/`)
  expect(violated).toContain(pair.hostile.origin)
  expect(outcome.value).toMatch(/^ey/)
})

for (const embedder of ['require-corp', 'credentialless']) {
  // covers fault:frame-isolated
  test(`says at once that a page isolated by COEP ${embedder} cannot frame the server`, async ({
    page,
    pair,
    createClient,
  }) => {
    pair.app.respondWith('/', {
      headers: {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': embedder,
      },
    })
    await page.goto('/')
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await createClient(page)
    const outcome = await failQuickly(page, KNOWN_HERE_MS)
    expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'cross_origin_isolated' })
    expect(outcome.ms).toBeLessThan(KNOWN_HERE_MS)
    expect(countAuthorize(pair)).toBe(0)
  })
}

const quietAnswers: readonly (readonly [string, Fault])[] = [
  ['forbids framing by X-Frame-Options', { endpoint: 'authorize', name: 'xFrameOptions' }],
  ['forbids framing by frame-ancestors', { endpoint: 'authorize', name: 'frameAncestors' }],
  ['shows its login page', { endpoint: 'authorize', name: 'promptNoneIgnored' }],
  ['shows a page that waits for the user', { endpoint: 'authorize', name: 'interactivePage' }],
  ['answers with a page about an error', { endpoint: 'authorize', name: 'status', status: 500 }],
  ['posts nothing', { endpoint: 'authorize', name: 'webMessage', variant: 'none' }],
]

for (const [what, fault] of quietAnswers) {
  // covers fault:frame-refused
  test(`says long before the deadline that there is no answer when the server ${what}`, async ({
    page,
    pair,
    openSignedIn,
  }) => {
    await openSignedIn()
    pair.control.addFault(fault)
    const outcome = await failQuickly(page, SIGNALLED_MS)
    expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
    expect(outcome.evidence).toMatchObject({ loads: 1, messagesIgnored: 0 })
    expect(outcome.retryable).toBe(true)
    expect(outcome.ms).toBeLessThan(SIGNALLED_MS)
    expect(requestsOf(pair)).not.toContain('POST token')
  })
}

for (const [what, fault] of [
  ['never answers', { endpoint: 'authorize', name: 'hang' }],
  ['answers with nothing at all', { endpoint: 'authorize', name: 'noContent' }],
  ['answers with a download', { endpoint: 'authorize', name: 'download' }],
] as const satisfies readonly (readonly [string, Fault])[]) {
  // covers spec:frame-cleaned-up fault:frame-silent
  test(`gives up at the configured time when the server ${what}`, async ({
    page,
    pair,
    openSignedIn,
  }) => {
    await openSignedIn({ silentTimeoutMs: 1200 })
    pair.control.addFault(fault)
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    expect(outcome).toMatchObject({ code: 'silent_timeout' })
    expect(outcome.ms).toBeGreaterThanOrEqual(1200)
    expect(outcome.ms).toBeLessThan(2500)
  })
}

// covers fault:frame-silent
test('discards an answer that comes after the deadline', async ({ page, pair, openSignedIn }) => {
  await openSignedIn({ silentTimeoutMs: 700 })
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant: 'late', ms: 1200 })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ audience: 'other' })))
  expect(outcome).toMatchObject({ code: 'silent_timeout' })
  await page.waitForTimeout(1000)
  const cached = await page.evaluate(() =>
    auth.getTokenSilently({ audience: 'other', cacheMode: 'cache-only' }),
  )
  expect(cached).toBeUndefined()
  expect(requestsOf(pair)).toEqual(['GET authorize'])
})

// covers fault:frame-removed
test('says at once that the page has removed the frame', async ({ page, pair, openSignedIn }) => {
  await openSignedIn()
  pair.control.addFault({ endpoint: 'authorize', name: 'hang' })
  await page.evaluate(() => {
    pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  await expect(page.locator('iframe')).toHaveCount(1)
  const { outcome, ms } = await page.evaluate(async () => {
    const start = performance.now()
    document.querySelector('iframe')!.remove()
    return { outcome: await pending, ms: performance.now() - start }
  })
  expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'removed', retryable: false })
  // Only once, so that a busy machine may be late.
  expect(ms).toBeLessThan(SIGNALLED_MS)
})

for (const [what, fault] of [
  ['a frame that says nothing', { endpoint: 'authorize', name: 'hang' }],
  ['an error of the token endpoint', { endpoint: 'token', name: 'status', status: 503 }],
  ['a connection that breaks', { endpoint: 'token', name: 'drop' }],
] as const satisfies readonly (readonly [string, Fault])[]) {
  // covers fault:frame-token-request-fails
  test(`keeps the session and its unexpired token after ${what}`, async ({
    page,
    pair,
    openSignedIn,
  }) => {
    await openSignedIn({ silentTimeoutMs: 700 })
    const before = await page.evaluate(async () => {
      globalThis.snapshot = auth.getSnapshot()
      return auth.getTokenSilently()
    })
    pair.control.addFault(fault)
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    expect(outcome.code).toMatch(/^(silent_timeout|server_error|network_error)$/)
    const after = await page.evaluate(async () => ({
      token: await auth.getTokenSilently(),
      unchanged: auth.getSnapshot() === globalThis.snapshot,
      status: auth.getSnapshot().status,
    }))
    expect(after).toEqual({ token: before, unchanged: true, status: 'authenticated' })
  })
}

declare global {
  /** What `getSnapshot` gave earlier in the test. */
  var snapshot: object
}
