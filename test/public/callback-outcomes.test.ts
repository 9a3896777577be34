// @vitest-environment happy-dom
// What `start` makes of a callback page: the session, the address, and what the app is told.
import { beforeEach, expect, test, vi } from 'vitest'
import type { AuthClient, CallbackOutcome, ClaimsSchema } from 'sotto'
import { createClient, passTime, preparePage, reload } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const arrive = (url: string): void => history.replaceState(null, '', url)

/**
 * Somebody who is signed in comes back from a login of theirs, to a page that keeps the session or
 * asks for it silently.
 */
async function comeBack(kind: 'memory' | 'stored', change: (url: URL) => URL = (url) => url) {
  const options = kind === 'stored' ? { tokenStorage: createSharedStorage() } : {}
  const page = createClient(options)
  await page.logIn('alice')
  arrive('/cart?step=2')
  await page.auth.loginWithRedirect({ maxAge: 60, appState: 'cart' })
  arrive(change(new URL(page.answer('alice'))).href)
  const next = reload(page, { ...options, renewal: [createRenewal().strategy] })
  return { page, next }
}

/** The server answers that the user has pressed Cancel. */
function cancel(url: URL): URL {
  url.searchParams.delete('code')
  url.searchParams.set('error', 'access_denied')
  return url
}

// covers threat:failing-network
test.each(['memory', 'stored'] as const)(
  'who cancels a login is still signed in, and back where it began, with a session in %s',
  async (kind) => {
    const { next } = await comeBack(kind, cancel)
    expect(await next.auth.start()).toMatchObject({
      status: 'authenticated',
      user: { sub: 'alice' },
    })
    expect(location.href).toBe('http://localhost:3000/cart?step=2')
    expect(next.warnings).toEqual([{ code: 'access_denied', reason: 'callback' }])
  },
)

test('a response that was handed over is not that of a page which has another address', async () => {
  const page = new Map()
  const first = createClient({}, { page })
  await first.logIn('alice')
  first.auth.dispose()
  const next = createClient({}, { page, renewal: createRenewal(loginRequired()) })
  expect(await next.auth.start()).toEqual({ status: 'anonymous' })
})

test('the app is told what failed, where it began and who is signed in', async () => {
  const { next } = await comeBack('stored', cancel)
  const onCallback = vi.fn<(outcome: CallbackOutcome) => void>()
  await next.auth.start({ onCallback })
  expect(onCallback).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      path: '/cart?step=2',
      returnTo: 'http://localhost:3000/cart?step=2',
      appState: 'cart',
      user: expect.objectContaining({ sub: 'alice' }) as unknown,
      error: expect.objectContaining({ code: 'access_denied', retryable: false }) as unknown,
    }),
  )
  // The app leads away by itself.
  expect(location.href).toBe('http://localhost:3000/callback')
})

// covers fault:callback-consumed
test('a callback that fails for a passing reason is consumed: to try it again is in vain', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  page.server.control.addFault({ endpoint: 'token', name: 'status', status: 503 })
  await expect(
    page.auth.handleRedirectCallback({ url: page.answer('alice') }),
  ).rejects.toMatchObject({ code: 'server_error', retryable: false })
})

test('where nobody is signed in either, a login of ours that has failed is the error', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  arrive(cancel(new URL(page.answer('alice'))).href)
  const next = reload(page, { renewal: [createRenewal(loginRequired()).strategy] })
  expect(await next.auth.start()).toMatchObject({
    status: 'error',
    error: { code: 'access_denied' },
  })
})

/** Links that somebody has made, with the tag of the client, which is no secret. */
const forgeries: readonly (readonly [string, (state: string) => string])[] = [
  ['with a state twice', (state) => `state=${state}&state=${state}&code=x`],
  ['with a token', (state) => `state=${state}&access_token=x`],
  ['of nine thousand characters', (state) => `state=${state}&code=${'x'.repeat(9000)}`],
  ['that nobody asked for', (state) => `state=${state}&code=x`],
  ['with an error', (state) => `state=${state}&error=access_denied`],
]

test.each(forgeries)(
  'a forged response %s leaves the page as if it had been opened plainly',
  async (_which, query) => {
    const tokenStorage = createSharedStorage()
    const page = createClient({ tokenStorage })
    await page.logIn('alice')
    const state = `${page.visits[0]?.searchParams.get('state')?.split('.')[0]}.${'x'.repeat(43)}`
    const onCallback = vi.fn()
    arrive(`/profile?tab=1&${query(state)}`)
    const next = reload(page, { tokenStorage })
    expect(await next.auth.start({ onCallback })).toMatchObject({ status: 'authenticated' })
    expect(location.href).toBe('http://localhost:3000/profile?tab=1')
    expect(onCallback).not.toHaveBeenCalled()
    arrive(`/?${query(state)}`)
    next.auth.dispose()
    localStorage.clear()
    const stranger = createClient({}, { renewal: createRenewal(loginRequired()) })
    expect(await stranger.auth.start()).toEqual({ status: 'anonymous' })
  },
)

// covers fault:callback-again
test.each([true, false])(
  'Back after a login leads to where the login led, with onCallback: %s',
  async (hasCallback) => {
    const tokenStorage = createSharedStorage()
    const page = createClient({ tokenStorage })
    arrive('/cart')
    await page.auth.loginWithRedirect({ appState: 'cart' })
    const answer = page.answer('alice')
    arrive(answer)
    await page.auth.start()
    expect(location.pathname).toBe('/cart')
    await passTime(3_600_000)
    arrive(answer)
    const next = reload(page, { tokenStorage, renewal: [createRenewal().strategy] })
    const onCallback = vi.fn()
    const outcome = await next.auth.start(hasCallback ? { onCallback } : {})
    expect(outcome).toMatchObject({ status: 'authenticated' })
    if (hasCallback)
      expect(onCallback.mock.calls).toMatchObject([
        [{ path: '/cart', returnTo: 'http://localhost:3000/cart', user: { sub: 'alice' } }],
      ])
    else expect(location.href).toBe('http://localhost:3000/cart')
    expect(
      onCallback.mock.calls.flat().some((told) => Object.hasOwn(told as object, 'error')),
    ).toBe(false)
    expect(page.server.control.requests({ endpoint: 'token' })).toHaveLength(1)
  },
)

test('the tab remembers five responses, and no token', async () => {
  const page = createClient()
  for (let count = 0; count < 6; count++) await page.logIn('alice')
  const text = sessionStorage.getItem('sotto:finished') ?? ''
  const finished = JSON.parse(text) as readonly (readonly [string, string])[]
  const states = page.visits.map(({ searchParams }) => searchParams.get('state'))
  expect(finished.map(([state]) => state)).toEqual(states.slice(1))
  expect(text).not.toContain(await page.auth.getTokenSilently())
})

test.each([
  ['rejects', () => Promise.reject(new Error('a bug of the app'))],
  [
    'throws',
    () => {
      throw new Error('a bug of the app')
    },
  ],
])('an onCallback that %s is a warning, and the user is signed in', async (_how, onCallback) => {
  const { next } = await comeBack('memory')
  expect(await next.auth.start({ onCallback })).toMatchObject({ status: 'authenticated' })
  await passTime(0)
  expect(next.warnings).toEqual([{ code: 'callback_invalid', reason: 'onCallback' }])
})

test('onCallback is not waited for: what it loads may wait for the session itself', async () => {
  const { next } = await comeBack('memory')
  let loaded: unknown
  const onCallback = async () => {
    const { status } = await next.auth.start()
    loaded = status
  }
  expect(await next.auth.start({ onCallback })).toMatchObject({ status: 'authenticated' })
  await vi.waitFor(() => expect(loaded).toBe('authenticated'))
})

test('a mistake in the configuration is an error in the snapshot, and nobody waits for ever', async () => {
  const { auth } = createClient({ redirectUri: 'https://elsewhere.example/callback' })
  expect(await auth.start()).toMatchObject({
    status: 'error',
    error: { code: 'config_invalid', reason: 'redirectUri' },
  })
  expect(auth.getSnapshot().status).toBe('error')
})

test('a mistake that comes out only in a callback leaves nobody on the callback page', async () => {
  const validate = () => {
    throw new TypeError('a bug of the app')
  }
  const claims: ClaimsSchema = { '~standard': { version: 1, vendor: 'test', validate } }
  const page = createClient({ claims })
  arrive('/cart')
  await page.auth.loginWithRedirect({ appState: 'cart' })
  arrive(page.answer('alice'))
  const { auth } = reload(page, { claims, renewal: [createRenewal().strategy] })
  const onCallback = vi.fn<(outcome: CallbackOutcome) => void>()
  const error = expect.objectContaining({ code: 'config_invalid', reason: 'claims' }) as unknown
  expect(await auth.start({ onCallback })).toEqual({ status: 'error', error })
  const told = expect.objectContaining({
    path: '/cart',
    appState: 'cart',
    error,
  }) as CallbackOutcome
  expect(onCallback).toHaveBeenCalledExactlyOnceWith(told)
})

test('where the browser refuses a change of the address, the login goes on without it', async () => {
  const { next } = await comeBack('memory')
  vi.spyOn(history, 'replaceState').mockImplementation(() => {
    throw new DOMException('more than 100 times per 10 seconds', 'SecurityError')
  })
  expect(await next.auth.start()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
})

test('so is a page that is not secure', async () => {
  vi.stubGlobal('crypto', { getRandomValues: () => {} })
  const { auth } = createClient()
  expect(await auth.start()).toMatchObject({ error: { code: 'insecure_context' } })
})

test.each<[string, (auth: AuthClient) => Promise<unknown>]>([
  ['getTokenSilently', (auth) => auth.getTokenSilently()],
  ['handleRedirectCallback', (auth) => auth.handleRedirectCallback()],
  ['getUser', (auth) => auth.getUser()],
])('nobody waits for ever where the first call is %s', async (_, call) => {
  const { auth } = createClient({ redirectUri: 'http://localhost:9999/callback' })
  const error = expect.objectContaining({
    code: 'config_invalid',
    reason: 'redirectUri',
  }) as unknown
  await expect(call(auth)).rejects.toEqual(error)
  expect(auth.getSnapshot()).toEqual({ status: 'error', error })
  vi.stubGlobal('crypto', { getRandomValues: () => {} })
  const insecure = createClient()
  await expect(call(insecure.auth)).rejects.toMatchObject({ code: 'insecure_context' })
  expect(insecure.auth.getSnapshot().status).toBe('error')
})

test('whoever is told of a wrong configuration may call again, and hears of it once', async () => {
  const { auth } = createClient({ redirectUri: 'http://localhost:9999/callback' })
  let told = 0
  auth.subscribe(() => {
    // It would not end.
    if (++told < 9) void auth.getUser().catch(() => {})
  })
  expect(await auth.start()).toMatchObject({ status: 'error' })
  expect(told).toBe(1)
})

test('a client that is set up wrong leaves the session of another one as it is shown', async () => {
  const page = new Map()
  const { auth } = createClient({}, { page, renewal: createRenewal(loginRequired()) })
  const snapshot = await auth.start()
  const wrong = createClient({ redirectUri: 'http://localhost:9999/callback' }, { page })
  await expect(wrong.auth.getUser()).rejects.toMatchObject({ code: 'config_invalid' })
  expect([snapshot.status, auth.getSnapshot()]).toEqual(['anonymous', snapshot])
})
