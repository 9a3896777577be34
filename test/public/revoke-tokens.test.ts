// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { memoryStorage, revokeTokens, type AuthClient } from 'sotto'
import type { Fault } from 'sotto/testing'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { logInWithRefreshToken, openPage } from '../support/refresh-client.ts'
import { isAccepted, refreshTokenOf, revoked } from '../support/revocation.ts'

beforeEach(preparePage)

const cached = { cacheMode: 'cache-only' } as const

// covers spec:revocation-https
test('has the server end the refresh token, and sends it nowhere else', async () => {
  const page = await logInWithRefreshToken()
  const token = refreshTokenOf(page)
  page.server.control.clearRequests()
  await revokeTokens(page.auth)
  expect(revoked(page)).toEqual([{ token, token_type_hint: 'refresh_token', client_id: 'app' }])
  const [request, ...others] = page.server.control.requests()
  expect(request).toMatchObject({ method: 'POST', path: '/revoke', query: '' })
  expect(others).toEqual([])
  expect(await isAccepted(page, token)).toBe(false)
})

// covers spec:revoked-not-used
test.each(['shared', 'memory'] as const)(
  'no token is left in the page or a storage, and the user is signed in as before, with %s storage',
  async (kind) => {
    const options = kind === 'memory' ? { tokenStorage: memoryStorage() } : {}
    const page = await logInWithRefreshToken({ options })
    const [snapshot, token] = [page.auth.getSnapshot(), await page.auth.getTokenSilently()]
    await revokeTokens(page.auth)
    expect(await page.auth.getTokenSilently(cached)).toBeUndefined()
    expect(page.auth.getSnapshot()).toBe(snapshot)
    expect(JSON.stringify([...page.storage.records.values()])).not.toContain(token)
    expect(refreshTokenOf(page)).toBeUndefined()
    // The next strategy can do without a refresh token.
    expect(await page.auth.getTokenSilently()).toMatch(/^access-token/)
    expect(page.refreshes()).toEqual([])
  },
)

test('after a reload there is still a user, and no token', async () => {
  const page = await logInWithRefreshToken()
  await revokeTokens(page.auth)
  page.auth.dispose()
  const next = openPage(page)
  expect(await next.auth.getUser()).toMatchObject({ sub: 'alice' })
  expect(await next.auth.getTokenSilently(cached)).toBeUndefined()
  await next.auth.getTokenSilently()
  expect(next.refreshes()).toEqual([])
})

test('a logout that follows tells the server whose session it is', async () => {
  const page = await logInWithRefreshToken()
  const idToken = (await page.auth.getIdToken())?.token
  await revokeTokens(page.auth)
  await page.auth.logout()
  expect(page.visits.at(-1)?.searchParams.get('id_token_hint')).toBe(idToken)
  expect(page.storage.records.size).toBe(0)
})

/** A page without a refresh token, with an access token of each of two audiences. */
async function openWithTwoTokens(fault?: Fault) {
  const page = createClient()
  await page.logIn()
  const audience = 'https://api.example.com'
  const tokens = [
    await page.auth.getTokenSilently(),
    await page.auth.getTokenSilently({ audience }),
  ] as const
  if (fault) page.server.control.addFault(fault)
  return { ...page, tokens, audience }
}

test('without a refresh token it has every access token ended', async () => {
  const page = await openWithTwoTokens()
  await revokeTokens(page.auth)
  expect(revoked(page)).toEqual(
    page.tokens.map((token) => ({
      token,
      token_type_hint: 'access_token',
      client_id: 'app',
    })),
  )
  expect(await page.auth.getTokenSilently(cached)).toBeUndefined()
  expect(await page.auth.getTokenSilently({ audience: page.audience, ...cached })).toBeUndefined()
})

const refusal = {
  endpoint: 'revocation',
  name: 'oauthError',
  error: 'unsupported_token_type',
} as const

// covers spec:revoked-when-told fault:revocation-partial
test('of several, those that the server has not ended stay', async () => {
  const page = await openWithTwoTokens({ ...refusal, times: 1 })
  await expect(revokeTokens(page.auth)).rejects.toMatchObject({ code: 'token_error' })
  expect(revoked(page)).toHaveLength(2)
  expect(await page.auth.getTokenSilently(cached)).toBe(page.tokens[0])
  expect(await page.auth.getTokenSilently({ audience: page.audience, ...cached })).toBeUndefined()
})

const failures: readonly (readonly [string, Fault, object])[] = [
  [
    'a lost connection',
    { endpoint: 'revocation', name: 'drop' },
    { code: 'network_error', retryable: true },
  ],
  ['no answer', { endpoint: 'revocation', name: 'hang' }, { code: 'timeout', retryable: true }],
  [
    'status 503',
    { endpoint: 'revocation', name: 'status', status: 503, headers: { 'retry-after': '7' } },
    { code: 'server_error', status: 503, retryable: true, retryAfterSeconds: 7 },
  ],
  [
    'a redirect',
    { endpoint: 'revocation', name: 'redirect', location: 'https://evil.example/' },
    { code: 'server_error', reason: 'redirect' },
  ],
  [
    'unsupported_token_type',
    refusal,
    { code: 'token_error', oauthError: 'unsupported_token_type', retryable: false },
  ],
  [
    'invalid_client',
    { ...refusal, error: 'invalid_client', status: 401 },
    { code: 'token_error', status: 401 },
  ],
  [
    'status 204',
    { endpoint: 'revocation', name: 'noContent' },
    { code: 'response_invalid', status: 204 },
  ],
  [
    'status 404',
    { endpoint: 'revocation', name: 'status', status: 404 },
    { code: 'response_invalid', status: 404 },
  ],
]

// covers spec:revoked-when-told fault:revocation-refused
test.each(failures)(
  'leaves everything as it was where the server has not ended the token: %s',
  async (_, fault, error) => {
    const page = await logInWithRefreshToken()
    page.server.control.addFault(fault)
    const [access, refresh] = [await page.auth.getTokenSilently(), refreshTokenOf(page)]
    const call = revokeTokens(page.auth)
    const outcome = expect(call).rejects.toMatchObject({ name: 'AuthError', ...error })
    if (fault.name === 'hang') {
      await vi.waitFor(() => expect(revoked(page)).toHaveLength(1))
      await passTime(10_001)
    }
    await outcome
    expect(await page.auth.getTokenSilently(cached)).toBe(access)
    expect(refreshTokenOf(page)).toBe(refresh)
    expect(revoked(page)).toHaveLength(1)
    const text = await call.catch(
      (reason: unknown) => `${String(reason)} ${JSON.stringify(reason)}`,
    )
    expect(text).not.toContain(refresh)
    page.server.control.clearFaults()
    await revokeTokens(page.auth)
    expect(await isAccepted(page, refresh)).toBe(false)
  },
)

// covers spec:revocation-https fault:revocation-no-endpoint
test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['plain http', 'http://login.example.com/revoke'],
  ['a script', 'javascript:alert(1)'],
  ['a relative one', '/revoke'],
])(
  'sends no token where the endpoint is no https address (%s), and keeps all',
  async (_name, endpoint) => {
    const server = createServer()
    const set = endpoint === undefined ? {} : { revocation_endpoint: endpoint }
    const remove = endpoint === undefined ? ['revocation_endpoint'] : []
    server.control.addFault({ endpoint: 'discovery', name: 'metadata', set, remove })
    const page = openPage({ server })
    await page.logIn()
    server.control.clearRequests()
    await expect(revokeTokens(page.auth)).rejects.toMatchObject({
      code: 'discovery_invalid',
      reason: 'revocation_endpoint',
    })
    expect(server.control.requests()).toEqual([])
    expect(await page.auth.getTokenSilently(cached)).toBeDefined()
  },
)

test.each(['before a login', 'after a logout', 'a second time'])(
  'sends nothing where there is nothing to end: %s',
  async (when) => {
    const page = openPage()
    if (when !== 'before a login') await page.logIn()
    if (when === 'after a logout') await page.auth.logout({ localOnly: true })
    if (when === 'a second time') await revokeTokens(page.auth)
    page.server.control.clearRequests()
    await revokeTokens(page.auth)
    expect(page.server.control.requests()).toEqual([])
  },
)

test('two calls at the same time send one request', async () => {
  const page = await logInWithRefreshToken()
  await Promise.all([revokeTokens(page.auth), revokeTokens(page.auth)])
  expect(revoked(page)).toHaveLength(1)
})

// covers spec:revocation-and-logout
test('a logout of another tab whose message was lost stays one', async () => {
  const page = await logInWithRefreshToken()
  const [key = ''] = page.storage.records.keys()
  const mark = { generation: 'another', loggedOut: true }
  localStorage.setItem(key.replace('session', 'epoch'), JSON.stringify(mark))
  await revokeTokens(page.auth)
  expect(revoked(page)).toEqual([])
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
})

test('refuses what is no client, a client that is disposed of, and a server', async () => {
  await expect(revokeTokens({} as AuthClient)).rejects.toMatchObject({
    code: 'config_invalid',
    reason: 'auth',
  })
  const page = await logInWithRefreshToken()
  vi.stubGlobal('document', undefined)
  await expect(revokeTokens(page.auth)).rejects.toMatchObject({ code: 'not_in_browser' })
  vi.unstubAllGlobals()
  vi.stubGlobal('origin', location.origin)
  page.auth.dispose()
  await expect(revokeTokens(page.auth)).rejects.toMatchObject({ code: 'disposed' })
  expect(revoked(page)).toEqual([])
})

test('a refresh token that no strategy uses is none', async () => {
  const storage = createSharedStorage()
  const page = await logInWithRefreshToken({ options: { tokenStorage: storage } })
  page.auth.dispose()
  const next = createClient({ tokenStorage: storage }, { server: page.server })
  await revokeTokens(next.auth)
  expect(revoked(page)).toMatchObject([{ token_type_hint: 'access_token' }])
})
