// @vitest-environment happy-dom
// Options of the wrong kind, one at a time: they work, or are refused by their name, at once or where they are used.
import { beforeEach, expect, test } from 'vitest'
import {
  autoRenew,
  createAuthClient,
  createAuthFetch,
  silentIframe,
  silentRedirect,
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
const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, 1, -1, 1.5, NaN, 10n, '', 'x', '/x', 'https://x.example'],
  ...[Symbol('x'), [], ['x'], [5], [null], {}, { x: 5 }, { keys: [] }, new Map(), new Date(0)],
  ...[() => {}, () => 5, async () => {}, Object.create(null) as object, /x/, new Error('x')],
]

const NAMES = [
  ...['issuer', 'clientId', 'redirectUri', 'postLogoutRedirectUri', 'scope', 'audience'],
  ...['resource', 'authorizationParams', 'metadata', 'jwks', 'idTokenSignature', 'renewal'],
  ...['idTokenSigningAlg', 'trustedAudiences', 'tokenStorage', 'transactionStorage'],
  ...['onLoginRequired', 'responseMode', 'leewaySeconds', 'clockToleranceSeconds', 'timeoutMs'],
  ...['fetch', 'navigate', 'logger'],
]

/** Left out, they are the browser's own frame, navigation and network, which are not here. */
const NEEDED = ['renewal', 'navigate', 'fetch']

const cases = NAMES.flatMap((name) =>
  VALUES.map((value, index) => [name, index, value] as const),
).filter(([name, , value]) => value != null || !NEEDED.includes(name))

test.each(cases)('the option %s of kind %i', async (name, _, value) => {
  const server = createServer()
  const outcome = await settle(() =>
    createAuthClient({
      ...{ issuer, clientId, redirectUri: '/callback', fetch: server.fetch, navigate: () => {} },
      renewal: [createRenewal().strategy],
      [name]: value,
    }),
  )
  if ('error' in outcome) {
    expect(outcome.error).toMatchObject({ code: 'config_invalid' })
    return expect(outcome.error.reason).toMatch(name)
  }
  const auth = outcome.value
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
  return undefined
})

const kinds = VALUES.map((value, index) => [index, value] as const)
const API = 'https://api.example.com'

const AUTH_FETCH = ['allowedOrigins', 'scope', 'audience', 'resource', 'authorizationParams']
const SILENT = ['responseMode', 'callbackUri', 'allowScripts', 'messageOrigin', 'timeoutMs']

test.each(kinds)('options of createAuthFetch that are, or have, kind %i', async (_, value) => {
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

test.each(kinds)('options of autoRenew that are, or have, kind %i', async (_, value) => {
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

test.each(kinds)('options of silent strategies that are, or have, kind %i', async (_, value) => {
  for (const options of [value, ...SILENT.map((name) => ({ [name]: value }))]) {
    const outcome = await settle(() => silentIframe(options as SilentIframeOptions))
    if ('error' in outcome) expect(outcome.error.code).toBe('config_invalid')
  }
  for (const options of [value, { periodSeconds: value }]) {
    const outcome = await settle(() => silentRedirect(options as SilentRedirectOptions))
    if ('error' in outcome) expect(outcome.error.code).toBe('config_invalid')
  }
})
