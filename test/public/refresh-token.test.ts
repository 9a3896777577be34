// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { memoryStorage, refreshToken, type ClientOptions } from 'sotto'
import { passTime, preparePage } from '../support/flow-client.ts'
import { createTokenSet } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, openPage, recordIn } from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const

const jwtFor = (aud: unknown): string => createTokenSet({ claims: { aud } }).idToken

test('renews with the refresh token of the login, and says so', async () => {
  const { auth, renewal, renewals, refreshes } = await logInWithRefreshToken()
  const before = await auth.getTokenSilently()
  expect(await auth.getTokenSilently(off)).not.toBe(before)
  expect(refreshes()).toHaveLength(1)
  expect(renewal.requests).toEqual([])
  expect(renewals).toMatchObject([{ outcome: 'success', strategy: 'refresh_token', attempts: [] }])
})

test('renews with memory storage, too', async () => {
  const { auth, refreshes } = await logInWithRefreshToken({
    options: { tokenStorage: memoryStorage() },
  })
  for (let count = 1; count <= 3; count++) {
    await auth.getTokenSilently(off)
    expect(refreshes()).toHaveLength(count)
  }
})

test('a reload with an expired token renews by one refresh', async () => {
  const page = await logInWithRefreshToken()
  await passTime(300_001)
  page.auth.dispose()
  const { auth, renewal, refreshes } = openPage(page)
  expect(await auth.start()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(refreshes()).toHaveLength(1)
  expect(renewal.requests).toEqual([])
})

test('sends the grant of a public client, and nothing that would narrow it', async () => {
  const { auth, refreshes } = await logInWithRefreshToken()
  await auth.getTokenSilently(off)
  const [request] = refreshes()
  expect([...(request?.names ?? [])].sort()).toEqual(['client_id', 'grant_type', 'refresh_token'])
  expect(request?.headers).not.toHaveProperty('authorization')
})

// covers spec:refresh-token-once spec:refresh-token-replaced
test('sends a new refresh token once there is one, and each only once', async () => {
  const { auth, storage, refreshes } = await logInWithRefreshToken()
  for (let count = 0; count < 3; count++) await auth.getTokenSilently(off)
  const sent = refreshes().map(({ parameters }) => parameters['refresh_token'])
  expect(new Set(sent).size).toBe(3)
  expect(sent).not.toContain(recordIn(storage)?.refreshToken?.token)
})

// covers spec:refresh-token-replaced fault:refresh-no-new-token
test('keeps the refresh token of a server that gives no new one', async () => {
  const { auth, storage, refreshes } = await logInWithRefreshToken({
    server: { refreshTokenRotation: false },
  })
  for (let count = 0; count < 3; count++) await auth.getTokenSilently(off)
  const sent = refreshes().map(({ parameters }) => parameters['refresh_token'])
  expect(sent).toHaveLength(3)
  expect(new Set([...sent, recordIn(storage)?.refreshToken?.token]).size).toBe(1)
})

test('keeps the ID token where the answer has none', async () => {
  const { auth, server } = await logInWithRefreshToken()
  const before = await auth.getIdToken()
  server.control.addFault({ endpoint: 'token', name: 'tokenResponse', remove: ['id_token'] })
  await passTime(1)
  const token = await auth.getTokenSilently(off)
  expect(await auth.getIdToken()).toEqual(before)
  expect(await auth.getTokenSilently()).toBe(token)
})

test('takes a new ID token over', async () => {
  const { auth, server } = await logInWithRefreshToken()
  const before = await auth.getIdToken()
  server.control.addFault({
    endpoint: 'token',
    name: 'idTokenClaims',
    set: { name: 'Alice P. Liddell' },
  })
  await auth.getTokenSilently(off)
  expect(await auth.getIdToken()).not.toEqual(before)
  expect(await auth.getUser()).toMatchObject({ name: 'Alice P. Liddell' })
})

test('an answer without a scope means the scope of the login', async () => {
  const { auth, server } = await logInWithRefreshToken()
  server.control.addFault({ endpoint: 'token', name: 'tokenResponse', remove: ['scope'] })
  const { scope } = await auth.getTokenSilently({ ...off, detailed: true })
  expect(scope.split(' ').sort()).toEqual(['email', 'offline_access', 'openid', 'profile'])
})

test('asks for a part of the scope by name, and keeps offline_access', async () => {
  const { auth, server, refreshes } = await logInWithRefreshToken()
  server.control.addFault({ endpoint: 'token', name: 'tokenResponse', remove: ['scope'] })
  const { scope } = await auth.getTokenSilently({ ...off, scope: 'email', detailed: true })
  expect(refreshes()[0]?.parameters['scope']).toBe('email offline_access openid')
  expect(scope).toBe('email offline_access openid')
  await auth.getTokenSilently(off)
  expect(refreshes()[1]?.names).not.toContain('scope')
})

// covers spec:refresh-within-grant fault:refresh-other-scope
test('leaves a scope that was not granted to the next strategy', async () => {
  const { auth, renewal, refreshes, renewals } = await logInWithRefreshToken()
  await auth.getTokenSilently({ scope: 'email orders' })
  expect(refreshes()).toEqual([])
  expect(renewal.requests).toHaveLength(1)
  expect(renewals[0]?.attempts).toEqual([
    { strategy: 'refresh_token', code: 'not_possible', reason: 'scope' },
  ])
})

test('goes on as at the login where the server has granted less than was asked', async () => {
  const { auth, server, refreshes, logIn, warnings } = openPage()
  server.control.addFault({
    endpoint: 'token',
    name: 'tokenResponse',
    times: 1,
    set: { scope: 'openid offline_access' },
  })
  await logIn()
  await auth.getTokenSilently(off)
  expect(refreshes()[0]?.names).not.toContain('scope')
  expect(warnings[0]).toMatchObject({ code: 'scope_narrowed' })
})

test('asks for one of the resources of the login by name', async () => {
  const [a, b] = ['https://a.example.com', 'https://b.example.com']
  const { auth, refreshes } = await logInWithRefreshToken({ options: { resource: [a, b] } })
  await auth.getTokenSilently(off)
  expect(refreshes()[0]?.body).toContain(new URLSearchParams([['resource', b]]).toString())
  const token = await auth.getTokenSilently({ resource: b })
  expect(refreshes()[1]?.parameters['resource']).toBe(b)
  expect(JSON.parse(atob(token.split('.')[1]!))).toMatchObject({ aud: b })
})

// covers spec:refused-resource fault:refresh-other-scope
test('leaves a resource that the server refuses to the next strategy, and asks for it once', async () => {
  const { auth, renewal, renewals, refreshes } = await logInWithRefreshToken()
  const other = { ...off, resource: 'https://c.example.com' }
  await auth.getTokenSilently(other)
  await auth.getTokenSilently(other)
  expect(renewals.map(({ attempts }) => attempts[0]?.reason)).toEqual([
    'invalid_target',
    'refused_before',
  ])
  expect([refreshes().length, renewal.requests.length]).toEqual([1, 2])
  await auth.getTokenSilently(off)
  expect(refreshes()).toHaveLength(2)
})

const other = 'https://other.example.com'

test('uses the refresh token for another audience where the server allows it', async () => {
  const { auth, server, refreshes } = await logInWithRefreshToken()
  server.control.addFault({
    endpoint: 'token',
    name: 'tokenResponse',
    times: 1,
    set: { access_token: jwtFor([other, 'https://login.example.com/userinfo']) },
    remove: ['id_token'],
  })
  const { audience } = await auth.getTokenSilently({ audience: other, detailed: true })
  expect(audience).toBe(other)
  expect(refreshes()[0]?.parameters['audience']).toBe(other)
})

test('does not take a token for another audience than it asked for, but the new refresh token', async () => {
  const { auth, renewal, renewals, refreshes } = await logInWithRefreshToken()
  renewal.answers.push({ accessToken: 'from the second' })
  expect(await auth.getTokenSilently({ audience: other })).toBe('from the second')
  expect(renewals[0]?.attempts[0]).toMatchObject({ reason: 'audience_mismatch' })
  await auth.getTokenSilently(off)
  expect(refreshes()).toHaveLength(2)
  expect(renewals[1]?.strategy).toBe('refresh_token')
  await auth.getTokenSilently({ ...off, audience: other })
  expect(renewals[2]?.attempts[0]).toMatchObject({ reason: 'refused_before' })
})

test('does not take a token that says nothing of its audience for another one', async () => {
  const { auth, server, renewals } = await logInWithRefreshToken()
  server.control.addFault({
    endpoint: 'token',
    name: 'tokenResponse',
    times: 1,
    set: { access_token: 'opaque' },
    remove: ['id_token'],
  })
  expect(await auth.getTokenSilently({ audience: other })).not.toBe('opaque')
  expect(renewals[0]?.attempts[0]).toMatchObject({ reason: 'audience_mismatch' })
})

test('does not take a token for one resource that is good for another one, too', async () => {
  const [a, b] = ['https://a.example.com', 'https://b.example.com']
  const { auth, server, renewals } = await logInWithRefreshToken({ options: { resource: [a, b] } })
  server.control.addFault({
    endpoint: 'token',
    name: 'tokenResponse',
    times: 1,
    set: { access_token: jwtFor([a, b]) },
    remove: ['id_token'],
  })
  await auth.getTokenSilently({ resource: b })
  expect(renewals[0]?.attempts[0]).toMatchObject({ reason: 'audience_mismatch' })
})

test.each<[string, Partial<ClientOptions>, object]>([
  ['audience', { audience: 'https://api.example.com' }, { audience: '' }],
  ['authorization_params', {}, { authorizationParams: { organization: 'acme' } }],
  ['max_age', { authorizationParams: { max_age: '60' } }, {}],
])('sends nothing where the refresh token is of no use: %s', async (reason, options, login) => {
  const page = await logInWithRefreshToken({ options })
  await passTime(90_001)
  page.auth.dispose()
  const next = openPage(page, reason === 'audience' ? {} : options)
  await next.auth.getTokenSilently({ ...off, ...login })
  expect(next.renewals[0]?.attempts[0]).toMatchObject({ strategy: 'refresh_token', reason })
  expect(next.refreshes()).toEqual([])
})

test('a resource of the login cannot be left out', async () => {
  const page = await logInWithRefreshToken({ options: { resource: 'https://a.example.com' } })
  page.auth.dispose()
  const next = openPage(page)
  await next.auth.getTokenSilently(off)
  expect(next.renewals[0]?.attempts[0]).toMatchObject({ reason: 'resource' })
})

test('refreshes within max_age', async () => {
  const { auth, refreshes } = await logInWithRefreshToken({
    options: { authorizationParams: { max_age: '60' } },
  })
  await passTime(30_000)
  await auth.getTokenSilently(off)
  expect(refreshes()).toHaveLength(1)
})

test('without the strategy a refresh token is dropped', async () => {
  const { auth, storage, server, renewal, logIn } = openPage({}, { renewal: [] })
  server.control.addFault({
    endpoint: 'token',
    name: 'tokenResponse',
    set: { refresh_token: 'the-refresh-token' },
  })
  await logIn()
  await auth.getTokenSilently()
  expect(JSON.stringify([...storage.records])).not.toMatch(/refreshToken|the-refresh-token/)
  expect(renewal.requests).toEqual([])
})

test('a record of an app that no longer uses refresh tokens loses its own at the next write', async () => {
  const page = await logInWithRefreshToken()
  expect(recordIn(page.storage)?.refreshToken).toBeDefined()
  page.auth.dispose()
  const next = openPage(page, { renewal: [page.renewal.strategy] })
  await next.auth.getTokenSilently(off)
  expect(recordIn(page.storage)).toMatchObject({ refreshToken: undefined })
})

test('says that it is not possible without a refresh token', async () => {
  const { auth } = openPage({}, { renewal: [refreshToken()] })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'interaction_required',
    reason: 'no_refresh_token',
    attempts: [{ strategy: 'refresh_token', code: 'not_possible', reason: 'no_refresh_token' }],
  })
})

// covers threat:script-in-the-page spec:refresh-token-once fault:events
test('no event, error, log or getter shows a refresh token', async () => {
  const shown: unknown[] = []
  const log = (...all: unknown[]) => void shown.push(all)
  const page = await logInWithRefreshToken({ options: { logger: { debug: log, warn: log } } })
  const { auth, server, storage, refreshes } = page
  await auth.getTokenSilently(off)
  server.control.addFault({ endpoint: 'token', name: 'idTokenSignature', times: 1 })
  const caught = (error: unknown) => shown.push(error, String(error), { ...(error as object) })
  page.renewal.answers.push({ notPossible: 'no' }, { notPossible: 'no' })
  await auth.getTokenSilently(off).catch(caught)
  server.control.revokeRefreshTokens()
  await auth.getTokenSilently(off).catch(caught)
  const used = refreshes().map(({ parameters }) => parameters['refresh_token'])
  expect(used).toHaveLength(3)
  shown.push(auth, auth.getSnapshot(), await auth.getUser(), await auth.getIdToken())
  const text = JSON.stringify(shown)
  expect(text).toContain('session_expired')
  for (const token of [...used, recordIn(storage)?.refreshToken?.token ?? '?'])
    expect(text).not.toContain(token)
})

// covers spec:logout-deletes-refresh-token
test('a logout deletes the refresh token', async () => {
  const { auth, storage, renewal } = await logInWithRefreshToken()
  await auth.logout()
  expect(storage.records.size).toBe(0)
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
  expect(renewal.requests).toEqual([])
})
