// @vitest-environment happy-dom
// Options of the wrong kind, one at a time: they work, or are refused by their name, at once or
// where they are used.
import { beforeEach, expect, test } from 'vitest'
import {
  autoRenew,
  createAuthClient,
  createAuthFetch,
  silentIframe,
  silentRedirect,
  type AuthClient,
  type AuthFetchOptions,
  type AutoRenewOptions,
  type SilentIframeOptions,
  type SilentRedirectOptions,
} from 'sotto'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { settle } from '../support/fuzz.ts'
import { clientId, createRenewal, issuer } from '../support/flow-tokens.ts'

beforeEach(preparePage)

/** One of each kind, and those that a check is likely to let through. */
const VALUES: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  true: true,
  false: false,
  zero: 0,
  one: 1,
  negative: -1,
  fraction: 1.5,
  NaN,
  bigint: 10n,
  'empty text': '',
  text: 'x',
  path: '/x',
  URL: 'https://x.example',
  symbol: Symbol('x'),
  'empty list': [],
  'list of texts': ['x'],
  'list of numbers': [5],
  'list of null': [null],
  'empty object': {},
  object: { x: 5 },
  'key set': { keys: [] },
  Map: new Map(),
  Date: new Date(0),
  'function of nothing': () => {},
  'function of a number': () => 5,
  'asynchronous function': async () => {},
  'object without prototype': Object.create(null) as object,
  pattern: /x/,
  Error: new Error('x'),
}

const OPTIONS = [
  ...['issuer', 'clientId', 'redirectUri', 'postLogoutRedirectUri', 'scope', 'audience'],
  ...['resource', 'authorizationParams', 'metadata', 'jwks', 'idTokenSignature', 'renewal'],
  ...['idTokenSigningAlg', 'trustedAudiences', 'tokenStorage', 'transactionStorage'],
  ...['onLoginRequired', 'responseMode', 'leewaySeconds', 'clockToleranceSeconds', 'timeoutMs'],
  ...['fetch', 'navigate', 'logger'],
]

/** Left out, they are the browser's own frame, navigation and network, which are not here. */
const NEEDED = ['renewal', 'navigate', 'fetch']

/** Tries every value; a failure says with which. */
async function tryEach(attempt: (value: unknown) => Promise<void>): Promise<void> {
  for (const [name, value] of Object.entries(VALUES)) {
    localStorage.clear()
    sessionStorage.clear()
    history.replaceState(null, '', 'http://localhost:3000/')
    await attempt(value).catch((cause: unknown) => {
      throw new Error(`with the value "${name}": ${String(cause)}`, { cause })
    })
  }
}

test.each(OPTIONS)('the option %s of any kind works, or is refused by its name', async (name) => {
  const server = createServer()
  await tryEach(async (value) => {
    if (value == null && NEEDED.includes(name)) return
    const outcome = await settle(() =>
      createAuthClient({
        issuer,
        clientId,
        redirectUri: '/callback',
        fetch: server.fetch,
        navigate: () => {},
        renewal: [createRenewal().strategy],
        [name]: value,
      }),
    )
    if ('error' in outcome) {
      expect(outcome.error).toMatchObject({ code: 'config_invalid' })
      expect(outcome.error.reason).toMatch(name)
    } else await useClient(outcome.value)
  })
})

async function useClient(auth: AuthClient): Promise<void> {
  const calls = [
    settle(() => auth.start()),
    settle(() => auth.loginWithRedirect()),
    settle(() => auth.getTokenSilently()),
    settle(() => auth.getTokenSilently({ cacheMode: 'off' })),
  ]
  await passTime(30_000)
  await Promise.all(calls)
  const logout = settle(() => auth.logout())
  await passTime(30_000)
  await logout
  auth.dispose()
}

const API = 'https://api.example.com'

const AUTH_FETCH = ['allowedOrigins', 'scope', 'audience', 'resource', 'authorizationParams']
const SILENT = ['responseMode', 'callbackUri', 'allowScripts', 'messageOrigin', 'timeoutMs']

test('options of createAuthFetch that are, or have, any kind are refused by name or work', async () => {
  await tryEach(async (value) => {
    const { auth } = createClient()
    const good = { allowedOrigins: [API], fetch: async () => new Response() }
    const names = [...AUTH_FETCH, 'onLoginRequired', 'fetch']
    for (const options of [value, ...names.map((name) => ({ ...good, [name]: value }))]) {
      const outcome = await settle(() => createAuthFetch(auth, options as AuthFetchOptions))
      if ('error' in outcome) {
        expect(outcome.error.reason).toMatch(/^(allowedOrigins|fetch)$/)
        continue
      }
      // Absent, it is the browser's own; another function may answer with anything.
      if ((options as { readonly fetch?: unknown }).fetch !== good.fetch) continue
      const call = settle(() => outcome.value(API))
      await passTime(30_000)
      await call
    }
  })
})

test('options of autoRenew that are, or have, any kind work or are config_invalid', async () => {
  await tryEach(async (value) => {
    const { auth } = createClient()
    await auth.getTokenSilently()
    const targets = ['scope', 'audience', 'resource', 'authorizationParams'].map((name) => ({
      targets: [{ [name]: value }],
    }))
    for (const options of [value, { targets: value }, { targets: [value] }, ...targets]) {
      const outcome = await settle(() => autoRenew(auth, options as AutoRenewOptions))
      if ('value' in outcome) outcome.value()
      else expect(outcome.error.code).toBe('config_invalid')
    }
  })
})

test('options of silent strategies that are, or have, any kind work or are config_invalid', async () => {
  await tryEach(async (value) => {
    for (const options of [value, ...SILENT.map((name) => ({ [name]: value }))]) {
      const outcome = await settle(() => silentIframe(options as SilentIframeOptions))
      if ('error' in outcome) expect(outcome.error.code).toBe('config_invalid')
    }
    for (const options of [value, { periodSeconds: value }]) {
      const outcome = await settle(() => silentRedirect(options as SilentRedirectOptions))
      if ('error' in outcome) expect(outcome.error.code).toBe('config_invalid')
    }
  })
})
