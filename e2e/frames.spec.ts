// What a server's page does in the frame besides answering, and what becomes of an app that is
// loaded there.
import { CLIENT_ID, type Pair } from './support/serve.ts'
import { expect, ONE_RENEWAL, requestsOf, test } from './support/signed-in.ts'

/** Makes the server answer the next authorization request with a page of the test's own. */
function answerWithPage({ control }: Pair, script: string): void {
  const body = `<!doctype html><script>
    const asked = new URLSearchParams(location.search)
    const state = asked.get('state')
    const post = (data, transfer) => parent.postMessage(data, '*', transfer)
    ${script}
  </script>`
  const contentType = 'text/html'
  control.addFault({ endpoint: 'authorize', name: 'status', status: 200, contentType, body })
}

/**
 * Puts an app at the redirect URI that starts by itself, and tells the server when it has rendered.
 */
function serveSelfStartingApp({ app, issuer }: Pair): void {
  const options = JSON.stringify({ issuer, clientId: CLIENT_ID, redirectUri: '/callback' })
  app.respondWith('/callback', {
    headers: { 'content-type': 'text/html' },
    body: `<!doctype html><script src="/boot.js"></script><script type="module">
      import { createAuthClient } from '/sotto.js'
      await createAuthClient(${options}).start()
      const framed = String(window !== window.top)
      await fetch('/__boot?' + new URLSearchParams({ framed, path: 'rendered' }), { method: 'POST' })
    </script>`,
  })
}

// covers threat:page-in-the-frame spec:no-recursion fault:frame-loads-app
test('takes the answer of a server that ignores response_mode, and the app does not start in the frame', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  serveSelfStartingApp(pair)
  pair.control.addFault({ endpoint: 'authorize', name: 'responseModeIgnored' })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome.value).toMatch(/^ey/)
  await page.waitForTimeout(500)
  expect(pair.app.boots).not.toContainEqual({ framed: true, path: 'rendered' })
  expect(requestsOf(pair)).toEqual(ONE_RENEWAL)
})

test('takes the error of a server that ignores response_mode', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  pair.control.endSessions()
  pair.control.addFault({ endpoint: 'authorize', name: 'responseModeIgnored' })
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'login_required' })
})

for (const { mark, renders } of [
  { mark: 'data-sotto', renders: false },
  { mark: 'data-other', renders: true },
]) {
  const name = renders
    ? 'an app in a frame of its own embedder starts'
    : 'an app that was loaded into a hidden frame of the library does not start, and asks the server for nothing'
  test(name, async ({ page, pair, openSignedIn }) => {
    await openSignedIn()
    serveSelfStartingApp(pair)
    await page.evaluate((attribute) => {
      const frame = document.createElement('iframe')
      frame.dataset['test'] = ''
      frame.setAttribute(attribute, '')
      frame.src = '/callback?code=some-code&state=some-state'
      document.body.append(frame)
    }, mark)
    await expect.poll(() => pair.app.boots).toContainEqual({ framed: true, path: '/callback' })
    const rendered = { framed: true, path: 'rendered' }
    if (renders) {
      await expect.poll(() => pair.app.boots).toContainEqual(rendered)
    } else {
      await page.waitForTimeout(1500)
      expect(pair.app.boots).not.toContainEqual(rendered)
      expect(requestsOf(pair)).toEqual([])
    }
  })
}

// covers threat:page-in-the-frame spec:frame-sandbox fault:frame-leads-away
test('a page in the frame cannot lead the app away', async ({ page, pair, openSignedIn }) => {
  await openSignedIn()
  answerWithPage(pair, `top.location = '${pair.hostile.origin}/'`)
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
  expect(page.url()).toBe(`${pair.app.origin}/`)
})

// covers threat:page-in-the-frame spec:frame-sandbox fault:frame-leads-away
test('a page in the frame cannot open a window', async ({ page, pair, openSignedIn, context }) => {
  await openSignedIn({ silentTimeoutMs: 1000 })
  answerWithPage(pair, `open('${pair.hostile.origin}/')`)
  await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(context.pages()).toHaveLength(1)
  expect(pair.hostile.requests).toEqual([])
})

// covers threat:hostile-frame fault:frame-odd-data fault:frame-other-type
test('passes over whatever else a page posts before its answer, and nothing of it throws', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  answerWithPage(
    pair,
    `const response = { error: 'access_denied', state, iss: '${pair.issuer}' }
    const cyclic = { type: 'authorization_response' }
    cyclic.response = cyclic
    let deep = {}
    for (let level = 0; level < 1000; level++) deep = { type: 'authorization_response', response: deep }
    for (const data of [
      JSON.stringify({ type: 'authorization_response', response }), undefined, null, 0, true, '', 1n,
      [], [response], new Map(Object.entries({ type: 'authorization_response', response })), new Set([response]),
      new Date(), /x/, new Error('x'), new Blob(['x']), new ArrayBuffer(8), new Uint8Array(1e6), cyclic, deep,
      'x'.repeat(1e6), { response }, { type: 'authorization_response ', response },
      { type: ['authorization_response'], response }, { type: 1, response },
      { type: 'AUTHORIZATION_RESPONSE', response }, { type: 'authorization_response' },
      { type: 'authorization_response', response: null },
      { type: 'authorization_response', response: [] }, { type: 'authorization_response', response: { x: 1 } },
    ]) post(data)
    const { port1 } = new MessageChannel()
    post({ port1 }, [port1])
    post({ type: 'authorization_response', response: { ...response, error: 'consent_required' } })`,
  )
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'consent_required' })
})

// covers fault:frame-answer-twice
test('the first answer decides when an error is followed by a code', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  answerWithPage(
    pair,
    `for (const member of [{ error: 'login_required' }, { code: 'x' }])
      post({ type: 'authorization_response', response: { ...member, state, iss: '${pair.issuer}' } })`,
  )
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'login_required' })
  expect(requestsOf(pair)).toEqual(['GET authorize'])
})

for (const [what, members] of [
  ['no state', '{ code: "x", iss }'],
  ['an empty state', '{ code: "x", iss, state: "" }'],
  ['a state that is no string', '{ code: "x", iss, state: [state] }'],
] as const) {
  // covers fault:frame-other-state
  test(`refuses an answer of its own frame with ${what}`, async ({ page, pair, openSignedIn }) => {
    await openSignedIn()
    answerWithPage(
      pair,
      `const iss = '${pair.issuer}'; post({ type: 'authorization_response', response: ${members} })`,
    )
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    expect(outcome).toMatchObject({ code: 'state_mismatch' })
    expect(requestsOf(pair)).toEqual(['GET authorize'])
  })
}

// covers spec:unrequested-tokens fault:frame-tokens
test('takes no access token that a server posts without being asked for one', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  answerWithPage(
    pair,
    `post({ type: 'authorization_response', response: { access_token: 'x', code: 'x', state, iss: '${pair.issuer}' } })`,
  )
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'callback_invalid' })
  expect(requestsOf(pair)).toEqual(['GET authorize'])
})

// covers fault:frame-other-origin
test('takes no address of our own origin from the page of the server', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  answerWithPage(
    pair,
    `const href = '${pair.app.origin}/callback?' + new URLSearchParams({ code: 'x', state, iss: '${pair.issuer}' })
    post({ type: 'sotto:callback', href })`,
  )
  const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
  expect(outcome).toMatchObject({ code: 'silent_blocked', reason: 'no_answer' })
  expect(outcome.evidence).toMatchObject({ messagesIgnored: 1 })
  expect(requestsOf(pair)).toEqual(['GET authorize'])
})
