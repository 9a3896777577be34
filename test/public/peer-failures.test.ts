// @vitest-environment happy-dom
// What other libraries were seen to get wrong, and no other file tests under its own name.
import { beforeEach, expect, test, vi } from 'vitest'
import { refreshToken } from 'sotto'
import { createClient, createServer, preparePage, reload } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, recordIn } from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const

test.each([
  { name: 'status', status: 503 },
  { name: 'html' },
  { name: 'drop', afterProcessing: true },
] as const)(
  'sends a code once, also to a token endpoint that answers with $name',
  async (fault) => {
    const { auth, server, answer } = createClient()
    await auth.loginWithRedirect()
    server.control.addFault({ endpoint: 'token', ...fault })
    await expect(auth.handleRedirectCallback({ url: answer('alice') })).rejects.toMatchObject({
      name: 'AuthError',
    })
    expect(server.control.requests({ endpoint: 'token' })).toHaveLength(1)
  },
)

test('a refreshed ID token of another user brings nobody else in, and the session stays', async () => {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  page.server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', set: { sub: 'bob' } })
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'id_token_invalid',
    reason: 'sub',
  })
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
})

test('a refresh token survives an answer of 429', async () => {
  const page = await logInWithRefreshToken()
  const { refreshToken } = recordIn(page.storage)!
  page.server.control.addFault({ endpoint: 'token', name: 'status', status: 429, times: 1 })
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'server_error',
    retryable: true,
  })
  expect(recordIn(page.storage)?.refreshToken?.token).toBe(refreshToken?.token)
  expect(await page.auth.getTokenSilently(off)).toBeDefined()
})

test('a response with our state and neither code nor error is refused without a token request', async () => {
  const { auth, server, visits } = createClient()
  await auth.loginWithRedirect()
  const state = visits[0]!.searchParams.get('state')!
  const url = `/callback?${new URLSearchParams({ state, iss: server.issuer })}`
  await expect(auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'callback_invalid',
    reason: 'code',
  })
  expect(server.control.requests({ endpoint: 'token' })).toEqual([])
})

test('a callback without parameters of a response leaves the login under way alone', async () => {
  const { auth, answer } = createClient()
  await auth.loginWithRedirect()
  await expect(
    auth.handleRedirectCallback({ url: '/?utm_source=newsletter' }),
  ).rejects.toMatchObject({ code: 'state_unknown' })
  const { user } = await auth.handleRedirectCallback({ url: answer('alice') })
  expect(user.sub).toBe('alice')
})

test.each([
  ['broken JSON', '{"bad'],
  ['another value', 'true'],
  ['a generation that is no text', '{"generation":5}'],
  ['nothing', ''],
])('a client starts whatever its epoch in localStorage has become: %s', async (_what, text) => {
  const page = createClient()
  await page.logIn()
  await page.auth.logout({ localOnly: true })
  await page.logIn()
  for (const key of Object.keys(localStorage)) localStorage.setItem(key, text)
  const { auth } = reload(page, { renewal: [createRenewal().strategy] })
  expect(await auth.start()).toMatchObject({ status: 'authenticated' })
})

test('a cached token is served without a look at any storage, but for one at the first call of a page', async () => {
  const tokenStorage = createSharedStorage()
  const { auth } = createClient({ tokenStorage })
  await auth.start()
  await auth.getTokenSilently()
  const getItem = vi.fn(() => null)
  for (const name of ['localStorage', 'sessionStorage']) vi.stubGlobal(name, { getItem })
  tokenStorage.calls.length = 0
  await auth.getTokenSilently()
  await auth.getTokenSilently()
  expect(tokenStorage.calls).toEqual([])
  expect(getItem).not.toHaveBeenCalled()
  // What is not in the cache does look.
  await auth.getTokenSilently(off)
  expect(tokenStorage.calls).not.toEqual([])
  expect(getItem).toHaveBeenCalled()
})

// covers fault:two-clients
test('two clients of one configuration renew once, where they share a storage', async () => {
  const tokenStorage = createSharedStorage()
  const renewal = createRenewal()
  const clients = [0, 1].map(() => createClient({ tokenStorage }, { renewal }))
  const tokens = await Promise.all(clients.map(({ auth }) => auth.getTokenSilently()))
  expect(new Set(tokens).size).toBe(1)
  expect(renewal.requests).toHaveLength(1)
})

// covers fault:id-token-max-age
test.each([
  ['no auth_time', { remove: ['auth_time'] }],
  ['an old auth_time', { shift: { auth_time: -3600 } }],
])('the maxAge of a login is held against an ID token with %s', async (_, fault) => {
  const { auth, server, answer } = createClient()
  await auth.loginWithRedirect({ maxAge: 60 })
  server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', ...fault })
  await expect(auth.handleRedirectCallback({ url: answer('alice') })).rejects.toMatchObject({
    code: 'id_token_invalid',
    reason: 'auth_time',
  })
})

test('a redirect URI that is an origin is sent as it was written, at the login and with its code', async () => {
  const clients = [{ clientId: 'app', redirectUris: [location.origin] }]
  const server = createServer({ clients })
  const { auth, visits, answer } = createClient({ redirectUri: location.origin }, { server })
  await auth.loginWithRedirect({ returnTo: '/orders' })
  expect(visits[0]?.searchParams.get('redirect_uri')).toBe('http://localhost:3000')
  history.replaceState(null, '', answer('alice'))
  expect(await auth.start()).toMatchObject({ status: 'authenticated' })
  expect(location.href).toBe('http://localhost:3000/orders')
})

test('a place after a logout that is an origin is sent as it was written', async () => {
  const { auth, visits } = createClient({ postLogoutRedirectUri: location.origin })
  await auth.logout()
  expect(visits[0]?.searchParams.get('post_logout_redirect_uri')).toBe('http://localhost:3000')
})

// Keycloak tells so what became of a `kc_action`.
test('parameters of the server that are no part of a response are there in onCallback', async () => {
  const { auth, answer } = createClient()
  await auth.loginWithRedirect({ authorizationParams: { kc_action: 'UPDATE_PASSWORD' } })
  history.replaceState(null, '', `${answer('alice')}&kc_action_status=cancelled&session_state=x`)
  const seen: string[] = []
  await auth.start({ onCallback: () => seen.push(location.search) })
  expect(seen).toEqual(['?kc_action_status=cancelled'])
})

test('a login that a mail ends in another tab is finished there, with transactions in localStorage', async () => {
  const page = createClient({ transactionStorage: localStorage })
  await page.auth.loginWithRedirect({ returnTo: '/orders?page=2#top' })
  const url = page.answer('alice')
  sessionStorage.clear()
  history.replaceState(null, '', url)
  const other = createClient({ transactionStorage: localStorage }, { server: page.server })
  expect(await other.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(location.href).toBe('http://localhost:3000/orders?page=2#top')
})

test('a callback page that a link of the server leads to stays, with its own code', async () => {
  const { auth } = createClient()
  history.replaceState(null, '', '/callback?code=success&message=verified')
  const onCallback = vi.fn()
  expect(await auth.start({ onCallback })).toMatchObject({ status: 'authenticated' })
  expect(onCallback).not.toHaveBeenCalled()
  expect(location.search).toBe('?code=success&message=verified')
})
