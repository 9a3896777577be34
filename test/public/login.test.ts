// One story, told in order.
/* oxlint-disable max-lines */
// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createAuthClient, type ClientOptions } from 'sotto'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import {
  blockedStorage,
  createSharedStorage,
  createTransactionStorage,
  pendingLoginKeys,
} from '../support/flow-storage.ts'

beforeEach(preparePage)

/** The token requests that were sent. */
const exchanges = ({ server }: ReturnType<typeof createClient>): number =>
  server.control.requests({ endpoint: 'token' }).length

test('sends the user to the server with a code request, PKCE, state and nonce', async () => {
  const { auth, visits } = createClient()
  await auth.loginWithRedirect({ maxAge: 60, acrValues: '1', scope: 'orders' })
  const { origin, pathname, searchParams } = visits[0]!
  expect(origin + pathname).toBe('https://login.example.com/authorize')
  expect(Object.fromEntries(searchParams)).toMatchObject({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: 'http://localhost:3000/callback',
    scope: 'openid orders',
    code_challenge_method: 'S256',
    max_age: '60',
    acr_values: '1',
  })
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect(searchParams.get(name)?.length).toBeGreaterThan(40)
})

test('brings back appState, returnTo and the user', async () => {
  const { auth, answer } = createClient()
  await auth.loginWithRedirect({ appState: { cart: [1] }, returnTo: '/orders?page=2#top' })
  const result = await auth.handleRedirectCallback({ url: answer('alice') })
  expect(result).toMatchObject({
    appState: { cart: [1] },
    returnTo: 'http://localhost:3000/orders?page=2#top',
    user: { sub: 'alice', name: 'Alice Liddell' },
  })
  expect(result.user).toBe(await auth.getUser())
})

test('returns to where the page was by default', async () => {
  history.replaceState(null, '', '/orders?page=2#top')
  const { auth, answer } = createClient()
  await auth.loginWithRedirect()
  const { returnTo } = await auth.handleRedirectCallback({ url: answer('alice') })
  expect(returnTo).toBe('http://localhost:3000/orders?page=2#top')
})

test.each(['', '#top'])(
  'a place to return to that is relative to a callback page, %j, has no response in it',
  async (returnTo) => {
    const { auth, answer } = createClient()
    await auth.loginWithRedirect()
    history.replaceState(null, '', answer('alice'))
    await auth.loginWithRedirect({ returnTo })
    const result = await auth.handleRedirectCallback({ url: answer('alice') })
    expect(result.returnTo).toBe(`http://localhost:3000/callback${returnTo}`)
  },
)

// covers spec:no-open-redirector fault:login-return-to
test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'blob:http://localhost:3000/x',
  'http://localhost:3000@evil.example/',
])('refuses to return to %s, before anything is sent', async (returnTo) => {
  const page = createClient()
  const login = page.auth.loginWithRedirect({ returnTo })
  await expect(login).rejects.toMatchObject({ code: 'return_to_invalid' })
  expect(page.visits).toEqual([])
  expect(page.server.control.requests()).toEqual([])
})

test('refuses an appState that JSON cannot hold', async () => {
  const { auth } = createClient()
  const login = auth.loginWithRedirect({ appState: 1n })
  await expect(login).rejects.toMatchObject({ code: 'config_invalid', reason: 'appState' })
})

test.each([-1, NaN, 1.5, Infinity])('refuses a maxAge of %s', async (maxAge) => {
  const { auth } = createClient()
  const login = auth.loginWithRedirect({ maxAge })
  await expect(login).rejects.toMatchObject({ code: 'config_invalid', reason: 'maxAge' })
})

test('says storage_unavailable where a login would be lost when the page leaves', async () => {
  const { auth, visits } = createClient({
    transactionStorage: {
      getItem: blockedStorage,
      setItem: blockedStorage,
      removeItem: blockedStorage,
    },
  })
  await expect(auth.loginWithRedirect()).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(visits).toEqual([])
})

// covers spec:code-once
test('handles one response once, however often it is told to', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  const [one, two] = await Promise.all([
    page.auth.handleRedirectCallback({ url }),
    page.auth.handleRedirectCallback({ url }),
  ])
  const three = await page.auth.handleRedirectCallback({ url })
  expect(two).toEqual(one)
  expect(three).toEqual(one)
  expect(exchanges(page)).toBe(1)
})

// covers fault:callback-two-callers
test('gives two clients of one page the same outcome of one response', async () => {
  const one = new Map()
  const page = createClient({}, { page: one })
  const twin = createClient({}, { page: one, server: page.server })
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  await Promise.all([
    page.auth.handleRedirectCallback({ url }),
    twin.auth.handleRedirectCallback({ url }),
  ])
  expect(twin.auth.getSnapshot().status).toBe('authenticated')
  expect(exchanges(page)).toBe(1)
})

// covers threat:injected-code spec:response-without-login fault:callback-storage-emptied
test('a response whose login is not known is state_unknown, and its code is not spent', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  sessionStorage.clear()
  await expect(page.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'state_unknown',
  })
  expect(exchanges(page)).toBe(0)
  expect(page.auth.getSnapshot().status).toBe('error')
})

test('a page without a response is state_unknown', async () => {
  const { auth } = createClient({ clientId: 'another' })
  await expect(auth.handleRedirectCallback()).rejects.toMatchObject({ code: 'state_unknown' })
})

test('a failed response carries appState and returnTo, and does not come back', async () => {
  const page = createClient()
  page.server.control.addFault({ endpoint: 'token', name: 'idTokenSignature', times: 2 })
  await page.auth.loginWithRedirect({ appState: 'cart', returnTo: '/orders' })
  const url = page.answer('alice')
  const failure = {
    code: 'id_token_invalid',
    appState: 'cart',
    returnTo: 'http://localhost:3000/orders',
  }
  await expect(page.auth.handleRedirectCallback({ url })).rejects.toMatchObject(failure)
  await expect(page.auth.handleRedirectCallback({ url })).rejects.toMatchObject(failure)
  expect(exchanges(page)).toBe(1)
  expect(pendingLoginKeys()).toEqual([])
})

// covers fault:callback-late
test('a login that was begun more than an hour ago is too old', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect({ appState: 'cart' })
  const url = page.answer('alice')
  await passTime(3_600_001)
  await expect(page.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'transaction_expired',
    appState: 'cart',
  })
  expect(exchanges(page)).toBe(0)
})

test('several logins may be pending, and end in any order', async () => {
  const transactionStorage = createTransactionStorage()
  const page = createClient({ transactionStorage })
  const urls: string[] = []
  for (const appState of ['one', 'two', 'three']) {
    await page.auth.loginWithRedirect({ appState })
    urls.push(page.answer('alice'))
    await passTime(3001)
  }
  for (const [index, appState] of [
    [1, 'two'],
    [0, 'one'],
    [2, 'three'],
  ] as const)
    expect(await page.auth.handleRedirectCallback({ url: urls[index]! })).toMatchObject({
      appState,
    })
  expect([...transactionStorage.items.keys()].join()).not.toContain('transactions')
})

test('a custom navigate that fails takes its transaction back', async () => {
  const transactionStorage = createTransactionStorage()
  const { auth } = createClient({
    transactionStorage,
    navigate: () => Promise.reject(new Error('the shell said no')),
  })
  await expect(auth.loginWithRedirect()).rejects.toThrow('the shell said no')
  expect(transactionStorage.items.size).toBe(0)
})

test('start finishes a login, cleans the address and goes to where it began', async () => {
  const { auth, answer } = createClient()
  await auth.loginWithRedirect({ returnTo: '/orders#top' })
  history.replaceState(null, '', answer('alice'))
  const starting = auth.start()
  expect(location.href).toBe('http://localhost:3000/callback')
  expect(await starting).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(location.href).toBe('http://localhost:3000/orders#top')
})

test('start leaves the address alone where onCallback takes over, and waits for it', async () => {
  const { auth, answer } = createClient()
  await auth.loginWithRedirect({ appState: 7, returnTo: '/orders' })
  history.replaceState(null, '', answer('alice'))
  const onCallback = vi.fn(async () => {})
  await auth.start({ onCallback })
  expect(onCallback).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ appState: 7, returnTo: 'http://localhost:3000/orders' }),
  )
  expect(location.pathname).toBe('/callback')
})

test('start resolves with the error of a response that failed, and warns, where the server knows no session', async () => {
  const page = createClient({}, { renewal: createRenewal(loginRequired()) })
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer())
  const snapshot = await page.auth.start()
  expect(snapshot).toMatchObject({ status: 'error', error: { code: 'login_required' } })
  expect(page.warnings).toEqual([{ code: 'login_required', reason: 'callback' }])
  expect(page.renewal.requests).toHaveLength(1)
})

// covers fault:callback-storage-emptied
test('start cleans the address of a response that is not known, and restores silently', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  sessionStorage.clear()
  expect(await page.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(location.search).toBe('')
  expect(page.renewal.requests).toHaveLength(1)
})

// covers fault:callback-not-ours
test('leaves a code alone that is none of ours', async () => {
  const { auth } = createClient()
  for (const search of ['?code=1', '?code=1&state=theirs', '?error=x&state=abc.def']) {
    history.replaceState(null, '', `/callback${search}`)
    await auth.start()
    expect(location.search).toBe(search)
  }
})

test('keeps what else is in the callback address, as it is written', async () => {
  const { auth, answer } = createClient()
  await auth.loginWithRedirect()
  const response = new URL(answer('alice')).search.slice(1)
  history.replaceState(null, '', `/callback?a=%20b+c&${response}&z=#/route?x=1`)
  const callback = auth.handleRedirectCallback()
  expect(location.href).toBe('http://localhost:3000/callback?a=%20b+c&z=#/route?x=1')
  await callback
})

// covers spec:clients-of-one-page
test('two clients of different client IDs do not take each other’s responses', async () => {
  const server = createServer({
    clients: ['app', 'admin'].map((id) => ({
      clientId: id,
      redirectUris: ['http://localhost:3000/callback'],
    })),
  })
  const app = createClient({}, { server })
  const admin = createClient({ clientId: 'admin' }, { server })
  await admin.auth.loginWithRedirect()
  const url = admin.answer('alice')
  await expect(app.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'state_unknown',
  })
  await expect(admin.auth.handleRedirectCallback({ url })).resolves.toMatchObject({
    user: { sub: 'alice' },
  })
})

// covers fault:rejections
test('a failing response leaves no unhandled rejection where the storage is slow', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const slow = { ...createSharedStorage(), get: () => new Promise<never>(() => {}) }
  const page = createClient({ tokenStorage: slow })
  await page.auth.loginWithRedirect()
  const callback = page.auth.handleRedirectCallback({ url: page.answer() })
  const outcome = expect(callback).rejects.toMatchObject({ code: 'login_required' })
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  await passTime(10_000)
  await outcome
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

test('gives the default scope to a token whose server does not say what it granted', async () => {
  const page = createClient()
  page.server.control.addFault({ endpoint: 'token', name: 'tokenResponse', remove: ['scope'] })
  await page.logIn()
  const details = await page.auth.getTokenSilently({ detailed: true })
  expect(details.scope).toBe('email openid profile')
  expect(page.renewal.requests).toEqual([])
})

test('serves the default call after a login with extra parameters', async () => {
  const page = createClient()
  await page.logIn('alice', { authorizationParams: { login_hint: 'alice', ui_locales: 'de' } })
  await page.auth.getTokenSilently()
  expect(page.renewal.requests).toEqual([])
})

// covers spec:redirect-uri
test('refuses a redirect URI on another origin before anything is sent', async () => {
  const server = createServer()
  const auth = createAuthClient({
    issuer: server.issuer,
    clientId: 'app',
    redirectUri: 'https://evil.example/callback',
    fetch: server.fetch,
  })
  await expect(auth.loginWithRedirect()).rejects.toMatchObject({ code: 'config_invalid' })
  expect(server.control.requests()).toEqual([])
  auth.dispose()
})

// covers spec:acr-and-auth-time
test.each(['the client', 'the call'])(
  'holds a max_age and acr_values among the parameters of %s against the ID token',
  async (whose) => {
    for (const [authorizationParams, reason] of [
      [{ max_age: '60' }, 'auth_time'],
      [{ acr_values: 'gold' }, 'acr'],
    ] as const) {
      const page = createClient(whose === 'the client' ? { authorizationParams } : {})
      const remove = ['auth_time', 'acr']
      page.server.control.addFault({ endpoint: 'token', name: 'idTokenClaims', remove })
      const login = page.logIn('alice', whose === 'the call' ? { authorizationParams } : {})
      await expect(login).rejects.toMatchObject({ code: 'id_token_invalid', reason })
    }
  },
)

// covers threat:callback-link spec:forged-response
test.each([
  ['a second code', 'code=again'],
  ['an access token', 'access_token=x'],
  ['an endless error', `error=${'x'.repeat(9000)}`],
])('a response with %s added does not cost the login under way', async (_, more) => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  const pending = JSON.stringify(sessionStorage)
  await expect(
    page.auth.handleRedirectCallback({ url: url.replace('?', `?${more}&`) }),
  ).rejects.toMatchObject({ code: 'callback_invalid' })
  expect(exchanges(page)).toBe(0)
  // The next page still knows it.
  expect(pending).toContain('codeVerifier')
  expect(JSON.stringify(sessionStorage)).toBe(pending)
})

// covers spec:forged-response
test('a caller that is gone before it begins does not cost the login under way', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect({ appState: 'mine' })
  const url = page.answer('alice')
  const signal = AbortSignal.abort(new Error('too late'))
  await expect(page.auth.handleRedirectCallback({ url, signal })).rejects.toBe(signal.reason)
  expect(exchanges(page)).toBe(0)
  await expect(page.auth.handleRedirectCallback({ url })).resolves.toMatchObject({
    appState: 'mine',
  })
})

// covers spec:code-once
test('nobody is signed in again by a response that was processed before a logout', async () => {
  const page = createClient()
  const twin = createClient({}, { server: page.server })
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  await page.auth.handleRedirectCallback({ url })
  await page.auth.logout({ localOnly: true })
  for (const { auth } of [page, twin])
    await expect(auth.handleRedirectCallback({ url })).rejects.toMatchObject({
      code: 'state_unknown',
    })
  expect(page.auth.getSnapshot().status).not.toBe('authenticated')
})

test('tells once of the tokens of a response that is handled twice', async () => {
  const page = createClient()
  let told = 0
  page.auth.on('token', () => told++)
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  await page.auth.handleRedirectCallback({ url })
  await page.auth.handleRedirectCallback({ url })
  expect(told).toBe(1)
})

test('a failure to get the metadata is not remembered', async () => {
  const page = createClient()
  page.server.control.addFault({ endpoint: 'discovery', name: 'status', status: 503, times: 1 })
  await expect(page.auth.loginWithRedirect()).rejects.toMatchObject({ code: 'discovery_failed' })
  await page.logIn()
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

// covers spec:s256
test('asks a server that refuses its code challenge for nothing less', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  const url = new URL(page.answer('alice'))
  url.searchParams.delete('code')
  url.searchParams.set('error', 'invalid_request')
  await expect(page.auth.handleRedirectCallback({ url: url.href })).rejects.toMatchObject({
    code: 'authorization_error',
    oauthError: 'invalid_request',
  })
  await page.auth.start()
  await page.auth.loginWithRedirect()
  const methods = page.visits.map(({ searchParams }) => searchParams.get('code_challenge_method'))
  expect(methods).toEqual(['S256', 'S256'])
})

test('leaves for no server whose keys cannot be had, unless none are needed', async () => {
  const metadata = {
    issuer: 'https://login.example.com',
    authorization_endpoint: 'https://login.example.com/authorize',
    token_endpoint: 'https://login.example.com/token',
  }
  const { auth, visits } = createClient({ metadata })
  await expect(auth.loginWithRedirect()).rejects.toMatchObject({
    code: 'discovery_invalid',
    reason: 'endpoint',
  })
  expect(visits).toEqual([])
  const options: Partial<ClientOptions>[] = [{ jwks: { keys: [] } }, { idTokenSignature: 'tls' }]
  for (const option of options) {
    const page = createClient({ metadata, ...option })
    await page.auth.loginWithRedirect()
    expect(page.visits).toHaveLength(1)
  }
})

test('refuses acrValues that are no text', async () => {
  const { auth, visits } = createClient()
  const login = auth.loginWithRedirect({ acrValues: ['gold'] as unknown as string })
  await expect(login).rejects.toMatchObject({ code: 'config_invalid', reason: 'acrValues' })
  expect(visits).toEqual([])
})

// covers threat:tampered-storage spec:stored-login
test.each(['issuer', 'clientId'])(
  'does not know a stored login whose %s somebody has changed',
  async (name) => {
    const page = createClient()
    await page.auth.loginWithRedirect()
    const url = page.answer('alice')
    for (const [key, text] of Object.entries(sessionStorage) as [string, string][]) {
      const [pending] = JSON.parse(text) as object[]
      sessionStorage.setItem(key, JSON.stringify([{ ...pending, [name]: 'https://evil.example' }]))
    }
    await expect(page.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
      code: 'state_unknown',
    })
    expect(exchanges(page)).toBe(0)
  },
)
