// What only a browser shows of renewals that somebody interferes with: origins that look alike,
// redirects, policies, CORS.
import type { Page } from '@playwright/test'
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

const ISSUER = 'https://as.example'
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
}

/**
 * A server whose page goes through all these origins; each says `access_denied`, and only the
 * server itself, at last, something else.
 */
async function serveLookalikes(page: Page): Promise<void> {
  const chain = [...ALIKE, `${ISSUER}/answer`]
  await page.route(/^https?:\/\/[^/]*\.example[:/]/, async (route) => {
    const { origin, pathname } = new URL(route.request().url())
    const next = chain[pathname === '/authorize' ? 0 : chain.indexOf(origin) + 1]
    const isLast = pathname === '/answer'
    await route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><script>
        const state = new URLSearchParams(location.search).get('state')
        const response = { error: '${isLast ? 'consent_required' : 'access_denied'}', state, iss: '${ISSUER}' }
        if (${pathname !== '/authorize'}) parent.postMessage({ type: 'authorization_response', response }, '*')
        if (${!isLast}) setTimeout(() => (location = '${next}' + location.search))
      </script>`,
    })
  })
}

for (const [trusted, code, heard] of [
  [undefined, 'consent_required', [...ALIKE, ISSUER]],
  [ALIKE[2], 'access_denied', ALIKE.slice(0, 3)],
] as const) {
  const name = trusted
    ? 'takes the answer from the origin that messageOrigin names, and from no other'
    : 'a message from an origin that only looks like the server is ignored, though its window is our frame'
  // covers threat:hostile-frame fault:frame-similar-origin fault:frame-other-origin
  test(name, async ({ page }) => {
    await serveLookalikes(page)
    await page.goto('/')
    const { outcome, origins } = await page.evaluate(
      async ([metadata, messageOrigin]) => {
        const seen: string[] = []
        addEventListener('message', ({ origin }) => seen.push(origin))
        const auth = sotto.createAuthClient({
          issuer: metadata.issuer,
          clientId: 'app',
          redirectUri: '/callback',
          metadata,
          renewal: [sotto.silentIframe(messageOrigin === undefined ? {} : { messageOrigin })],
        })
        return { outcome: await settle(auth.getTokenSilently()), origins: seen }
      },
      [METADATA, trusted] as const,
    )
    expect(outcome).toMatchObject({ code })
    expect(origins).toEqual(heard)
  })
}

// covers fault:token-redirect
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
  // covers fault:token-cors
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

// covers fault:metadata-unreachable
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
