// What only a browser shows of renewals that somebody interferes with: origins that look alike, redirects, policies, CORS.
import type { Fault } from 'sotto/testing'
import { expect, ONE_RENEWAL, requestsOf, test } from './support/signed-in.ts'

/** Origins that a careless comparison would take for that of the server. */
const ALIKE = [
  'https://as.example.evil.example',
  'https://evil-as.example',
  'https://sub.as.example',
  'https://as.example:8443',
  'http://as.example',
  'https://xn--s-1fa.example',
]

test('a message from an origin that only looks like the server is ignored, though its window is our frame', async ({
  page,
  createClient,
}) => {
  const issuer = 'https://as.example'
  const chain = [...ALIKE, `${issuer}/answer`]
  await page.route(/^https?:\/\/[^/]*\.example[:/]/, async (route) => {
    const url = new URL(route.request().url())
    const next = chain[chain.findIndex((one) => new URL(one).origin === url.origin) + 1]
    const body =
      url.pathname === '/authorize'
        ? "location = '" + ALIKE[0] + "/' + location.search"
        : url.pathname === '/answer'
          ? "post({ error: 'consent_required' })"
          : `post({ error: 'access_denied' }); post({ code: 'forged' }); setTimeout(() => (location = '${next}' + location.search))`
    await route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><script>
        const state = new URLSearchParams(location.search).get('state')
        const post = (member) => parent.postMessage(
          { type: 'authorization_response', response: { ...member, state, iss: '${issuer}' } }, '*')
        ${body}
      </script>`,
    })
  })
  await page.goto('/')
  await createClient(page, {
    issuer,
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    },
  })
  const { outcome, origins } = await page.evaluate(async () => {
    const seen: string[] = []
    addEventListener('message', ({ origin }) => seen.push(origin))
    return { outcome: await settle(auth.getTokenSilently()), origins: seen }
  })
  expect(outcome).toMatchObject({ code: 'consent_required' })
  expect([...new Set(origins)]).toEqual([...ALIKE, issuer])
})

test('a redirect of the token endpoint takes the code nowhere, whatever its status', async ({
  page,
  pair,
  openSignedIn,
}) => {
  await openSignedIn()
  const location = `${pair.hostile.origin}/steal`
  for (const status of [302, 307]) {
    pair.control.addFault({ endpoint: 'token', name: 'redirect', location, status, times: 1 })
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    expect(outcome).toMatchObject({ code: 'server_error', reason: 'redirect', retryable: true })
  }
  expect(pair.hostile.requests).toEqual([])
  expect(requestsOf(pair)).toEqual([...ONE_RENEWAL, ...ONE_RENEWAL])
  expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('authenticated')
})

const unreachable: readonly (readonly [string, Fault | undefined])[] = [
  ['has no CORS headers', { endpoint: 'token', name: 'noCors' }],
  ['is not in the connect-src of the page', undefined],
]

for (const [what, fault] of unreachable) {
  test(`a token endpoint that ${what} is a network_error, and the session stays`, async ({
    page,
    pair,
    openSignedIn,
  }) => {
    await openSignedIn()
    const before = await page.evaluate(() => auth.getTokenSilently())
    if (fault) pair.control.addFault(fault)
    else
      await page.evaluate(() => {
        const policy = document.createElement('meta')
        policy.httpEquiv = 'content-security-policy'
        policy.content = "connect-src 'self'"
        document.head.append(policy)
      })
    const outcome = await page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
    expect(outcome).toMatchObject({ code: 'network_error', retryable: true })
    expect(await page.evaluate(() => auth.getTokenSilently())).toBe(before)
    expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('authenticated')
  })
}

test('metadata without CORS headers is discovery_failed, and asked for again', async ({
  page,
  pair,
  addSession,
  createClient,
}) => {
  await addSession()
  await page.goto('/')
  await createClient(page)
  pair.control.addFault({ endpoint: 'discovery', name: 'noCors', times: 1 })
  const ask = () => settle(auth.getTokenSilently())
  expect(await page.evaluate(ask)).toMatchObject({ code: 'discovery_failed', retryable: true })
  expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('error')
  // Also where the browser keeps the first answer in its cache.
  expect((await page.evaluate(ask)).value).toMatch(/^ey/)
})
