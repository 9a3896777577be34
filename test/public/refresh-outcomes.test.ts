// @vitest-environment happy-dom
// What becomes of a refresh token that was sent: decisions/0012-refresh-token.md.
import { beforeEach, expect, test, vi } from 'vitest'
import type { Fault } from 'sotto/testing'
import { createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import { named } from '../support/in-words.ts'
import {
  changeGrant,
  logInWithRefreshToken,
  openPage,
  recordIn,
  sentBy,
  type RefreshClient,
} from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const
const once = { endpoint: 'token', times: 1 } as const

/** One renewal that goes wrong, whatever comes of it. */
async function fail(page: RefreshClient, fault: Fault): Promise<void> {
  page.server.control.addFault(fault)
  const call = page.auth.getTokenSilently(off).catch(() => {})
  // Signatures take real time, so the clock stands still unless it is needed.
  if (fault.name === 'hang') await passTime(10_001)
  await call
}

/** Faults that the server answers with, without having used the token up. */
// covers threat:failing-network spec:refresh-token-once fault:refresh-answer-lost
const refusals: readonly Fault[] = [
  { ...once, name: 'status', status: 429, headers: { 'retry-after': '1' } },
  { ...once, name: 'status', status: 500 },
  { ...once, name: 'status', status: 503 },
  { ...once, name: 'html' },
  { ...once, name: 'redirect', location: 'https://evil.example' },
  { ...once, name: 'oauthError', error: 'invalid_client', status: 401 },
  { ...once, name: 'oauthError', error: 'invalid_request' },
  { ...once, name: 'oauthError', error: 'interaction_required' },
  { ...once, name: 'oauthError', error: 'temporarily_unavailable' },
]

test.each(named(refusals))(
  'a refresh token that is answered with %s is not in doubt, and is sent again',
  async (_name, fault) => {
    const page = await logInWithRefreshToken()
    await fail(page, fault)
    expect(sentBy(page)).toHaveLength(1)
    expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: undefined })
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    await passTime(1000)
    await page.auth.getTokenSilently(off)
    const [first, second] = sentBy(page)
    expect(second).toBe(first)
    expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
  },
)

test('a page in place of an answer says nothing of an earlier try, whose answer was lost', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...once, name: 'hang' })
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: { tries: 1 } })
  await fail(page, { ...once, name: 'html' })
  expect(sentBy(page)).toHaveLength(2)
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: { tries: 1 } })
})

test.each(['network_error', 'timeout'] as const)(
  'the refresh token of a server that does not rotate is not in doubt after %s',
  async (code) => {
    const page = await logInWithRefreshToken({ server: { refreshTokenRotation: false } })
    await page.auth.getTokenSilently(off)
    expect(recordIn(page.storage)?.refreshToken).toMatchObject({ rotates: false })
    await fail(page, { endpoint: 'token', name: code === 'timeout' ? 'hang' : 'drop' })
    expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: undefined })
    page.server.control.clearFaults()
    await page.auth.getTokenSilently(off)
    expect(new Set(sentBy(page)).size).toBe(1)
    expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
  },
)

test('a server that begins to rotate is believed at once', async () => {
  const page = await logInWithRefreshToken()
  changeGrant(page.storage, { rotates: false })
  await page.auth.getTokenSilently(off)
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ rotates: true })
  await fail(page, { ...once, name: 'hang' })
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: { tries: 1 } })
})

test('after a timeout nobody else is asked, after a lost connection the next strategy is', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...once, name: 'hang' })
  expect(page.renewal.requests).toHaveLength(0)
  const other = await logInWithRefreshToken()
  await fail(other, { endpoint: 'token', name: 'drop' })
  expect(other.renewal.requests).toHaveLength(1)
})

// covers fault:refresh-offline
test('a device that is offline from beginning to end has sent nothing', async () => {
  const page = await logInWithRefreshToken()
  vi.stubGlobal(
    'navigator',
    Object.create(navigator, { onLine: { value: false, configurable: true } }),
  )
  await fail(page, { endpoint: 'token', name: 'drop' })
  page.server.control.clearFaults()
  vi.unstubAllGlobals()
  vi.stubGlobal('origin', location.origin)
  expect(page.renewals.at(-1)?.attempts[0]).toMatchObject({ code: 'network_error' })
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: undefined })
  await page.auth.getTokenSilently(off)
  expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
})

// covers fault:refresh-offline
test('a device that says it is offline renews all the same', async () => {
  const page = await logInWithRefreshToken()
  vi.stubGlobal(
    'navigator',
    Object.create(navigator, { onLine: { value: false, configurable: true } }),
  )
  await page.auth.getTokenSilently(off)
  expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
})

// covers spec:refresh-token-once
test('the token is marked in the storage before it is sent', async () => {
  const storage = createSharedStorage()
  const server = createServer()
  const marks: unknown[] = []
  const watch: typeof fetch = (...request) => {
    marks.push(recordIn(storage)?.refreshToken?.doubt?.tries)
    return server.fetch(...request)
  }
  const { auth, logIn } = openPage({ storage, server }, { fetch: watch })
  await logIn()
  await auth.getTokenSilently()
  marks.length = 0
  await auth.getTokenSilently(off)
  expect(marks).toEqual([1])
  expect(recordIn(storage)?.refreshToken).toMatchObject({ doubt: undefined })
})

// covers fault:storage-disk-full
test('a token whose mark cannot be written is not sent: another tab could send it, too', async () => {
  const page = await logInWithRefreshToken()
  page.storage.set = () => Promise.reject(new Error('full'))
  await page.auth.getTokenSilently(off)
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'storage_unavailable' })
  expect(sentBy(page)).toEqual([])
  // Nobody is sent to log in for that.
  page.renewal.answers.push(loginRequired())
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'storage_unavailable',
    reason: 'refresh_token',
    retryable: true,
  })
})

test('with a storage that never works the refresh token is in memory', async () => {
  const broken = () => Promise.reject(new Error('blocked'))
  const page = openPage(
    {},
    { tokenStorage: { get: broken, set: broken, delete: broken }, scope: 'openid offline_access' },
  )
  await page.logIn()
  await page.auth.getTokenSilently(off)
  await page.auth.getTokenSilently(off)
  expect(new Set(sentBy(page)).size).toBe(2)
})

// covers spec:refresh-token-ended fault:refresh-refused
test('invalid_grant ends the refresh token, and the next strategy runs', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.revokeRefreshTokens()
  await page.auth.getTokenSilently(off)
  expect(page.renewals).toMatchObject([
    { outcome: 'success', attempts: [{ strategy: 'refresh_token', code: 'session_expired' }] },
  ])
  expect(recordIn(page.storage)?.refreshToken).toBeUndefined()
  expect(recordIn(page.storage)).toHaveProperty('idToken')
  await page.auth.getTokenSilently(off)
  expect(sentBy(page)).toHaveLength(1)
})

// covers fault:refresh-refused
test('invalid_grant with nothing else left is session_expired', async () => {
  const page = await logInWithRefreshToken()
  page.renewal.answers.push({ notPossible: 'no' })
  page.server.control.revokeRefreshTokens()
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'session_expired',
    oauthError: 'invalid_grant',
    status: 400,
    retryable: false,
  })
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

test('invalid_grant leaves a token alone that another login has brought meanwhile', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.revokeRefreshTokens()
  page.server.control.addFault({ ...once, name: 'delay', ms: 1000 })
  const call = page.auth.getTokenSilently(off)
  await passTime(100)
  changeGrant(page.storage, { token: 'of another login', doubt: undefined })
  await passTime(1000)
  await call
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ token: 'of another login' })
})

test('a session without the server, and a refresh token that still works, stands', async () => {
  const page = await logInWithRefreshToken()
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  await page.auth.getTokenSilently({ scope: 'orders' }).catch(() => {})
  expect(page.auth.getSnapshot().status).toBe('authenticated')
  await page.auth.getTokenSilently()
  expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
})

test.each(['idTokenSignature', 'idTokenAlg'] as const)(
  'takes nothing but the new refresh token of an answer with %s broken',
  async (name) => {
    const page = await logInWithRefreshToken()
    await passTime(60_001)
    const before = await page.auth.getTokenSilently()
    await fail(page, { ...once, name, ...(name === 'idTokenAlg' && { alg: 'none' }) } as Fault)
    expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'id_token_invalid' })
    expect(await page.auth.getTokenSilently()).not.toBe(before)
    await page.auth.getTokenSilently(off)
    expect(new Set(sentBy(page)).size).toBe(2)
    expect(page.renewals[1]?.strategy).toBe('refresh_token')
  },
)

// covers spec:refreshed-id-token fault:refresh-other-user
test.each([
  ['sub', { sub: 'bob' }],
  ['nonce', { nonce: 'another' }],
  ['auth_time', { auth_time: 1 }],
  ['azp', { azp: 'app' }],
  ['aud', { aud: 'other' }],
] as const)(
  'takes nothing of an answer whose ID token has another %s, not even the refresh token',
  async (reason, set) => {
    const page = await logInWithRefreshToken()
    await fail(page, { ...once, name: 'idTokenClaims', set })
    expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'id_token_invalid', reason })
    expect(await page.auth.getUser()).toMatchObject({ sub: 'alice' })
    const [token] = sentBy(page)
    expect(recordIn(page.storage)?.refreshToken).toMatchObject({ token, doubt: { tries: 1 } })
  },
)

test.each([
  ['iat', { iat: -3600 }],
  ['exp', { exp: -3600 }],
] as const)('refuses a refreshed ID token with an older %s', async (reason, shift) => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...once, name: 'idTokenClaims', shift })
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'id_token_invalid', reason })
})

test('accepts the nonce of the login in a refreshed ID token, also after a refresh without one', async () => {
  const page = await logInWithRefreshToken()
  const { claims } = (await page.auth.getIdToken()) ?? {}
  await page.auth.getTokenSilently(off)
  const nonce = String(claims?.['nonce'])
  page.server.control.addFault({ ...once, name: 'idTokenClaims', set: { nonce } })
  await page.auth.getTokenSilently(off)
  expect(page.renewal.requests).toEqual([])
})

test('refuses a refreshed ID token with the at_hash of another access token', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...once, name: 'idTokenClaims', set: { at_hash: 'another' } })
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ reason: 'at_hash' })
})

test('refuses a refreshed access token of another type', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...once, name: 'tokenResponse', set: { token_type: 'DPoP' } })
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'token_type_unsupported' })
})

test('keeps the new refresh token of an answer whose keys could not be had', async () => {
  const page = await logInWithRefreshToken()
  page.auth.dispose()
  const next = openPage(page)
  page.server.control.addFault({ endpoint: 'jwks', name: 'status', status: 500 })
  await expect(next.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'server_error' })
  page.server.control.clearFaults()
  await next.auth.getTokenSilently(off)
  expect(new Set(sentBy(page)).size).toBe(2)
  expect(next.renewals.at(-1)?.strategy).toBe('refresh_token')
})

test('refuses a refreshed ID token of a lesser login than was asked for', async () => {
  const page = openPage({}, { authorizationParams: { acr_values: 'gold' } })
  page.server.control.addFault({ ...once, name: 'idTokenClaims', set: { acr: 'gold' } })
  await page.logIn()
  await fail(page, { ...once, name: 'idTokenClaims', set: { acr: 'silver' } })
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'id_token_invalid', reason: 'acr' })
})
