// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { AuthError, type AuthErrorCode, type Page, type RenewalStrategy } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { membersOf } from '../support/snapshot-members.ts'

beforeEach(preparePage)

test('is loading until the first call settles', async () => {
  const { auth } = createClient()
  expect(auth.getSnapshot()).toEqual({ status: 'loading' })
  await auth.getTokenSilently()
  expect(auth.getSnapshot().status).toBe('authenticated')
})

test('start restores the session silently and resolves with the snapshot', async () => {
  const { auth, renewal } = createClient()
  const snapshot = await auth.start()
  expect(snapshot).toBe(auth.getSnapshot())
  expect(snapshot).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(renewal.requests).toHaveLength(1)
})

test('start resolves as anonymous when nobody is logged in', async () => {
  const { auth } = createClient({}, { renewal: createRenewal(loginRequired()) })
  expect(await auth.start()).toEqual({ status: 'anonymous' })
})

test('start resolves with the error when the server cannot be asked', async () => {
  const error = new AuthError('network_error')
  const { auth } = createClient({}, { renewal: createRenewal(error) })
  expect(await auth.start()).toMatchObject({ status: 'error', error: { code: 'network_error' } })
})

test('two starts at once ask the server once', async () => {
  const { auth, renewal } = createClient()
  await Promise.all([auth.start(), auth.start()])
  expect(renewal.requests).toHaveLength(1)
})

test('start rejects when its signal aborts', async () => {
  const { auth, renewal } = createClient()
  renewal.hold()
  const caller = new AbortController()
  const call = auth.start({ signal: caller.signal })
  await passTime(1)
  const reason = new Error('unmounted')
  caller.abort(reason)
  await expect(call).rejects.toBe(reason)
})

test('start says so in the snapshot for a redirect URI of another origin', async () => {
  const { auth } = createClient({ redirectUri: 'https://elsewhere.example.com/callback' })
  const snapshot = await auth.start()
  expect(snapshot).toMatchObject({
    status: 'error',
    error: { code: 'config_invalid', reason: 'redirectUri' },
  })
  expect(auth.getSnapshot()).toBe(snapshot)
})

test('start says so in the snapshot for a strategy that is not set up well', async () => {
  const error = new AuthError('config_invalid', { reason: 'callbackUri' })
  const { auth } = createClient({}, { renewal: createRenewal(error) })
  expect(await auth.start()).toMatchObject({
    status: 'error',
    error: { code: 'config_invalid', reason: 'callbackUri' },
  })
})

test('start never redirects, whatever the policy', async () => {
  const { auth, visits } = createClient(
    { onLoginRequired: 'redirect' },
    { renewal: createRenewal(loginRequired()) },
  )
  await auth.start()
  expect(visits).toEqual([])
})

test('knows the user, the ID token and that somebody is there', async () => {
  const { auth } = createClient()
  await auth.start()
  expect(await auth.isAuthenticated()).toBe(true)
  const idToken = await auth.getIdToken()
  expect(idToken?.claims.sub).toBe('alice')
  expect(idToken?.token.split('.')).toHaveLength(3)
  const user = await auth.getUser()
  expect(user).toBe(membersOf(auth.getSnapshot()).user)
  for (const given of [user, idToken?.claims]) expect(Object.isFrozen(given)).toBe(true)
})

test('knows no user before anything was asked, and sends nothing to find out', async () => {
  const { auth, renewal } = createClient()
  expect(await auth.getUser()).toBeUndefined()
  expect(await auth.getIdToken()).toBeUndefined()
  expect(await auth.isAuthenticated()).toBe(false)
  expect(renewal.requests).toEqual([])
})

test('keeps the snapshot and the user object over renewals that bring nothing new', async () => {
  const { auth } = createClient()
  let changes = 0
  auth.subscribe(() => changes++)
  await auth.getTokenSilently()
  const snapshot = auth.getSnapshot()
  await passTime(2000)
  await auth.getTokenSilently({ cacheMode: 'off' })
  expect(auth.getSnapshot()).toBe(snapshot)
  expect(await auth.getUser()).toBe(membersOf(snapshot).user)
  expect(changes).toBe(1)
})

test('changes the snapshot when a renewal brings other claims', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  renewal.answers.push({ claims: { name: 'Alice' } })
  await auth.getTokenSilently({ cacheMode: 'off' })
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { name: 'Alice' } })
})

// covers threat:failing-network
test.each([
  'network_error',
  'timeout',
  'server_error',
  'discovery_failed',
  'silent_timeout',
  'silent_blocked',
  'id_token_invalid',
  'token_error',
  'interaction_required',
  'consent_required',
] as const satisfies AuthErrorCode[])(
  'a renewal that fails with %s does not end the session',
  async (code) => {
    const { auth, renewal } = createClient()
    await auth.getTokenSilently()
    const snapshot = auth.getSnapshot()
    await passTime(400_000)
    renewal.answers.push(new AuthError(code))
    await expect(auth.getTokenSilently()).rejects.toMatchObject({ code })
    expect(auth.getSnapshot()).toBe(snapshot)
    expect(await auth.getUser()).toBe(membersOf(snapshot).user)
  },
)

test('login_required does not end the session while an unexpired token is left', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  renewal.answers.push(loginRequired())
  const call = auth.getTokenSilently({ cacheMode: 'off' })
  await expect(call).rejects.toMatchObject({ code: 'login_required' })
  expect(auth.getSnapshot().status).toBe('authenticated')
})

test('login_required ends the session when no unexpired token is left', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  await passTime(300_001)
  renewal.answers.push(loginRequired())
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  expect(await auth.getIdToken()).toBeUndefined()
})

test('a logout forgets user and tokens, and silent calls answer logged_out without a request', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  await auth.logout()
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(await auth.getUser()).toBeUndefined()
  for (const call of [{}, { cacheMode: 'off' }] as const)
    await expect(auth.getTokenSilently(call)).rejects.toMatchObject({ code: 'logged_out' })
  expect(await auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(renewal.requests).toHaveLength(1)
})

test('a logout lasts over a reload, until a person logs in', async () => {
  const page = createClient()
  await page.auth.getTokenSilently()
  await page.auth.logout()
  const next = createClient()
  expect(await next.auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(next.renewal.requests).toEqual([])
  await next.logIn()
  expect(next.auth.getSnapshot().status).toBe('authenticated')
  await expect(next.auth.getTokenSilently({ cacheMode: 'off' })).resolves.toBeTypeOf('string')
})

// covers spec:logout-wins
test('a renewal that a logout has overtaken is discarded', async () => {
  const { auth, renewal } = createClient()
  const release = renewal.hold()
  const call = auth.getTokenSilently()
  const outcome = expect(call).rejects.toMatchObject({ code: 'logged_out' })
  await passTime(1)
  await auth.logout()
  release()
  await outcome
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
})

// covers spec:logout-wins
test('what goes wrong with a renewal that a logout has overtaken is no error', async () => {
  let refuse: (error: AuthError) => void = () => {}
  // A code that was sent: it is not called back, and the server has ended the session by then.
  const strategy: RenewalStrategy = () => new Promise((_, reject) => (refuse = reject))
  const { auth, logIn } = createClient({ renewal: [strategy] })
  await logIn()
  const heard: unknown[] = []
  auth.on('renewal', ({ error }) => heard.push(error))
  const outcome = expect(auth.getTokenSilently({ cacheMode: 'off' })).rejects.toMatchObject({
    code: 'logged_out',
  })
  await passTime(1)
  await auth.logout({ localOnly: true })
  await outcome
  refuse(new AuthError('token_error', { oauthError: 'invalid_grant' }))
  await passTime(1)
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(heard).toEqual([])
})

test('everybody hears last of what happened last, also where a listener has logged out', async () => {
  const page: Page = new Map()
  const { auth } = createClient({}, { page })
  const other = createClient({}, { page })
  auth.on('session', ({ status }) => {
    if (status === 'authenticated') void auth.logout({ localOnly: true })
  })
  const seen: string[] = []
  for (const view of [auth, other.auth]) view.on('session', ({ status }) => seen.push(status))
  await auth.getTokenSilently().catch(() => {})
  expect(seen).toEqual(['authenticated', 'authenticated', 'anonymous', 'anonymous'])
})

test('a logout unpins the user', async () => {
  const { auth, logIn } = createClient()
  await auth.getTokenSilently()
  await auth.logout()
  await logIn('bob')
  expect(await auth.getUser()).toMatchObject({ sub: 'bob' })
})

// covers spec:logout-elsewhere fault:tabs-no-channel
test('notices a logout of another tab whose message was lost', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  const [key] = Object.keys(localStorage).filter((name) => name.startsWith('sotto:epoch'))
  const mark = { generation: 'another', loggedOut: true }
  localStorage.setItem(key ?? 'sotto:epoch https://login.example.com app', JSON.stringify(mark))
  const call = auth.getTokenSilently({ cacheMode: 'off' })
  await expect(call).rejects.toMatchObject({ code: 'logged_out' })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(renewal.requests).toHaveLength(1)
})
