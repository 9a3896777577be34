// @vitest-environment happy-dom
// What may be wrong with the server's metadata, and with the page that leaves for a login.
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClient, isAuthError } from 'sotto'
import type { Fault } from 'sotto/testing'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import {
  blockedStorage,
  createTransactionStorage,
  pendingLoginKeys,
} from '../support/flow-storage.ts'
import { inWords } from '../support/in-words.ts'

beforeEach(preparePage)

const at = { endpoint: 'discovery' } as const
const metadata = (set: Readonly<Record<string, unknown>>, remove: readonly string[] = []): Fault =>
  ({ ...at, name: 'metadata', set, remove }) as Fault
const body = (text: string): Fault => ({
  ...at,
  name: 'status',
  status: 200,
  body: text,
  contentType: 'application/json',
})

const faults: readonly (readonly [name: string, fault: Fault, outcome: string])[] = [
  ['no connection', { ...at, name: 'drop' }, 'discovery_failed'],
  ['a body that breaks off', { ...at, name: 'truncated' }, 'discovery_failed'],
  ['status 404', { ...at, name: 'status', status: 404 }, 'discovery_failed'],
  ['status 500', { ...at, name: 'status', status: 500 }, 'discovery_failed'],
  [
    'status 503 with a page',
    { ...at, name: 'status', status: 503, body: '<p>' },
    'discovery_failed',
  ],
  [
    'a redirect',
    { ...at, name: 'redirect', location: 'https://evil.example/' },
    'discovery_failed/redirect',
  ],
  ['no answer at all', { ...at, name: 'hang' }, 'timeout'],
  ['twenty megabytes', { ...at, name: 'huge', bytes: 20_000_000 }, 'response_too_large'],
  ['a page', { ...at, name: 'html' }, 'discovery_invalid/json'],
  ['nothing', { ...at, name: 'empty' }, 'discovery_invalid/json'],
  ['JSON that breaks off', body('{"issuer":"https://login.ex'), 'discovery_invalid/json'],
  ['a list', body('[]'), 'discovery_invalid/json'],
  ['null', body('null'), 'discovery_invalid/json'],
  ['a text', body('"x"'), 'discovery_invalid/json'],
  ...[
    'https://evil.example',
    'https://login.example.com/',
    'https://LOGIN.example.com',
    'foo',
    5,
  ].map(
    (issuer) => [`the issuer ${issuer}`, metadata({ issuer }), 'discovery_invalid/issuer'] as const,
  ),
  ['no issuer', metadata({}, ['issuer']), 'discovery_invalid/issuer'],
  ...['authorization_endpoint', 'token_endpoint', 'jwks_uri'].flatMap((name) =>
    [
      ...['javascript:globalThis.ran=1', 'data:text/html,x', 'blob:https://login.example.com/x'],
      ...['/relative', '', 'http://public.example/x', 'https://user@login.example.com/', {}],
    ].map(
      (value) =>
        [
          `${inWords(value)} as the ${name}`,
          metadata({ [name]: value }),
          'discovery_invalid/endpoint',
        ] as const,
    ),
  ),
  [
    'PKCE by plain alone',
    metadata({ code_challenge_methods_supported: ['plain'] }),
    'discovery_invalid/pkce',
  ],
]

// covers fault:metadata-unreachable fault:metadata-silent fault:metadata-no-document
// covers fault:metadata-issuer fault:metadata-endpoint fault:metadata-pkce-plain
// covers fault:metadata-huge
test.each(faults)(
  'metadata with %s lets nobody leave, and the next login asks again',
  async (_name, fault, outcome) => {
    const page = createClient()
    page.server.control.addFault(fault)
    const login = page.auth.loginWithRedirect().catch((reason: unknown) => reason)
    if (fault.name === 'hang') await passTime(10_001)
    const error = await login
    if (!isAuthError(error)) throw new Error('no AuthError', { cause: error })
    expect(error.code + (error.reason ? `/${error.reason}` : '')).toBe(outcome)
    expect(error.retryable).toBe(/^(discovery_failed|timeout)$/.test(error.code))
    expect(page.visits).toEqual([])
    expect(pendingLoginKeys()).toEqual([])
    expect(page.server.control.requests({ endpoint: 'token' })).toEqual([])

    page.server.control.clearFaults()
    await passTime(3001)
    await page.logIn()
    expect(page.auth.getSnapshot().status).toBe('authenticated')
  },
)

// covers fault:metadata-public-http
test('a token endpoint of a public host over http is refused, although the issuer is this machine', async () => {
  const issuer = 'http://localhost:4000'
  const fetch = vi.fn<typeof globalThis.fetch>()
  const auth = createAuthClient({
    issuer,
    clientId: 'app',
    redirectUri: '/callback',
    fetch,
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      jwks_uri: `${issuer}/jwks`,
      token_endpoint: 'http://public.example/token',
    },
  })
  onTestFinished(() => auth.dispose())
  const login = auth.loginWithRedirect()
  await expect(login).rejects.toMatchObject({ code: 'discovery_invalid', reason: 'endpoint' })
  expect(fetch).not.toHaveBeenCalled()
})

// covers fault:metadata-alg-none
test.each(['none', 'HS256'] as const)(
  'a server that signs with %s alone, and says so, logs nobody in',
  async (alg) => {
    const page = createClient()
    const id_token_signing_alg_values_supported = [alg]
    page.server.control.addFault(metadata({ id_token_signing_alg_values_supported }))
    page.server.control.addFault({ endpoint: 'token', name: 'idTokenAlg', alg })
    const login = page.logIn()
    await expect(login).rejects.toMatchObject({ code: 'id_token_invalid', reason: 'alg' })
    expect(page.auth.getSnapshot().status).toBe('error')
    expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  },
)

// covers fault:login-navigate-throws
test.each([
  [
    'throws',
    () => {
      throw new Error('no way')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no way'))],
])('a navigate that %s leaves no half login, and the next one works', async (_, refuse) => {
  const transactionStorage = createTransactionStorage()
  let navigate: (url: URL) => void | Promise<void> = refuse
  const page = createClient({ transactionStorage, navigate: (url) => navigate(url) })
  await expect(page.auth.loginWithRedirect()).rejects.toThrow('no way')
  expect(transactionStorage.items.size).toBe(0)
  navigate = (url) => void page.visits.push(url)
  await passTime(3001)
  await page.logIn()
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

// covers fault:login-stopped
test('a navigation that never takes place can be given up or begun again, and what was pending harms nobody', async () => {
  const urls: URL[] = []
  const page = createClient({
    navigate(url) {
      urls.push(url)
      return urls.length < 3 ? new Promise<never>(() => {}) : undefined
    },
  })
  const caller = new AbortController()
  const given = page.auth.loginWithRedirect({ signal: caller.signal })
  await vi.waitFor(() => expect(urls).toHaveLength(1))
  const reason = new Error('stopped')
  caller.abort(reason)
  await expect(given).rejects.toBe(reason)
  await passTime(3001)
  page.auth.loginWithRedirect().catch(() => {})
  await vi.waitFor(() => expect(urls).toHaveLength(2))
  await passTime(3001)
  await page.auth.loginWithRedirect({ appState: 'third' })
  const answered = page.server.control.authorize({ url: urls[2]!.href, user: 'alice' })
  const url = 'location' in answered ? answered.location : ''
  expect(await page.auth.handleRedirectCallback({ url })).toMatchObject({ appState: 'third' })
})

// covers fault:login-storage-blocked
test('a page whose storage is blocked is not left: nothing is sent, and the user stays signed in', async () => {
  let isBlocked = false
  const storage = createTransactionStorage()
  const guard = <Result>(work: () => Result): Result => (isBlocked ? blockedStorage() : work())
  const page = createClient({
    transactionStorage: {
      getItem: (key) => guard(() => storage.getItem(key)),
      setItem: (key, value) => guard(() => storage.setItem(key, value)),
      removeItem: (key) => guard(() => storage.removeItem(key)),
    },
  })
  await page.logIn()
  await passTime(3001)
  isBlocked = true
  const login = page.auth.loginWithRedirect()
  await expect(login).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(page.visits).toHaveLength(1)
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})
