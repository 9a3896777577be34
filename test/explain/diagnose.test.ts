// @vitest-environment happy-dom
// What `diagnose` finds where a browser is not needed to be wrong; e2e/diagnosis.spec.ts has the rest.
import {
  AuthError,
  createAuthClient,
  diagnose,
  pushedAuthorizationRequest,
  type AuthClient,
  type ClientOptions,
  type FindingId,
} from 'sotto'
import { createAuthorizationServer, fakeAuth, signedIn } from 'sotto/testing'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { stubLocks } from '../support/flow-client.ts'

const issuer = 'https://login.example.com'
const META = '/.well-known/openid-configuration'

interface Answer {
  readonly status?: number
  readonly body?: string
  readonly date?: number
}
type Way = 'cors' | 'down' | 'hang' | Answer

const respond = ({ status = 200, body = '<!doctype html>', date = Date.now() }: Answer = {}) =>
  new Response(body, { status, headers: { date: new Date(date).toUTCString() } })

/** A network with the mock server and the app's web server in it; some paths go another way. */
function createNetwork(ways: Readonly<Record<string, Way>> = {}) {
  const server = createAuthorizationServer({ issuer, signingAlg: 'ES256' })
  const send = (async (input: string | URL | Request, init: RequestInit = {}) => {
    const url = new URL(String(input))
    const way = ways[url.pathname]
    if (way === 'down' || (way === 'cors' && init.mode !== 'no-cors')) throw new TypeError('failed')
    if (way === 'hang')
      await new Promise((_, reject) => init.signal?.addEventListener('abort', reject))
    if (typeof way === 'object') return respond(way)
    return url.origin === issuer ? server.fetch(url.href, init) : respond()
  }) as typeof fetch
  return { server, send }
}

function createClient(options: Partial<ClientOptions> = {}, ways?: Readonly<Record<string, Way>>) {
  const { send } = createNetwork(ways)
  const given = { issuer, clientId: 'app', redirectUri: '/callback', fetch: send, renewal: [] }
  const auth = createAuthClient({ ...given, timeoutMs: 300, ...options }, new Map())
  onTestFinished(() => auth.dispose())
  return auth
}

async function findingsOf(auth: AuthClient<object>, options = {}) {
  const { findings } = await diagnose(auth, options)
  return {
    of: (id: FindingId) => {
      const { level, what, fix } = findings.find((one) => one.id === id) ?? {}
      return level === undefined ? undefined : [level, `${what} ${fix}`].join(': ')
    },
    findings,
  }
}

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', 'http://localhost:3000/')
  stubLocks()
})

test('finds nothing wrong where nothing is', async () => {
  const { findings } = await findingsOf(createClient())
  expect(findings.filter(({ level }) => level === 'error')).toEqual([])
})

test.each([
  [undefined, 'error: The server takes pushed authorization requests only'],
  [pushedAuthorizationRequest(), 'ok: The server takes pushed requests only: yours are.'],
])('a server that takes pushed requests only: with par %o it is an %s', async (par, expected) => {
  const { server } = createNetwork()
  server.control.addFault({
    endpoint: 'discovery',
    name: 'metadata',
    set: { require_pushed_authorization_requests: true },
  })
  const send = ((input: string | URL, init?: RequestInit) =>
    server.fetch(String(input), init)) as typeof fetch
  const { of } = await findingsOf(createClient({ fetch: send, ...(par && { par }) }))
  expect(of('pushed_requests')).toContain(expected)
})

test.each<[string, string, Way, FindingId, string]>([
  [META, 'may not be read', 'cors', 'cors_discovery', 'in a browser. If no JSON comes, the issuer'],
  [META, 'is not there', 'down', 'discovery', 'is not there'],
  [META, 'does not answer', 'hang', 'discovery', 'does not answer in time'],
  [META, 'answers with a 404', { status: 404 }, 'discovery', 'with the status 404'],
  [META, 'is a page', {}, 'discovery', 'no JSON document'],
  ['/token', 'may not be read', 'cors', 'cors_token', `may not read ${issuer}/token`],
  ['/token', 'is not there', 'down', 'token_endpoint', 'is not there'],
  [
    '/token',
    'wants a secret',
    { body: '{"error":"invalid_client"}', status: 401 },
    'token_endpoint',
    'secret',
  ],
  ['/jwks', 'may not be read', 'cors', 'cors_keys', `may not read ${issuer}/jwks`],
  ['/jwks', 'is not there', 'down', 'keys', 'is not there'],
  ['/jwks', 'is a list', { body: '[]' }, 'keys', 'no key set'],
  ['/jwks', 'answers with a 500', { body: '{"keys":[]}', status: 500 }, 'keys', 'no key set'],
  ['/jwks', 'has secrets only', { body: '{"keys":[{"kty":"oct"}]}' }, 'keys', 'no public key'],
  ['/callback', 'answers with a 404', { status: 404 }, 'callback_page', 'index.html'],
  ['/callback', 'is not there', 'down', 'callback_page', 'gives no page'],
])('says what it is where %s %s', async (path, _what, way, id, text) => {
  const { of } = await findingsOf(createClient({}, { [path]: way }))
  expect(of(id)).toMatch(/^error: /)
  expect(of(id)).toContain(text)
})

test.each([
  ['a redirect to another origin', true, 'error: https://login.example.com/.well-known'],
  ['a fetch that asks a proxy', false, 'ok: The metadata are at https://login.example.com'],
])('%s is told apart', async (_what, redirected, expected) => {
  const { server } = createNetwork()
  const url = 'https://elsewhere.example/metadata'
  const send = (async (input: string | URL, init?: RequestInit) => {
    const response = await server.fetch(String(input), init)
    return Object.defineProperties(response, {
      url: { value: url },
      redirected: { value: redirected },
    })
  }) as typeof fetch
  const { of } = await findingsOf(createClient({ fetch: send }))
  expect(of('discovery')).toContain(expected)
  expect(of('keys')).toContain(redirected ? 'leads to another origin' : 'has public keys')
})

test('takes the metadata that it was given, or their URL', async () => {
  const metadata = {
    issuer: 'https://other.example.com',
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
  }
  const given = await findingsOf(createClient({ metadata }))
  expect(given.of('discovery')).toBeUndefined()
  expect(given.of('issuer')).toContain('the metadata say "https://other.example.com"')
  expect(given.of('keys')).toBeUndefined()
  const url = `${issuer}/elsewhere`
  const answer = { body: JSON.stringify({ ...metadata, issuer }) }
  const withQuery = { metadata: `${url}?app=classified` }
  const atUrl = await findingsOf(createClient(withQuery, { '/elsewhere': answer }))
  expect(atUrl.of('discovery')).toContain(`${url}.`)
  expect(JSON.stringify(atUrl.findings)).not.toContain('classified')
  expect(atUrl.of('issuer')).toMatch(/^ok/)
})

test('says what the browser refuses', async () => {
  vi.stubGlobal('sessionStorage', undefined)
  vi.stubGlobal('crossOriginIsolated', true)
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  const scriptURL = 'http://localhost:3000/sw.js?secret'
  const serviceWorker = { controller: { scriptURL } }
  Object.defineProperty(navigator, 'serviceWorker', { value: serviceWorker, configurable: true })
  vi.stubGlobal('top', {})
  const { of, findings } = await findingsOf(createClient(), { probe: false })
  expect(of('storage')).toMatch(/^error: .+cannot be begun/)
  expect(of('isolation')).toMatch(/^error: .+isolated/)
  expect(of('locks')).toMatch(/^hint/)
  expect(of('service_worker')).toMatch(/^hint/)
  expect(of('embedded')).toMatch(/^hint/)
  expect(JSON.stringify(findings)).not.toContain('secret')
  Reflect.deleteProperty(navigator, 'serviceWorker')
})

test('says that a router has put the answer to a login back into the address', async () => {
  const auth = createClient()
  const address = '/callback?code=the-code&state='
  history.replaceState(null, '', `${address}foreign.x`)
  await auth.start()
  expect((await findingsOf(auth, { probe: false })).of('address')).toBeUndefined()
  const urls: URL[] = []
  const other = createClient({ navigate: (url) => void urls.push(url) })
  await other.loginWithRedirect()
  history.replaceState(null, '', `${address}${urls[0]?.searchParams.get('state')}`)
  expect((await findingsOf(other, { probe: false })).of('address')).not.toContain('router')
  await other.start()
  history.replaceState(null, '', `${address}${urls[0]?.searchParams.get('state')}`)
  const { of, findings } = await findingsOf(other, { probe: false })
  expect(of('address')).toMatch(/^error: .+router/)
  expect(JSON.stringify(findings)).not.toContain('the-code')
})

test('says why the browser did not keep the page', async () => {
  const notRestoredReasons = { reasons: [{ reason: 'unload-listener' }] }
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([{ notRestoredReasons }] as never)
  const { of, findings } = await findingsOf(createClient(), { probe: false })
  expect(of('back_forward_cache')).toMatch(/^hint: .+unload/)
  expect(findings.find(({ id }) => id === 'back_forward_cache')?.evidence).toEqual({
    reasons: ['unload-listener'],
  })
})

test('a storage that is missing is no error where another is given', async () => {
  vi.stubGlobal('localStorage', undefined)
  const { of, findings } = await findingsOf(createClient(), { probe: false })
  expect(of('storage')).toMatch(/^hint: .+nothing in localStorage/)
  expect(findings.find(({ id }) => id === 'storage')?.evidence).toMatchObject({
    sessionStorage: true,
    tokenStorage: 'memory',
  })
  expect(sessionStorage.length).toBe(0)
  vi.stubGlobal('sessionStorage', undefined)
  const transactionStorage = { getItem: () => null, setItem() {}, removeItem() {} }
  const own = createClient({ transactionStorage })
  expect((await findingsOf(own, { probe: false })).of('storage')).toMatch(/^hint/)
})

test('asks nothing where nothing can work', async () => {
  const send = vi.fn<typeof fetch>()
  const elsewhere = createClient({ redirectUri: 'https://other.example/cb', fetch: send })
  expect((await findingsOf(elsewhere)).of('redirect_uri')).toContain('cb is on another')
  vi.stubGlobal('crypto', {})
  const { of } = await findingsOf(createClient({ fetch: send }))
  expect(of('secure_context')).toContain('http://localhost:3000 was loaded over plain http')
  expect(send).not.toHaveBeenCalled()
})

test('compares the clock with the app’s own web server', async () => {
  const late = { date: Date.now() - 7.2e6 }
  const { of } = await findingsOf(createClient({}, { '/callback': late }))
  expect(of('clock')).toMatch(/^hint: .+7[12]\d\d s ahead of that of your web server/)
})

const failing = (error: AuthError) => async () => {
  throw error
}

test.each<[AuthError, string | undefined]>([
  [new AuthError('silent_blocked', { reason: 'no_answer' }), 'error: The server showed a page'],
  [new AuthError('login_required'), 'ok: The server answers silent requests (login_required)'],
  [
    new AuthError('login_required', { reason: 'cookies_blocked_suspected' }),
    'error: The server saw no session in the hidden frame',
  ],
])('renews once and says how it ended: %s', async (error, text) => {
  const auth = createClient({ renewal: [failing(error)] })
  expect((await findingsOf(auth)).of('silent_request')).toBeUndefined()
  await auth.start()
  expect((await findingsOf(auth)).of('silent_request')).toContain(text)
})

test('leaves out what the session holds', async () => {
  const { server, send } = createNetwork()
  const auth = await signedIn(server, { fetch: send })
  const { of, findings } = await findingsOf(auth)
  expect(of('session')).toContain('authenticated')
  expect(of('silent_request')).toMatch(/^ok: A token was renewed/)
  const text = JSON.stringify(findings)
  for (const secret of ['alice', 'eyJ', await auth.getTokenSilently()])
    expect(text).not.toContain(secret)
  await auth.logout()
  expect((await findingsOf(auth)).of('silent_request')).toBeUndefined()
  auth.dispose()
  await expect(diagnose(auth)).rejects.toMatchObject({ code: 'disposed' })
})

test('a user who is signed in and unknown to the server is worth a word', async () => {
  const { server, send } = createNetwork()
  let fails = false
  const auth = await signedIn(server, {
    fetch: send,
    renewal: [
      async () => {
        if (fails) throw new AuthError('login_required')
        return { notPossible: 'custom' }
      },
    ],
  })
  onTestFinished(() => auth.dispose())
  fails = true
  expect((await findingsOf(auth)).of('silent_request')).toMatch(/^hint/)
})

test('shows the error of the snapshot, and what is suspected of cookies', async () => {
  const auth = createClient({}, { [META]: 'down' })
  const key = `sotto:cookies ${issuer} app`
  await auth.start()
  localStorage.setItem(key, 'suspected')
  const { of } = await findingsOf(auth, { probe: false })
  expect(of('session')).toBeDefined()
  expect(of('cookies')).toMatch(/^hint: .+different sites/)
  localStorage.setItem(key, 'confirmed')
  expect((await findingsOf(auth, { probe: false })).of('cookies')).toMatch(/^error/)
})

test('takes a client only', async () => {
  await expect(diagnose(fakeAuth())).rejects.toMatchObject({ code: 'config_invalid' })
  const auth = createClient()
  vi.stubGlobal('document', undefined)
  await expect(diagnose(auth)).rejects.toMatchObject({ code: 'not_in_browser' })
})
