// What is posted to a page that waits for an answer, by whom, and in which shape (RFC 9700, section
// 4.17).
import { createAuthorizationUrl } from './support/authorization-request.ts'
import { echoFrames, openFrame, readState } from './support/messages.ts'
import { expect, ONE_RENEWAL, requestsOf, test } from './support/signed-in.ts'
import type { Pair } from './support/serve.ts'

/** The code that the server was asked to exchange. */
function codesSent({ control }: Pair): (string | undefined)[] {
  return control.requests({ endpoint: 'token' }).map(({ parameters }) => parameters['code'])
}

test.beforeEach(({ pair }) => {
  pair.hostile.respondWith('/echo', {
    headers: { 'content-type': 'text/html' },
    body: "<script>onmessage = ({ data }) => parent.postMessage(data, '*')</script>",
  })
})

// covers threat:opener spec:exact-origin fault:frame-other-page
test('ignores a message from another origin, with the right type and state, before the real one', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  await page.evaluate(openFrame, `${pair.hostile.origin}/echo`)
  pair.control.setLatency({ endpoint: 'authorize', ms: 1000 })
  await page.evaluate(() => {
    pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  const state = await page.evaluate(readState)
  const response = { code: 'forged', state, iss: pair.issuer }
  const echoed = await page.evaluate(echoFrames, { type: 'authorization_response', response })
  expect(echoed).toEqual([{ origin: pair.hostile.origin, ours: false }])
  expect((await page.evaluate(() => pending)).value).toMatch(/^ey/)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
  expect(codesSent(pair)).not.toContain('forged')
})

// covers threat:opener spec:own-frame fault:frame-other-page
test('ignores a message of the right origin from another frame', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.setLatency({ endpoint: 'authorize', ms: 1000 })
  await page.evaluate(() => {
    pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  const state = await page.evaluate(readState)
  pair.control.setLatency({ endpoint: 'authorize', ms: 0 })
  const url = createAuthorizationUrl(pair, {
    prompt: 'none',
    response_mode: 'web_message',
    state,
  })
  const message = await page.evaluate(async (src) => {
    const received = new Promise<MessageEvent<{ response: Record<string, string> }>>((resolve) =>
      addEventListener('message', resolve, { once: true }),
    )
    const frame = document.createElement('iframe')
    frame.dataset['test'] = ''
    frame.src = src
    document.body.append(frame)
    const { origin, source, data } = await received
    return { origin, isTests: source === frame.contentWindow, response: data.response }
  }, url)
  expect(message).toMatchObject({ origin: pair.issuer, isTests: true, response: { state } })
  expect((await page.evaluate(() => pending)).value).toMatch(/^ey/)
  expect(codesSent(pair)).toHaveLength(1)
  expect(codesSent(pair)).not.toContain(message.response['code'])
})

// covers threat:hostile-frame spec:browser-events fault:frame-script-event
test('ignores an event that a script made, with the right origin and source', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.setLatency({ endpoint: 'authorize', ms: 500 })
  await page.evaluate(() => {
    pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  const state = await page.evaluate(readState)
  await page.evaluate(
    ({ origin, response }) => {
      const source = document.querySelector('iframe')!.contentWindow
      const data = { type: 'authorization_response', response }
      dispatchEvent(new MessageEvent('message', { data, origin, source }))
    },
    { origin: pair.issuer, response: { code: 'forged', state, iss: pair.issuer } },
  )
  expect((await page.evaluate(() => pending)).value).toMatch(/^ey/)
  expect(codesSent(pair)).not.toContain('forged')
})

// covers threat:hostile-frame spec:message-shape fault:frame-other-state
test('refuses an answer with another state from its own frame, and asks for no token', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant: 'wrongState' })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'state_mismatch' })
  expect(requestsOf(pair)).toEqual(['GET authorize'])
})

for (const [what, fault] of [
  ['another issuer', { set: { iss: 'https://login.hostile.example' } }],
  ['no issuer where the server promises one', { remove: ['iss'] }],
] as const) {
  // covers spec:message-shape fault:frame-other-iss
  test(`refuses an answer with ${what}, and asks for no token`, async ({
    page,
    pair,
    openSignedIn,
  }) => {
    await openSignedIn()
    pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', ...fault })
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    expect(outcome).toMatchObject({ code: 'issuer_mismatch' })
    expect(requestsOf(pair)).toEqual(['GET authorize'])
  })
}

test('refuses an error with another issuer as it refuses a code', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.endSessions()
  const set = { iss: 'https://login.hostile.example' }
  pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', set })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'issuer_mismatch' })
})

for (const [what, variant] of [
  ['messages of other kinds before the answer', 'garbageFirst'],
  ['an answer that is posted twice', 'twice'],
] as const) {
  // covers fault:frame-answer-twice
  test(`takes one answer, and asks for one token, with ${what}`, async ({
    page,
    pair,
    openSignedIn,
  }) => {
    await openSignedIn()
    pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant })
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    expect(outcome.value).toMatch(/^ey/)
    await page.waitForTimeout(300)
    expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
  })
}

// covers spec:frame-led-elsewhere fault:frame-led-away
test('does not take the frame for an answer when it was led to another origin', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn({ silentTimeoutMs: 1500 })
  const location = `${pair.hostile.origin}/echo`
  pair.control.addFault({
    endpoint: 'authorize',
    name: 'webMessage',
    variant: 'navigate',
    location,
  })
  await page.evaluate(() => {
    pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  const state = await page.evaluate(readState)
  await expect.poll(() => pair.hostile.requests.length).toBe(1)
  const response = { code: 'forged', state, iss: pair.issuer }
  const echoed = await page.evaluate(echoFrames, { type: 'authorization_response', response })
  expect(echoed).toEqual([{ origin: pair.hostile.origin, ours: true }])
  expect((await page.evaluate(() => pending)).code).toBe('silent_timeout')
  expect(requestsOf(pair)).toEqual(['GET authorize'])
})

// covers threat:hostile-frame spec:no-relay fault:frame-relay
test('does not answer a relay request', async ({ page, pair, openSignedIn }) => {
  const heard: string[] = []
  await page.exposeFunction('tell', (text: string) => heard.push(text))
  await page.addInitScript(() => {
    if (window === window.top) return
    const { tell } = globalThis as unknown as { readonly tell: (text: string) => void }
    tell('the frame listens')
    addEventListener('message', () => tell('the frame was written to'))
  })
  await openSignedIn()
  heard.length = 0
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant: 'relayRequest' })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
  expect(outcome.evidence).toMatchObject({ loads: 1, messagesIgnored: 1 })
  expect(requestsOf(pair)).toEqual(['GET authorize'])
  expect(heard).toContain('the frame listens')
  expect(heard).not.toContain('the frame was written to')
})

test('takes a flat answer with a type from a server that promises no issuer', async ({
  page,
  pair,
  openSignedIn,
}) => {
  const set = { authorization_response_iss_parameter_supported: false }
  pair.control.addFault({ endpoint: 'discovery', name: 'metadata', set })
  await openSignedIn()
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant: 'flatWithType' })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome.value).toMatch(/^ey/)
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

test('refuses a flat answer without an issuer from a server that promises one', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessage', variant: 'flatWithType' })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'issuer_mismatch' })
})

test('takes an error that is posted by a page with status 400', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.endSessions()
  pair.control.addFault({ endpoint: 'authorize', name: 'webMessageStatus', status: 400 })
  const [response, outcome] = await Promise.all([
    page.waitForResponse(/\/authorize\?/),
    page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' }))),
  ])
  expect(response.status()).toBe(400)
  expect(outcome).toMatchObject({ code: 'login_required' })
})
