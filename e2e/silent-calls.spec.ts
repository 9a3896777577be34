// Many calls at once, calls that are given up, and what the cache answers.
import { countAuthorize, expect, ONE_RENEWAL, requestsOf, test } from './support/signed-in.ts'

// covers fault:frame-ten-calls
test('joins ten concurrent calls in one renewal, and gives them the same token', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  const tokens = await page.evaluate(() =>
    Promise.all(Array.from({ length: 10 }, () => auth.getTokenSilently({ cacheMode: 'off' }))),
  )
  expect(new Set(tokens).size).toBe(1)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

// covers fault:frame-ten-calls
test('gives ten concurrent calls the same error after one authorize request', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.endSessions()
  const { different, code } = await page.evaluate(async () => {
    const calls = Array.from({ length: 10 }, () => auth.getTokenSilently({ audience: 'other' }))
    const errors = await Promise.all(
      calls.map((call) => call.then(String, (error: { code: string }) => error)),
    )
    const [first] = errors
    return {
      different: new Set(errors).size,
      code: typeof first === 'object' ? first.code : first,
    }
  })
  expect({ different, code }).toEqual({ different: 1, code: 'login_required' })
  expect(requestsOf(pair)).toEqual(['GET authorize'])
})

test('gets tokens for two audiences at once from a server that takes seconds', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.setLatency({ endpoint: 'authorize', ms: 2000 })
  pair.control.setLatency({ endpoint: 'token', ms: 2000 })
  const tokens = await page.evaluate(() =>
    Promise.all(['one', 'two'].map((audience) => auth.getTokenSilently({ audience }))),
  )
  const audiences = tokens.map(
    (token) => JSON.parse(atob(token.split('.')[1]!)) as { readonly aud: string },
  )
  expect(audiences).toMatchObject([{ aud: 'one' }, { aud: 'two' }])
  expect(countAuthorize(pair)).toBe(2)
})

// covers fault:frame-abort
test('lets the others go on when one caller aborts, and rejects that one with its own reason', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.setLatency({ endpoint: 'authorize', ms: 500 })
  const [aborted, other] = await page.evaluate(() => {
    const signal = newSignal()
    const calls = [
      auth.getTokenSilently({ cacheMode: 'off', signal }),
      auth.getTokenSilently({ cacheMode: 'off' }),
    ]
    setTimeout(() => controller.abort('changed my mind'), 100)
    return Promise.all(calls.map((call) => settle(call)))
  })
  expect(aborted).toMatchObject({ other: 'changed my mind' })
  expect(other?.value).toMatch(/^ey/)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

test('detaches only the caller whose timeoutMs is over', async ({ page, pair, openSignedIn }) => {
  await openSignedIn()
  pair.control.setLatency({ endpoint: 'authorize', ms: 1000 })
  const [hurried, patient] = await page.evaluate(() =>
    Promise.all(
      [{ timeoutMs: 200 }, {}].map((options) =>
        settle(auth.getTokenSilently({ cacheMode: 'off', ...options })),
      ),
    ),
  )
  expect(hurried).toMatchObject({ code: 'timeout' })
  expect(hurried?.ms).toBeLessThan(900)
  expect(patient?.value).toMatch(/^ey/)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

// covers spec:frame-cleaned-up fault:frame-abort
test('removes the frame and asks for no token when the last caller has aborted', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  const before = await page.evaluate(() => countOpen())
  pair.control.setLatency({ endpoint: 'authorize', ms: 500 })
  await page.evaluate(() => {
    const signal = newSignal()
    pending = Promise.all(
      [1, 2].map(() => settle(auth.getTokenSilently({ cacheMode: 'off', signal }))),
    ).then(([first]) => first!)
  })
  await expect(page.locator('iframe')).toHaveCount(1)
  const { outcome, open } = await page.evaluate(async () => {
    controller.abort('nobody waits')
    return { outcome: await pending, open: countOpen() }
  })
  expect(outcome).toMatchObject({ other: 'nobody waits' })
  expect(open).toEqual(before)
  await page.waitForTimeout(1000)
  expect(requestsOf(pair)).not.toContain('POST token')
})

test('fills the cache even when the last caller aborts after the code was sent', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.setLatency({ endpoint: 'token', ms: 500 })
  await page.evaluate(() => {
    pending = settle(auth.getTokenSilently({ audience: 'other', signal: newSignal() }))
  })
  await expect.poll(() => pair.control.requests({ endpoint: 'token' }).length).toBe(1)
  const [aborted, joined] = await page.evaluate(async () => {
    controller.abort('too late')
    const first = await pending
    return [first, await settle(auth.getTokenSilently({ audience: 'other' }))]
  })
  expect(aborted).toMatchObject({ other: 'too late' })
  expect(joined?.value).toMatch(/^ey/)
  await expect
    .poll(() =>
      page.evaluate(() => auth.getTokenSilently({ audience: 'other', cacheMode: 'cache-only' })),
    )
    .toMatch(/^ey/)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

test('sends no request in the cacheMode cache-only, whether there is a token or not', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  const [hit, miss] = await page.evaluate(() =>
    Promise.all([
      auth.getTokenSilently({ cacheMode: 'cache-only' }),
      auth.getTokenSilently({ cacheMode: 'cache-only', audience: 'other' }),
    ]),
  )
  expect(hit).toMatch(/^ey/)
  expect(miss).toBeUndefined()
  expect(requestsOf(pair)).toEqual([])
})

test('does not answer cacheMode off with the renewal of a call that would take a cached token', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  const [on, off] = await page.evaluate(() =>
    Promise.all([
      auth.getTokenSilently({ audience: 'other', cacheMode: 'on' }),
      auth.getTokenSilently({ audience: 'other', cacheMode: 'off' }),
    ]),
  )
  expect(on).not.toBe(off)
  expect(countAuthorize(pair)).toBe(2)
})

test('answers a part of the scope from the cache, and renews for a scope that is not in it', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  const [all, part] = await page.evaluate(() =>
    Promise.all([auth.getTokenSilently(), auth.getTokenSilently({ scope: 'email' })]),
  )
  expect(part).toBe(all)
  expect(requestsOf(pair)).toEqual([])
  await page.evaluate(() => auth.getTokenSilently({ scope: 'orders' }))
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

test('warns once of a narrowed grant, and does not renew on each call because of it', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.addFault({
    endpoint: 'token',
    name: 'tokenResponse',
    set: { scope: 'openid orders.read' },
    times: 100,
  })
  const warnings = await page.evaluate(async () => {
    const seen: unknown[] = []
    auth.on('warning', (warning) => seen.push(warning))
    for (let call = 0; call < 3; call++)
      await auth.getTokenSilently({ scope: 'orders.read orders.write' })
    return seen
  })
  expect(warnings).toEqual([{ code: 'scope_narrowed', reason: 'orders.write' }])
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

test('keeps a token whose life the server does not tell', async ({ page, pair, openSignedIn }) => {
  await openSignedIn()
  pair.control.addFault({ endpoint: 'token', name: 'tokenResponse', remove: ['expires_in'] })
  const [first, second] = await page.evaluate(async () => [
    await auth.getTokenSilently({ audience: 'other', detailed: true }),
    await auth.getTokenSilently({ audience: 'other', detailed: true }),
  ])
  expect(second?.accessToken).toBe(first?.accessToken)
  expect(first?.expiresIn).toBeGreaterThan(290)
  expect(first?.expiresIn).toBeLessThanOrEqual(300)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})
