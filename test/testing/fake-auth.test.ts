// Without a window, as fakes are.
import { expect, test, vi } from 'vitest'
import { AuthError, type AuthSnapshot } from 'sotto'
import { fakeAuth } from 'sotto/testing'

const user = { sub: 'a', name: 'Alice', roles: ['admin'] }
const failure = new AuthError('network_error')
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it was resolved'),
    (error: unknown) => error,
  )

/** Whether a promise is pending still, after all that could settle it. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  await new Promise((resolve) => setImmediate(resolve))
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending
}

test.each<[string, Parameters<typeof fakeAuth>[0], AuthSnapshot<object>]>([
  ['nobody', undefined, { status: 'anonymous' }],
  ['a user', { user }, { status: 'authenticated', user }],
  ['an error', { error: failure }, { status: 'error', error: failure }],
  ['a status', { status: 'loading' }, { status: 'loading' }],
  ['a status and a user', { status: 'anonymous', user }, { status: 'anonymous' }],
])('shows %s', async (_what, state, expected) => {
  const auth = fakeAuth(state)
  expect(auth.getSnapshot()).toEqual(expected)
  expect(Object.isFrozen(auth.getSnapshot())).toBe(true)
  expect(auth.getSnapshot()).toBe(auth.getSnapshot())
  expect(auth.getServerSnapshot()).toEqual({ status: 'loading' })
  expect(await auth.isAuthenticated()).toBe(expected.status === 'authenticated')
})

test.each(['authenticated', 'error'] as const)('says what the status %s needs', (status) => {
  expect(() => fakeAuth({ status })).toThrow(TypeError)
})

test('the user is frozen, and the one that was given stays as it is', async () => {
  const auth = fakeAuth({ user })
  expect(await auth.getUser()).toEqual(user)
  expect(Object.isFrozen((await auth.getUser())?.roles)).toBe(true)
  expect(await auth.getUser()).toBe(await auth.getUser())
  expect(Object.isFrozen(user.roles)).toBe(false)
  const idToken = await auth.getIdToken()
  expect(idToken).toMatchObject({ claims: { ...user, aud: 'app' } })
  expect(Object.isFrozen(idToken?.claims)).toBe(true)
  expect((await auth.getIdToken())?.claims).toBe(idToken?.claims)
  expect(await fakeAuth().getUser()).toBeUndefined()
  expect(await fakeAuth().getIdToken()).toBeUndefined()
})

test('tells listeners what is shown, each registration once, until they are removed', () => {
  const auth = fakeAuth()
  const seen: unknown[] = []
  const listener = vi.fn()
  const ends = [auth.subscribe(listener), auth.subscribe(listener)]
  const record = (snapshot: unknown): void => void seen.push(snapshot)
  ends.push(auth.on('session', record), auth.on('session', record))
  auth.on('token', listener)
  auth.show({ status: 'error', error: failure })
  expect(seen).toEqual(Array(2).fill({ status: 'error', error: failure }))
  expect(listener.mock.calls).toEqual([[], []])
  for (const end of ends) end()
  auth.show({ status: 'loading' })
  expect(listener).toHaveBeenCalledTimes(2)
  expect(seen).toHaveLength(2)
})

test('a listener that throws stops neither the others nor the call', async () => {
  const auth = fakeAuth({ user })
  const listener = vi.fn()
  const reported: (() => void)[] = []
  vi.stubGlobal('queueMicrotask', (report: () => void) => reported.push(report))
  auth.subscribe(() => {
    throw failure
  })
  auth.subscribe(listener)
  await auth.logout()
  expect(listener).toHaveBeenCalledOnce()
  expect(reported).toHaveLength(1)
  expect(reported[0]).toThrow(failure)
})

test('the snapshot is another one exactly when its content is', async () => {
  const auth = fakeAuth({ user })
  const listener = vi.fn()
  auth.subscribe(listener)
  const first = auth.getSnapshot()
  auth.show({ status: 'authenticated', user: { ...user, roles: [...user.roles] } })
  expect(auth.getSnapshot()).toBe(first)
  expect(listener).not.toHaveBeenCalled()
  for (const roles of [[], ['user'], ['user', 'admin']])
    auth.show({ status: 'authenticated', user: { ...user, roles } })
  expect(listener).toHaveBeenCalledTimes(3)
  await auth.logout()
  const loggedOut = auth.getSnapshot()
  await auth.logout()
  expect(auth.getSnapshot()).toBe(loggedOut)
  expect(listener).toHaveBeenCalledTimes(4)
})

test('gives the token, plain and with what is known of it', async () => {
  const auth = fakeAuth({ user, token: 'secret' })
  expect(await auth.getTokenSilently()).toBe('secret')
  expect(await fakeAuth({ user }).getTokenSilently()).toBe('fake-access-token')
  const details = { detailed: true, scope: 'openid orders', audience: 'api' } as const
  expect(await auth.getTokenSilently(details)).toEqual({
    accessToken: 'secret',
    tokenType: 'bearer',
    scope: 'openid orders',
    audience: 'api',
    expiresIn: 300,
    expiresAt: expect.closeTo(Date.now() + 300_000, -4) as number,
  })
  expect(auth.calls.getTokenSilently).toEqual([{}, details])
})

test.each([
  ['nobody', fakeAuth(), { code: 'login_required' }],
  ['an error', fakeAuth({ error: failure }), { code: 'network_error' }],
])('has no token for %s', async (_whom, auth, expected) => {
  expect(await rejection(auth.getTokenSilently())).toMatchObject(expected)
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
})

test('a logout signs the user out at once', async () => {
  const auth = fakeAuth({ user })
  const listener = vi.fn()
  auth.subscribe(listener)
  await auth.logout({ localOnly: true })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(listener).toHaveBeenCalledOnce()
  expect(auth.calls.logout).toEqual([{ localOnly: true }])
  expect(await rejection(auth.getTokenSilently())).toMatchObject({ code: 'logged_out' })
})

test('a login is recorded, and stays pending until something is shown', async () => {
  const auth = fakeAuth()
  const login = auth.loginWithRedirect({ returnTo: '/orders' })
  expect(auth.calls.loginWithRedirect).toEqual([{ returnTo: '/orders' }])
  expect(await isPending(login)).toBe(true)
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  await login
})

test('a callback says where the last login leads back to', async () => {
  const auth = fakeAuth()
  expect(await rejection(auth.handleRedirectCallback())).toMatchObject({ code: 'state_unknown' })
  void auth.loginWithRedirect({ returnTo: 'https://app.example/orders?a=1#b', appState: 5 })
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  expect(await auth.handleRedirectCallback()).toEqual({
    path: '/orders?a=1#b',
    returnTo: 'https://app.example/orders?a=1#b',
    appState: 5,
    user: { sub: 'a' },
  })
  auth.show({ status: 'error', error: failure })
  expect(await rejection(auth.handleRedirectCallback())).toBe(failure)
})

test.each([
  ['without a window', undefined, 'http://localhost/', '/'],
  ['on a page without an address', 'about:blank', 'http://localhost/', '/'],
  ['on a page', 'https://app.example/cart?a=1', 'https://app.example/cart?a=1', '/cart?a=1'],
])('returnTo is a whole URL: %s', async (_where, href, here, path) => {
  vi.stubGlobal('location', href === undefined ? href : { href })
  const auth = fakeAuth()
  void auth.loginWithRedirect()
  auth.show({ status: 'authenticated', user })
  expect(await auth.handleRedirectCallback()).toMatchObject({ path, returnTo: here })
  void auth.loginWithRedirect({ returnTo: '/orders' })
  const returnTo = new URL('/orders', here).href
  expect(await auth.handleRedirectCallback()).toMatchObject({ path: '/orders', returnTo })
  expect(await fakeAuth({ user }).handleRedirectCallback()).toMatchObject({ returnTo: undefined })
})

test('a callback that nobody has begun is shown as an error', async () => {
  const auth = fakeAuth()
  const error = await rejection(auth.handleRedirectCallback())
  expect(error).toMatchObject({ code: 'state_unknown' })
  expect(auth.getSnapshot()).toEqual({ status: 'error', error })
})

test('what loads is waited for', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const start = auth.start()
  const token = auth.getTokenSilently()
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  expect(await isPending(Promise.race([start, token]))).toBe(true)
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  expect(await start).toEqual({ status: 'authenticated', user: { sub: 'a' } })
  expect(await token).toBe('fake-access-token')
  expect(auth.calls.start).toEqual([{}])
})

test('a caller waits for a token as long as it cares to', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const timeout = { code: 'timeout', reason: 'caller' }
  expect(await rejection(auth.getTokenSilently({ timeoutMs: 1 }))).toMatchObject(timeout)
  const token = auth.getTokenSilently({ timeoutMs: 60_000 })
  auth.show({ status: 'authenticated', user })
  expect(await token).toBe('fake-access-token')
})

test('an abort ends a call with its own reason', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const aborted = { signal: AbortSignal.abort('before') }
  const calls = (options: { signal: AbortSignal }): Promise<unknown>[] => [
    auth.start(options),
    auth.loginWithRedirect(options),
    auth.getTokenSilently(options),
    auth.handleRedirectCallback(options),
  ]
  for (const call of [...calls(aborted), auth.logout(aborted)])
    expect(await rejection(call)).toBe('before')
  const caller = new AbortController()
  const waiting = calls(caller).map(rejection)
  caller.abort('meanwhile')
  expect(await Promise.all(waiting)).toEqual(Array(4).fill('meanwhile'))
})

test('once disposed, nothing is told and every call rejects', async () => {
  const auth = fakeAuth({ user })
  const listener = vi.fn()
  auth.subscribe(listener)
  const login = rejection(auth.loginWithRedirect())
  auth.dispose()
  const calls = [
    auth.start(),
    auth.loginWithRedirect(),
    auth.handleRedirectCallback(),
    auth.getTokenSilently(),
    auth.getUser(),
    auth.getIdToken(),
    auth.isAuthenticated(),
    auth.logout(),
  ]
  for (const call of [login, ...calls.map(rejection)])
    expect(await call).toMatchObject({ code: 'disposed' })
  auth.show({ status: 'anonymous' })
  expect(listener).not.toHaveBeenCalled()
})

test('where a login is required the app decides', async () => {
  const auth = fakeAuth()
  const redirected = auth.getTokenSilently({ onLoginRequired: 'redirect' })
  const told = vi.fn()
  const thrown = auth.getTokenSilently({ onLoginRequired: told })
  expect(await rejection(thrown)).toMatchObject({ code: 'login_required' })
  expect(told).toHaveBeenCalledExactlyOnceWith(await rejection(thrown), expect.any(Function))
  const asked = auth.getTokenSilently({ onLoginRequired: (_error, login) => void login() })
  expect(await isPending(Promise.race([redirected, asked]))).toBe(true)
  expect(auth.calls.loginWithRedirect).toEqual([{}, {}])
  auth.show({ status: 'anonymous' })
  for (const call of [redirected, asked])
    expect(await rejection(call)).toMatchObject({ code: 'login_required' })
})
