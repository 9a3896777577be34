// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { autoRenew, createAuthFetch, silentRedirect } from 'sotto'
import { createClient, passTime, preparePage, reload } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { createRenewal } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, openPage, recordIn } from '../support/refresh-client.ts'

beforeEach(preparePage)

const EVIL = 'https://evil.example'

/** Options of calls, as a gadget in another library might set them: data, no functions. */
const OPTIONS = {
  scope: 'evil',
  audience: EVIL,
  resource: EVIL,
  authorizationParams: { login_hint: 'evil' },
  acrValues: 'evil',
  maxAge: 0,
  max_age: '1',
  acr_values: 'evil',
  returnTo: EVIL,
  url: EVIL,
  appState: 'evil',
  cacheMode: 'off',
  detailed: true,
  onLoginRequired: 'redirect',
  timeoutMs: 1,
  onCallback: 'evil',
  localOnly: true,
  postLogoutRedirectUri: EVIL,
}

/** Members of what is sent, received and stored. */
const FIELDS = {
  toJSON: 'evil',
  0: 'evil',
  codeVerifier: 'evil',
  generation: 'evil',
  sub: 'evil',
  kind: 'login',
  state: 'evil',
  azp: 'evil',
  at_hash: 'evil',
  refresh_token: 'evil',
  idToken: 'evil',
  doubt: 'evil',
  rotates: false,
  sessionParams: { evil: 'evil' },
  notPossible: 'invalid_scope',
  entry: 'evil',
  idTokenSigningAlg: 'none',
  id_token_signed_response_alg: 'none',
  default_max_age: 0,
  DPoP: 'evil',
  // Of strategies.
  label: 'evil',
  isNeeded: 'evil',
  onLogin: 'evil',
  onLogout: 'evil',
  onPageHide: 'evil',
  keepRefreshTokens: 'evil',
  revokeAll: 'evil',
  openVault: 'evil',
}

// covers threat:polluted-prototype spec:polluted-prototype fault:prototype-data
test('a login and a call are the same on a page whose prototypes somebody filled with data', async () => {
  const clean = createClient()
  const page = createClient({}, { server: clean.server })
  await clean.auth.loginWithRedirect()
  await withPollution({ ...OPTIONS, ...FIELDS }, async () => {
    await page.auth.loginWithRedirect()
    history.replaceState(null, '', page.answer('alice'))
    expect((await page.auth.start()).status).toBe('authenticated')
    const token = await page.auth.getTokenSilently()
    expect(token).toMatch(/^ey/)
    expect(await page.auth.getTokenSilently()).toBe(token)
    const renewed = await page.auth.getTokenSilently({ cacheMode: 'off', detailed: true })
    expect(renewed).toMatchObject({ scope: 'email openid profile' })
    expect(await page.auth.getTokenSilently()).toBe(renewed.accessToken)
    await page.auth.logout()
  })
  await passTime(1)
  const parametersOf = (url: URL | undefined): unknown =>
    Object.fromEntries([...url!.searchParams].filter(([name]) => !SECRETS.test(name)))
  expect(parametersOf(page.visits[0])).toEqual(parametersOf(clean.visits[0]))
  expect(page.visits[1]?.pathname).toBe('/end-session')
  expect(page.visits[1]?.href).not.toContain('evil')
  expect(page.renewal.requests).toHaveLength(1)
  expect(page.warnings).toEqual([])
})

test('a strategy keeps no refresh tokens because a prototype says so', async () => {
  const evil = { keepRefreshTokens: true, revokeAll: true }
  await withPollution(evil, async () => {
    const tokenStorage = createSharedStorage()
    const renewal = createRenewal()
    const tabs = [0, 1].map(() => createClient({ tokenStorage }, { renewal }))
    await tabs[0]!.logIn()
    const calls = tabs.map(({ auth }) => auth.getTokenSilently({ audience: 'other' }))
    expect(new Set(await Promise.all(calls)).size).toBe(1)
    await tabs[0]!.auth.logout()
  })
})

test('the parts of a strategy are its own', async () => {
  const page = await logInWithRefreshToken()
  const labels: (string | undefined)[] = []
  page.auth.on('renewal', ({ strategy }) => labels.push(strategy))
  const thrown: unknown[] = []
  const note = ({ error }: ErrorEvent): void => void thrown.push(error)
  addEventListener('error', note)
  await withPollution({ label: 'evil', onLogout: 'evil', onPageHide: 'evil' }, async () => {
    const other = openPage({ storage: page.storage, server: page.server })
    await other.auth.start()
    dispatchEvent(new Event('pagehide'))
    await page.auth.getTokenSilently({ cacheMode: 'off', audience: 'https://other.example' })
    await page.auth.logout()
  })
  removeEventListener('error', note)
  expect(labels).toEqual(['custom'])
  expect(thrown).toEqual([])
  expect(page.warnings).toEqual([])
})

const SECRETS = /^(state|nonce|code_challenge)$/

test('the explicit callback takes no option from a prototype', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  const result = await withPollution(OPTIONS, () => page.auth.handleRedirectCallback())
  expect(result).toMatchObject({ user: { sub: 'alice' }, returnTo: 'http://localhost:3000/' })
})

test('a start asks for what the client asks for, whatever a prototype says', async () => {
  const { auth, renewal } = createClient()
  await withPollution({ ...OPTIONS, ...FIELDS }, () => auth.start())
  expect(renewal.requests).toMatchObject([{ scope: 'email openid profile', resource: [] }])
  expect(renewal.requests[0]?.audience).toBeUndefined()
})

// covers spec:polluted-prototype
test('a refresh and a reload are the same with data on the prototypes', async () => {
  const page = await logInWithRefreshToken()
  page.auth.dispose()
  // Longer than the age that the prototype asks for.
  await passTime(60_000)
  await withPollution({ ...OPTIONS, ...FIELDS, loggedOut: true }, async () => {
    const other = openPage({ storage: page.storage, server: page.server })
    expect((await other.auth.start()).status).toBe('authenticated')
    for (const _ of [1, 2]) await other.auth.getTokenSilently({ cacheMode: 'off' })
    const byRefresh = { strategy: 'refresh_token', attempts: [] }
    expect(other.renewals).toMatchObject([byRefresh, byRefresh])
  })
})

test('a silent call with parameters of its own asks for no prompt of a prototype', async () => {
  const { auth } = createClient()
  await auth.start()
  const call = { authorizationParams: { organization: 'org_7' } }
  const data = { prompt: 'login', method: 'DELETE', headers: 'evil', body: 'evil', message: 'evil' }
  await withPollution({ ...data, statusText: 'evil' }, () => auth.getTokenSilently(call))
})

test('an answer without a scope means that of the login, not that of a prototype', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ endpoint: 'token', name: 'tokenResponse', remove: ['scope'] })
  const { scope } = await withPollution({ scope: 'evil' }, () =>
    page.auth.getTokenSilently({ cacheMode: 'off', detailed: true }),
  )
  expect(scope).toContain('offline_access')
})

test('a prototype neither makes a refresh token one that is never in doubt, nor one that is', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ endpoint: 'token', name: 'drop', afterProcessing: true, times: 2 })
  await withPollution({ rotates: false }, () =>
    page.auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {}),
  )
  expect(recordIn(page.storage)?.refreshToken?.doubt).toMatchObject({ tries: 1 })
  const next = await logInWithRefreshToken()
  const doubt = { since: 0, tries: 9, nextAt: 0 }
  await withPollution({ doubt }, () => next.auth.getTokenSilently({ cacheMode: 'off' }))
  expect(next.refreshes()).toHaveLength(1)
})

// covers threat:polluted-prototype spec:polluted-prototype
test('a forged response is none of ours although a prototype looks like a login', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  const url = page.answer('alice')
  sessionStorage.clear()
  const login = { kind: 'login', state: new URL(url).searchParams.get('state'), nonce: 'evil' }
  const attempt = withPollution({ ...FIELDS, ...login, createdAt: Date.now() }, () =>
    page.auth.handleRedirectCallback({ url }),
  )
  await expect(attempt).rejects.toMatchObject({ code: 'state_unknown' })
  expect(page.server.control.requests({ endpoint: 'token' })).toEqual([])
})

test('a stored record of another user is met by no ID token of a prototype', async () => {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  await page.auth.getTokenSilently()
  page.renewal.answers.push({ claims: { sub: 'bob' } })
  await page.auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
  const next = reload(page, { tokenStorage })
  const snapshot = await withPollution({ idToken: 'evil' }, () => next.auth.start())
  expect(snapshot).toEqual({ status: 'anonymous', reason: 'session_ended' })
})

test('the functions and values beside the client take no option from a prototype', async () => {
  const { auth, renewal } = createClient()
  await auth.start()
  const send = vi.fn(async () => new Response('x'))
  vi.stubGlobal('fetch', send)
  const data = { periodSeconds: 'evil', fetch: 'evil', allowedOrigins: [EVIL] }
  await withPollution({ ...data, targets: [{ audience: EVIL }] }, async () => {
    expect(() => silentRedirect()).not.toThrow()
    const authFetch = createAuthFetch(auth, { allowedOrigins: ['https://api.example.com'] })
    expect(await (await authFetch('https://api.example.com/')).text()).toBe('x')
    expect(() => createAuthFetch(auth, {} as never)).toThrow()
    autoRenew(auth, {})
    await passTime(290_000)
  })
  expect(send).toHaveBeenCalledOnce()
  expect(renewal.requests).toHaveLength(2)
  for (const request of renewal.requests) expect(request?.audience).toBeUndefined()
})
