// @vitest-environment happy-dom
import { inspect } from 'node:util'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, passTime, preparePage, reload } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'

beforeEach(preparePage)

const END_SESSION = 'https://login.example.com/end-session'

/** Static metadata, so that nothing is asked for it. */
const metadata = {
  issuer: 'https://login.example.com',
  authorization_endpoint: 'https://login.example.com/authorize',
  token_endpoint: 'https://login.example.com/token',
  jwks_uri: 'https://login.example.com/jwks',
  end_session_endpoint: END_SESSION,
}

const parametersOf = (url: URL | undefined) => Object.fromEntries(url?.searchParams ?? [])

// covers spec:id-token-hint
test('leaves for the end session endpoint with the ID token, the client and the way back', async () => {
  const { auth, visits } = createClient({ postLogoutRedirectUri: '/signed-out?a=1' })
  await auth.getTokenSilently()
  const { token } = (await auth.getIdToken())!
  await auth.logout()
  expect(visits.map(({ origin, pathname }) => origin + pathname)).toEqual([END_SESSION])
  expect(parametersOf(visits[0])).toEqual({
    id_token_hint: token,
    client_id: 'app',
    post_logout_redirect_uri: 'http://localhost:3000/signed-out?a=1',
    state: expect.stringMatching(/^\w+-logout\.[\w-]{43}$/) as unknown,
  })
})

// covers spec:signed-out-first
test('is signed out here before the page leaves, and stays so in the next', async () => {
  const page = createClient({ navigate: () => void seen.push(page.auth.getSnapshot().status) })
  const seen: string[] = []
  await page.auth.getTokenSilently()
  await page.auth.logout()
  expect(seen).toEqual(['anonymous'])
  const next = createClient()
  expect(await next.auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(next.renewal.requests).toEqual([])
})

test('sends no state where there is no way back', async () => {
  const { auth, visits } = createClient()
  await auth.getTokenSilently()
  await auth.logout()
  expect(Object.keys(parametersOf(visits[0])).sort()).toEqual(['client_id', 'id_token_hint'])
})

test('every logout has a state of its own', async () => {
  const { auth, visits } = createClient({ postLogoutRedirectUri: '/' })
  await auth.logout()
  await auth.logout()
  expect(new Set(visits.map(({ searchParams }) => searchParams.get('state'))).size).toBe(2)
})

test("a call's way back wins over the client's, and may be on another origin", async () => {
  const { auth, visits } = createClient({ postLogoutRedirectUri: '/' })
  await auth.logout({ postLogoutRedirectUri: 'https://www.example.com/bye' })
  expect(parametersOf(visits[0])['post_logout_redirect_uri']).toBe('https://www.example.com/bye')
})

// covers spec:https-way-back
test.each([
  'http://www.example.com/',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://user@www.example.com/',
  'http://[',
])('refuses %s as the way back before anything else happens', async (postLogoutRedirectUri) => {
  const { auth, visits } = createClient()
  await auth.getTokenSilently()
  await expect(auth.logout({ postLogoutRedirectUri })).rejects.toMatchObject({
    code: 'config_invalid',
    reason: 'postLogoutRedirectUri',
  })
  expect(visits).toEqual([])
  expect(auth.getSnapshot().status).toBe('authenticated')
})

test('leaves for the server also when nobody is signed in here', async () => {
  const { auth, visits } = createClient()
  await auth.logout()
  expect(parametersOf(visits[0])).toEqual({ client_id: 'app' })
})

test('takes the ID token from the storage when nothing was asked for yet', async () => {
  const tokenStorage = createSharedStorage()
  const first = createClient({ tokenStorage })
  await first.auth.getTokenSilently()
  const { token } = (await first.auth.getIdToken())!
  const next = reload(first, { tokenStorage })
  await next.auth.logout()
  expect(parametersOf(next.visits[0])['id_token_hint']).toBe(token)
  expect(tokenStorage.records.size).toBe(0)
})

test('gives no hint from a record that an earlier logout could not delete', async () => {
  const tokenStorage = createSharedStorage()
  const first = createClient({ tokenStorage: { ...tokenStorage, delete: async () => {} } })
  await first.auth.getTokenSilently()
  await first.auth.logout({ localOnly: true })
  expect(tokenStorage.records.size).toBe(1)
  const next = reload(first, { tokenStorage })
  await next.auth.logout()
  expect(parametersOf(next.visits[0])).toEqual({ client_id: 'app' })
})

test('a storage that hangs does not keep the page from leaving', async () => {
  const hang = () => new Promise<never>(() => {})
  const { auth, visits } = createClient({ tokenStorage: { get: hang, set: hang, delete: hang } })
  const logout = auth.logout()
  await passTime(5000)
  await logout
  expect(visits).toHaveLength(1)
})

test('localOnly leaves the session of the server alone, and warns of nothing', async () => {
  const { auth, visits, warnings, server } = createClient()
  await auth.getTokenSilently()
  await auth.logout({ localOnly: true })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(visits).toEqual([])
  expect(warnings).toEqual([])
  expect(server.control.requests()).toEqual([])
})

// covers threat:hostile-server spec:https-logout spec:no-logout-endpoint fault:metadata-end-session
test.each([
  undefined,
  5,
  'javascript:alert(document.domain)//https://login.example.com',
  'data:text/html,<script>alert(1)</script>',
  'http://login.example.com/end-session',
  'https://user:password@login.example.com/end-session',
  '/end-session',
])('does not leave for the end session endpoint %s', async (end_session_endpoint) => {
  const { auth, visits, warnings } = createClient({
    metadata: { ...metadata, end_session_endpoint },
  })
  await auth.getTokenSilently()
  await auth.logout()
  expect(visits).toEqual([])
  expect(warnings).toEqual([{ code: 'server_session_remains', reason: 'end_session_endpoint' }])
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
})

test('keeps the query of the endpoint, and sets each parameter once', async () => {
  const { auth, visits } = createClient({
    metadata: { ...metadata, end_session_endpoint: `${END_SESSION}?tenant=a&client_id=b` },
  })
  await auth.logout()
  expect(visits[0]?.search).toBe('?tenant=a&client_id=app')
})

// covers spec:no-logout-endpoint fault:logout-server-down
test('signs out here when the metadata cannot be had', async () => {
  const { auth, visits, warnings, server } = createClient()
  await auth.getTokenSilently()
  server.control.addFault({ endpoint: 'discovery', name: 'status', status: 503, times: 9 })
  await auth.logout()
  expect(visits).toEqual([])
  expect(warnings).toEqual([{ code: 'server_session_remains', reason: 'discovery_failed' }])
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('signs out here at once when the server does not answer, and waits no longer than timeoutMs', async () => {
  const { auth, visits, warnings, server } = createClient({ timeoutMs: 1000 })
  await auth.getTokenSilently()
  server.control.setLatency({ endpoint: 'discovery', ms: 60_000 })
  const logout = auth.logout()
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  await passTime(1000)
  await logout
  expect(visits).toEqual([])
  expect(warnings).toEqual([{ code: 'server_session_remains', reason: 'timeout' }])
})

test('the page leaves only when the storage has forgotten the session', async () => {
  const tokenStorage = createSharedStorage()
  const sizes: number[] = []
  const { auth } = createClient({
    navigate: () => void sizes.push(tokenStorage.records.size),
    tokenStorage: {
      ...tokenStorage,
      async delete(key) {
        await passTime(500)
        await tokenStorage.delete(key)
      },
    },
  })
  await auth.getTokenSilently()
  await auth.logout()
  expect(sizes).toEqual([0])
})

// covers fault:logout-twice
test('two logouts at once leave the page once', async () => {
  const { auth, visits } = createClient()
  await auth.getTokenSilently()
  await Promise.all([auth.logout(), auth.logout()])
  expect(visits).toHaveLength(1)
  expect(visits[0]?.searchParams.has('id_token_hint')).toBe(true)
})

// covers fault:logout-and-login
test('a login that is begun in the moment of a logout does not keep it from arriving', async () => {
  const { auth, visits } = createClient()
  await auth.getTokenSilently()
  const logins: Promise<void>[] = []
  auth.subscribe(() => logins.push(auth.loginWithRedirect()))
  await auth.logout()
  await Promise.all(logins)
  expect(logins).toHaveLength(1)
  expect(visits.map(({ pathname }) => pathname)).toEqual(['/end-session'])
  await auth.loginWithRedirect()
  expect(visits.map(({ pathname }) => pathname)).toEqual(['/end-session', '/authorize'])
})

test('a login that waited for a logout with nowhere to go goes on', async () => {
  const { auth, visits } = createClient({
    metadata: { ...metadata, end_session_endpoint: undefined },
  })
  await Promise.all([auth.logout(), auth.loginWithRedirect()])
  expect(visits.map(({ pathname }) => pathname)).toEqual(['/authorize'])
})

// covers fault:logout-and-login
test('a logout overtakes a login that is being prepared', async () => {
  const { auth, visits, server } = createClient()
  server.control.setLatency({ endpoint: 'discovery', ms: 100 })
  const login = expect(auth.loginWithRedirect()).rejects.toMatchObject({ code: 'logged_out' })
  const logout = auth.logout()
  await passTime(100)
  await Promise.all([login, logout])
  expect(visits.map(({ pathname }) => pathname)).toEqual(['/end-session'])
})

// covers fault:logout-and-login
test('a logout of this app alone overtakes one too, and no logout that is under way', async () => {
  const { auth, visits, server } = createClient()
  server.control.setLatency({ endpoint: 'discovery', ms: 100 })
  const login = expect(auth.loginWithRedirect()).rejects.toMatchObject({ code: 'logged_out' })
  await auth.logout({ localOnly: true })
  await login
  const logout = auth.logout()
  await auth.logout({ localOnly: true })
  await passTime(100)
  await logout
  expect(visits.map(({ pathname }) => pathname)).toEqual(['/end-session'])
})

test('a second logout overtakes a login too', async () => {
  const { auth, visits } = createClient({ metadata })
  await auth.logout()
  const login = expect(auth.loginWithRedirect()).rejects.toMatchObject({ code: 'logged_out' })
  await Promise.all([login, auth.logout()])
  expect(visits.map(({ pathname }) => pathname)).toEqual(['/end-session', '/end-session'])
})

test('an abort keeps the page, and the user is signed out here all the same', async () => {
  const { auth, visits, server } = createClient()
  await auth.getTokenSilently()
  server.control.setLatency({ endpoint: 'discovery', ms: 100 })
  const caller = new AbortController()
  const logout = auth.logout({ signal: caller.signal })
  const reason = new Error('the caller went away')
  const outcome = expect(logout).rejects.toBe(reason)
  caller.abort(reason)
  await outcome
  await passTime(200)
  expect(visits).toEqual([])
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('a signal that is aborted already changes nothing', async () => {
  const { auth } = createClient()
  await auth.getTokenSilently()
  const signal = AbortSignal.abort(new Error('too late'))
  await expect(auth.logout({ signal })).rejects.toBe(signal.reason)
  expect(auth.getSnapshot().status).toBe('authenticated')
})

test('a client that is disposed of while it logs out does not leave the page', async () => {
  const { auth, visits, server } = createClient()
  server.control.setLatency({ endpoint: 'discovery', ms: 100 })
  const outcome = expect(auth.logout()).rejects.toMatchObject({ code: 'disposed' })
  await passTime(10)
  auth.dispose()
  await passTime(200)
  await outcome
  expect(visits).toEqual([])
})

test('tells its logger neither the ID token nor the state', async () => {
  const logger = { debug: vi.fn(), warn: vi.fn() }
  const { auth, visits } = createClient({ logger, postLogoutRedirectUri: '/' })
  await auth.getTokenSilently()
  await auth.logout()
  const said = inspect([logger.debug.mock.calls, logger.warn.mock.calls], { depth: Infinity })
  expect(said).toContain('anonymous')
  for (const name of ['id_token_hint', 'state'])
    expect(said).not.toContain(visits[0]?.searchParams.get(name))
})
