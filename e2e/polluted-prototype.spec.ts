// Data on `Object.prototype`, as a careless merge of foreign JSON leaves it there, before the
// library is loaded or after.
import { expect, test } from './support/fixtures.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'

const [evil, loggedOut, pending, once] = ['evil', true, true, true]

/**
 * Names that this library reads, and that browsers read from what they are handed: requests, locks,
 * listeners.
 */
const pollution = (url: string) => ({
  scope: evil,
  audience: url,
  resource: url,
  authorizationParams: { login_hint: evil },
  acrValues: evil,
  maxAge: 0,
  returnTo: url,
  appState: evil,
  url,
  metadata: url,
  timeoutMs: 1,
  onCallback: evil,
  signal: evil,
  cacheMode: 'cache-only',
  detailed: true,
  jwks: { keys: [] },
  onLoginRequired: 'redirect',
  idTokenSignature: 'tls',
  idTokenSigningAlg: 'none',
  responseMode: 'fragment',
  callbackUri: url,
  allowScripts: true,
  messageOrigin: url,
  postLogoutRedirectUri: url,
  trustedAudiences: [evil],
  use_mtls_endpoint_aliases: true,
  id_token_signed_response_alg: 'none',
  mtls_endpoint_aliases: { token_endpoint: url },
  default_max_age: 0,
  require_auth_time: true,
  DPoP: evil,
  additionalParameters: evil,
  method: 'PUT',
  headers: { evil },
  body: evil,
  integrity: 'sha256-evil',
  keepalive: true,
  mode: 'shared',
  ifAvailable: true,
  steal: true,
  once,
  iss: url,
  error: 'invalid_grant',
  type: 'authorization_response',
  response: { code: evil },
  code: evil,
  state: evil,
  access_token: evil,
  id_token: evil,
  refresh_token: evil,
  href: url,
  azp: evil,
  acr: evil,
  at_hash: evil,
  generation: evil,
  loggedOut,
  sub: evil,
  max_age: '1',
  acr_values: evil,
  periodSeconds: evil,
  targets: [{ audience: url }],
  entries: [evil],
  v: 2,
  pending,
  refreshToken: { token: evil },
  idToken: evil,
  codeVerifier: evil,
  statusText: evil,
  prompt: 'login',
  message: evil,
  reason: evil,
  cause: evil,
  cache: 'only-if-cached',
  credentials: 'include',
  redirect: 'follow',
  referrer: url,
  referrerPolicy: 'unsafe-url',
  duplex: evil,
  priority: evil,
  window: 5,
  kid: evil,
  use: 'enc',
  key_ops: [evil],
  crv: evil,
  d: evil,
  oth: [],
  kind: 'silent',
  notPossible: 'invalid_scope',
  tokens: evil,
  entry: evil,
  toJSON: evil,
  0: evil,
})

/** The app. It does all by itself, because no script of a test could run in such a page. */
function createPage({ issuer, hostile }: Pair, when: string): string {
  const data = pollution(hostile.origin)
  const pollute = `Object.assign(Object.prototype, ${JSON.stringify(data)})`
  const client = { issuer, clientId: CLIENT_ID, redirectUri: '/callback' }
  return `<!doctype html><title>App</title>
    <script>${when === 'before' ? pollute : ''}</script>
    <script type="module">
      import * as sotto from '/sotto.js'
      ${when === 'after' ? pollute : ''}
      const results = []
      async function renew(auth) {
        const before = await auth.getTokenSilently()
        const renewal = auth.getTokenSilently({ cacheMode: 'off' })
        postMessage('of somebody else', '*')
        results.push((await renewal) !== before)
      }
      async function run() {
        const client = ${JSON.stringify(client)}
        const auth = sotto.createAuthClient({
          ...client,
          scope: 'openid profile offline_access',
          tokenStorage: sotto.webStorage(() => localStorage),
          renewal: [sotto.refreshToken(), sotto.silentIframe()],
        })
        const { status } = await auth.start()
        if (status === 'anonymous') return auth.loginWithRedirect()
        results.push(status, (await auth.getUser()).name, location.pathname)
        await renew(auth)
        await renew(auth)
        const other = sotto.createAuthClient(client)
        results.push((await other.start()).status)
        await renew(other)
        const authFetch = sotto.createAuthFetch(auth, { allowedOrigins: ['self'] })
        results.push((await authFetch('/fetched')).status)
        await auth.logout({ localOnly: true })
        results.push(auth.getSnapshot().status)
      }
      await run().catch((error) => results.push(String(error)))
      for (const name of ${JSON.stringify(Object.keys(data))}) delete Object.prototype[name]
      await fetch('/done?' + encodeURIComponent(JSON.stringify(results)))
    </script>`
}

// Its script would run in the page.
test.use({ checkLeaks: false })

for (const when of ['before', 'after'])
  // covers threat:polluted-prototype spec:polluted-prototype
  test(`data on Object.prototype ${when} the library is loaded changes nothing`, async ({
    page,
    pair,
    signIn,
  }) => {
    const headers = { 'content-type': 'text/html' }
    for (const path of ['/', '/callback'])
      pair.app.respondWith(path, { headers, body: createPage(pair, when) })
    const reports = () =>
      pair.app.requests
        .filter(({ path }) => path.startsWith('/done'))
        .map(({ path }) => JSON.parse(decodeURIComponent(path.slice('/done?'.length))) as unknown)
    await page.goto('/')
    await Promise.race([
      page.waitForURL(`${pair.issuer}/**`),
      expect.poll(reports, { timeout: 15_000 }).not.toEqual([]),
    ])
    expect(reports()).toEqual([])
    await signIn(page)
    await expect
      .poll(reports, { timeout: 15_000 })
      .toEqual([
        [
          ...['authenticated', 'Alice Liddell', '/', true, true, 'authenticated', true],
          ...[200, 'anonymous'],
        ],
      ])
    expect(pair.app.requests.find(({ path }) => path === '/fetched')?.method).toBe('GET')
    const requests = pair.control.requests()
    const asked = requests.map(({ method, endpoint }) => `${method} ${endpoint}`)
    // The second client shares the session of the first: it asks nothing to start.
    expect(asked.filter((request) => /authorize|token/.test(request)).sort()).toEqual([
      ...Array<string>(3).fill('GET authorize'),
      ...Array<string>(4).fill('POST token'),
    ])
    expect(JSON.stringify(requests)).not.toContain('evil')
    expect(pair.hostile.requests).toEqual([])
  })
