// @vitest-environment happy-dom
// What becomes of a refresh token that was sent: decisions/0012-refresh-token.md.
import { beforeEach, expect, test, vi } from 'vitest'
import type { Fault } from 'sotto/testing'
import { createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import {
  changeGrant,
  logInWithRefreshToken,
  openPage,
  recordIn,
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

const sent = ({ refreshes }: RefreshClient): (string | undefined)[] =>
  refreshes().map(({ parameters }) => parameters['refresh_token'])

/** Faults that the server answers with, without having used the token up. */
const refusals: readonly Fault[] = [
  { ...once, name: 'status', status: 429, headers: { 'retry-after': '1' } },
  { ...once, name: 'status', status: 500 },
  { ...once, name: 'status', status: 503 },
  { ...once, name: 'html' },
  { ...once, name: 'redirect', location: 'https://evil.example' },
  { ...once, name: 'oauthError', error: 'invalid_client', status: 401 },
  { ...once, name: 'oauthError', error: 'invalid_request' },
  { ...once, name: 'oauthError', error: 'unauthorized_client' },
  { ...once, name: 'oauthError', error: 'temporarily_unavailable' },
]

test.each(refusals.map((fault) => [JSON.stringify(fault), fault] as const))(
  'a refresh token survives %s, and is sent again',
  async (_, fault) => {
    const page = await logInWithRefreshToken()
    await fail(page, fault)
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    await page.auth.getTokenSilently(off)
    const [first, second] = sent(page)
    expect(second).toBe(first)
    expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
  },
)

/** Faults after which nobody knows whether the token was used up. */
const doubts: readonly Fault[] = [
  { ...once, name: 'drop' },
  { ...once, name: 'drop', afterProcessing: true },
  { ...once, name: 'hang', afterProcessing: true },
  { ...once, name: 'truncated' },
  { ...once, name: 'huge', bytes: 2_000_000 },
  { ...once, name: 'tokenResponse', remove: ['access_token', 'refresh_token'] },
]

// covers threat:failing-network spec:refresh-token-once fault:refresh-answer-lost
test.each(doubts.map((fault) => [JSON.stringify(fault), fault] as const))(
  'a refresh token is kept and not sent again after %s, also after a reload',
  async (_, fault) => {
    const page = await logInWithRefreshToken()
    await fail(page, fault)
    const [first] = sent(page)
    expect(recordIn(page.storage)?.refreshGrant).toMatchObject({ token: first, pending: true })
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    await page.auth.getTokenSilently(off)
    page.auth.dispose()
    const next = openPage(page)
    await next.auth.getTokenSilently(off)
    expect(next.renewals[0]?.attempts).toEqual([
      { strategy: 'refresh_token', code: 'not_possible', reason: 'outcome_unknown' },
    ])
    expect(sent(page)).toEqual([first])
  },
)

test.each(['network_error', 'timeout'] as const)(
  'after %s an unused refresh token of a server that does not rotate is sent again',
  async (code) => {
    const page = await logInWithRefreshToken({ server: { refreshTokenRotation: false } })
    await page.auth.getTokenSilently(off)
    await fail(page, { ...once, name: code === 'timeout' ? 'hang' : 'drop' })
    expect(page.renewals.at(-1)?.attempts[0]).toMatchObject({ code })
    await page.auth.getTokenSilently(off)
    expect(new Set(sent(page)).size).toBe(1)
    expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
  },
)

test('a server that begins to rotate is believed at once', async () => {
  const page = await logInWithRefreshToken()
  changeGrant(page.storage, { reusable: true })
  await page.auth.getTokenSilently(off)
  await fail(page, { ...once, name: 'drop', afterProcessing: true })
  await page.auth.getTokenSilently(off)
  expect(sent(page)).toHaveLength(2)
})

test('after a timeout nobody else is asked, after a lost connection the next strategy is', async () => {
  const page = await logInWithRefreshToken()
  await fail(page, { ...once, name: 'hang' })
  expect(page.renewal.requests).toHaveLength(0)
  const other = await logInWithRefreshToken()
  await fail(other, { ...once, name: 'drop' })
  expect(other.renewal.requests).toHaveLength(1)
})

// covers fault:refresh-offline
test('a device that is offline from beginning to end has sent nothing', async () => {
  const page = await logInWithRefreshToken()
  vi.stubGlobal(
    'navigator',
    Object.create(navigator, { onLine: { value: false, configurable: true } }),
  )
  await fail(page, { ...once, name: 'drop' })
  vi.unstubAllGlobals()
  vi.stubGlobal('origin', location.origin)
  expect(page.renewals.at(-1)).toMatchObject({ error: 'network_error' })
  expect(page.renewal.requests).toEqual([])
  await page.auth.getTokenSilently(off)
  expect(sent(page)).toHaveLength(2)
  expect(page.renewals.at(-1)?.strategy).toBe('refresh_token')
})

// covers spec:refresh-token-once
test('the token is marked in the storage before it is sent', async () => {
  const storage = createSharedStorage()
  const server = createServer()
  const marks: unknown[] = []
  const watch: typeof fetch = (...request) => {
    marks.push(recordIn(storage)?.refreshGrant?.pending)
    return server.fetch(...request)
  }
  const { auth, logIn } = openPage({ storage, server }, { fetch: watch })
  await logIn()
  await auth.getTokenSilently()
  marks.length = 0
  await auth.getTokenSilently(off)
  expect(marks).toEqual([true])
  expect(recordIn(storage)?.refreshGrant?.pending).toBe(false)
})

// covers fault:storage-disk-full
test('a token whose mark cannot be written is not sent: another tab could send it, too', async () => {
  const page = await logInWithRefreshToken()
  page.storage.set = () => Promise.reject(new Error('full'))
  await page.auth.getTokenSilently(off)
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ reason: 'storage_unavailable' })
  expect(sent(page)).toEqual([])
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
  expect(new Set(sent(page)).size).toBe(2)
})

// covers spec:refresh-token-ended fault:refresh-refused
test('invalid_grant ends the refresh token, and the next strategy runs', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.revokeRefreshTokens()
  await page.auth.getTokenSilently(off)
  expect(page.renewals).toMatchObject([
    { outcome: 'success', attempts: [{ strategy: 'refresh_token', code: 'session_expired' }] },
  ])
  expect(recordIn(page.storage)).not.toHaveProperty('refreshGrant')
  expect(recordIn(page.storage)).toHaveProperty('idToken')
  await page.auth.getTokenSilently(off)
  expect(sent(page)).toHaveLength(1)
})

// covers fault:refresh-refused
test('invalid_grant with nothing else left is session_expired', async () => {
  const page = await logInWithRefreshToken()
  page.renewal.answers.push({ notPossible: 'no' })
  page.server.control.revokeRefreshTokens()
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    ...{ code: 'session_expired', oauthError: 'invalid_grant', status: 400, retryable: false },
  })
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

test('invalid_grant leaves a token alone that another login has brought meanwhile', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.revokeRefreshTokens()
  page.server.control.addFault({ ...once, name: 'delay', ms: 1000 })
  const call = page.auth.getTokenSilently(off)
  await passTime(100)
  changeGrant(page.storage, { token: 'of another login', pending: false })
  await passTime(1000)
  await call
  expect(recordIn(page.storage)?.refreshGrant).toMatchObject({ token: 'of another login' })
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

test('login_required ends a session whose refresh token is in doubt', async () => {
  const page = await logInWithRefreshToken()
  await passTime(300_001)
  page.renewal.answers.push(loginRequired())
  await fail(page, { ...once, name: 'drop' })
  expect(page.auth.getSnapshot().status).toBe('anonymous')
  expect(page.storage.records.size).toBe(0)
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
    expect(new Set(sent(page)).size).toBe(2)
    expect(page.renewals[1]?.strategy).toBe('refresh_token')
  },
)

// covers spec:refreshed-id-token fault:refresh-other-user
test.each([
  ['sub', { sub: 'bob' }],
  ['nonce', { nonce: 'another' }],
  ['auth_time', { auth_time: 1 }],
  ['azp', { azp: 'app' }],
  ['aud', { aud: ['app', 'other'], azp: 'app' }],
] as const)(
  'takes nothing of an answer whose ID token has another %s, not even the refresh token',
  async (reason, set) => {
    const page = await logInWithRefreshToken({ options: { trustedAudiences: ['other'] } })
    await fail(page, { ...once, name: 'idTokenClaims', set })
    expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'id_token_invalid', reason })
    expect(await page.auth.getUser()).toMatchObject({ sub: 'alice' })
    await page.auth.getTokenSilently(off)
    expect(sent(page)).toHaveLength(1)
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
  expect(new Set(sent(page)).size).toBe(2)
  expect(next.renewals.at(-1)?.strategy).toBe('refresh_token')
})
