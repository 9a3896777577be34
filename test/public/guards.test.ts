// @vitest-environment happy-dom
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { AuthError, requireLogin, settled, type AuthSnapshot } from 'sotto'
import { createClient, preparePage } from '../support/flow-client.ts'
import { clientId, createRenewal, issuer, loginRequired } from '../support/flow-tokens.ts'
import { rest, watchCryptography } from '../support/real-time.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const statusOf = async (snapshot: Promise<AuthSnapshot>) => (await snapshot).status

/** How a promise stands when nothing happens any more by itself. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  let state = 'pending'
  promise.then(
    () => (state = 'resolved'),
    (error: unknown) => (state = error instanceof AuthError ? error.code : String(error)),
  )
  for (let times = 0; times < 3; times++) await rest()
  return state
}

/** A client whose server knows nobody. */
const createAnonymous = () =>
  createClient({}, { renewal: createRenewal(loginRequired(), loginRequired()) })

/** On the callback page of a login. */
async function createReturned(returnTo: string) {
  const page = createClient()
  await page.auth.loginWithRedirect({ returnTo })
  history.replaceState(null, '', page.answer('alice'))
  return page
}

function setVisibility(state: DocumentVisibilityState): void {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
  onTestFinished(() => void Reflect.deleteProperty(document, 'visibilityState'))
  document.dispatchEvent(new Event('visibilitychange'))
}

test('settled begins start where the app has not', async () => {
  const { auth, renewal } = createClient()
  expect(await statusOf(settled(auth))).toBe('authenticated')
  expect(await settled(auth)).toBe(auth.getSnapshot())
  expect(renewal.requests).toHaveLength(1)
})

test('settled leaves the callback to a start that comes in the same turn', async () => {
  const { auth } = await createReturned('/orders')
  const onCallback = vi.fn()
  const [snapshot] = await Promise.all([settled(auth), auth.start({ onCallback })])
  expect(snapshot.status).toBe('authenticated')
  expect(onCallback).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ path: '/orders' }))
})

test('settled waits for no onCallback', async () => {
  const { auth } = await createReturned('/orders')
  void auth.start({ onCallback: () => new Promise(() => {}) })
  expect(await statusOf(settled(auth))).toBe('authenticated')
})

test('settled resolves with the error of a configuration that is wrong, and of a disposed client', async () => {
  const wrong = createClient({ redirectUri: 'https://other.example/' }).auth
  expect(await settled(wrong)).toMatchObject({ status: 'error', error: { code: 'config_invalid' } })
  const { auth } = createClient()
  auth.dispose()
  expect(await settled(auth)).toMatchObject({ status: 'error', error: { code: 'disposed' } })
})

test('a user who is signed in is not let in by a client that was disposed', async () => {
  const { auth } = createClient()
  await auth.start()
  auth.dispose()
  expect(await settled(auth)).toMatchObject({ status: 'error', error: { code: 'disposed' } })
  await expect(requireLogin(auth)).rejects.toMatchObject({ code: 'disposed' })
})

test('settled resolves with not_in_browser on a server', async () => {
  vi.stubGlobal('document', undefined)
  const { auth } = createClient()
  expect(await settled(auth)).toMatchObject({
    status: 'error',
    error: { code: 'not_in_browser' },
  })
  vi.unstubAllGlobals()
})

test('requireLogin gives the snapshot of a user who is signed in, and sends nobody away', async () => {
  const { auth, visits } = createClient()
  expect(await requireLogin(auth, { returnTo: '/orders' })).toBe(auth.getSnapshot())
  expect(visits).toHaveLength(0)
})

test('requireLogin sends nobody to log in twice, and stays pending until somebody is signed in', async () => {
  const { auth, visits, answer } = createAnonymous()
  const guard = requireLogin(auth)
  expect(await stateOf(guard)).toBe('pending')
  expect(visits).toHaveLength(1)
  await auth.handleRedirectCallback({ url: answer('alice') })
  expect(await guard).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
})

test('requireLogin leads back to the route that was asked for', async () => {
  const { auth, answer } = createAnonymous()
  const guard = requireLogin(auth, { returnTo: '/orders?page=2#last' })
  await stateOf(guard)
  expect(await auth.handleRedirectCallback({ url: answer('alice') })).toMatchObject({
    path: '/orders?page=2#last',
  })
})

test('requireLogin of a hidden tab waits, and a login in another tab lets it through', async () => {
  setVisibility('hidden')
  const renewal = createRenewal(loginRequired(), { claims: { sub: 'alice' } })
  const { auth, visits } = createClient({}, { renewal })
  const guard = requireLogin(auth)
  expect(await stateOf(guard)).toBe('pending')
  const key = `sotto:epoch ${issuer} ${clientId}`
  localStorage.setItem(key, JSON.stringify({ generation: 'another', loggedOut: false }))
  dispatchEvent(new StorageEvent('storage', { key }))
  setVisibility('visible')
  expect(await guard).toMatchObject({ user: { sub: 'alice' } })
  expect(visits).toHaveLength(0)
})

test('requireLogin does not stay pending where the login has failed in the page that has stayed', async () => {
  const { auth, server, visits, answer } = createAnonymous()
  const guard = requireLogin(auth)
  expect(await stateOf(guard)).toBe('pending')
  server.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_grant' })
  const callback = auth.handleRedirectCallback({ url: answer('alice') })
  await expect(callback).rejects.toMatchObject({ code: 'token_error' })
  expect([await stateOf(guard), visits.length]).toEqual(['token_error', 1])
})

test('requireLogin does not stay pending for a client that is disposed of', async () => {
  const { auth } = createAnonymous()
  const guard = requireLogin(auth)
  expect(await stateOf(guard)).toBe('pending')
  auth.dispose()
  expect(await stateOf(guard)).toBe('disposed')
})

test('requireLogin that is given up after the page has stayed listens to nothing any more', async () => {
  const { auth } = createAnonymous()
  const end = vi.fn()
  const subscribe = vi.fn(() => end)
  const navigation = new AbortController()
  const guard = requireLogin({ ...auth, subscribe }, { signal: navigation.signal })
  expect(await stateOf(guard)).toBe('pending')
  navigation.abort('another page')
  expect(await stateOf(guard)).toBe('another page')
  expect([subscribe, end].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
})

test('requireLogin that is given up in a hidden tab is told at once', async () => {
  setVisibility('hidden')
  const { auth } = createAnonymous()
  const navigation = new AbortController()
  const guard = requireLogin(auth, { signal: navigation.signal })
  expect(await stateOf(guard)).toBe('pending')
  navigation.abort('another page')
  expect(await stateOf(guard)).toBe('another page')
})

test('requireLogin that is given up while a login is prepared does not leave', async () => {
  const fetch = () => new Promise<Response>(() => {})
  const { auth, visits } = createClient({ fetch }, { renewal: createRenewal(loginRequired()) })
  const navigation = new AbortController()
  const guard = requireLogin(auth, { signal: navigation.signal })
  expect(await stateOf(guard)).toBe('pending')
  navigation.abort('another page')
  expect(await stateOf(guard)).toBe('another page')
  expect(visits).toHaveLength(0)
})

test.each(['loading', 'hidden'])(
  'requireLogin of a navigation that was given up does not leave: %s',
  async (when) => {
    if (when === 'hidden') setVisibility('hidden')
    const { auth, visits } = createAnonymous()
    const navigation = new AbortController()
    const guard = requireLogin(auth, { signal: navigation.signal })
    if (when === 'hidden') expect(await stateOf(guard)).toBe('pending')
    navigation.abort('another page')
    setVisibility('visible')
    expect(await stateOf(guard)).toBe('another page')
    expect(visits).toHaveLength(0)
  },
)

test('requireLogin throws the error of a failed login, and sends nobody round in circles', async () => {
  const { auth, visits } = createClient({}, { renewal: createRenewal(new AuthError('clock_skew')) })
  await expect(requireLogin(auth)).rejects.toMatchObject({ code: 'clock_skew' })
  expect(visits).toHaveLength(0)
})

test('requireLogin lets in whom `allow` lets in', async () => {
  const { auth, visits } = createClient()
  const allow = vi.fn(() => true)
  expect(await requireLogin(auth, { allow })).toMatchObject({ status: 'authenticated' })
  expect(allow).toHaveBeenCalledExactlyOnceWith(await auth.getUser())
  await expect(requireLogin(auth, { allow: () => false })).rejects.toMatchObject({
    code: 'not_allowed',
    retryable: false,
  })
  expect(visits).toHaveLength(0)
})

test('requireLogin rejects where the login cannot begin', async () => {
  const { auth } = createAnonymous()
  const guard = requireLogin(auth, { returnTo: 'https://other.example/' })
  await expect(guard).rejects.toMatchObject({ code: 'return_to_invalid' })
})
