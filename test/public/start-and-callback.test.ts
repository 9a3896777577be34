// @vitest-environment happy-dom
// What `start` makes of a callback that another call, another client or another page is at.
import { beforeEach, expect, test, vi } from 'vitest'
import { requireLogin, type CallbackOutcome } from 'sotto'
import {
  createClient,
  passTime,
  preparePage,
  reload,
  type TestClient,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const PLACE = 'http://localhost:3000/orders'

/** The page that the server sends the user back to, of a client that is gone. */
async function arrive() {
  history.replaceState(null, '', PLACE)
  const page = createClient()
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  page.auth.dispose()
  return page
}

/** Something that a test lets go on. */
function createGate() {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

test('start waits for a callback that asks for user information, and asks nothing itself', async () => {
  const { server } = await arrive()
  const gate = createGate()
  const userInfo = vi.fn(async () => {
    await gate.opened
    return { department: 'Tea' }
  })
  const { auth, renewal } = createClient({ userInfo }, { server })
  const seen: string[] = []
  auth.on('session', ({ status }) => seen.push(status))
  const handled = auth.handleRedirectCallback()
  await vi.waitFor(() => expect(userInfo).toHaveBeenCalled())
  await passTime(8000)
  const started = auth.start()
  await passTime(1000)
  gate.open()
  expect(await started).toMatchObject({ status: 'authenticated' })
  await handled
  expect(seen).toEqual(['authenticated'])
  expect(renewal.requests).toEqual([])
})

test.each<[string, (first: TestClient) => Promise<unknown>]>([
  ['nobody was signed in before', async () => {}],
  [
    'the user had logged out before',
    async ({ auth, logIn }) => {
      await logIn('bob')
      await auth.logout({ localOnly: true })
    },
  ],
])('a call during a callback waits for its token, where %s', async (_, prepare) => {
  await prepare(createClient())
  const { server } = await arrive()
  const gate = createGate()
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (init?.method === 'POST') await gate.opened
    return server.fetch(url, init)
  }
  const renewal = createRenewal(loginRequired())
  const { auth, visits } = createClient({ fetch }, { server, renewal })
  const seen: string[] = []
  auth.on('session', ({ status }) => seen.push(status))
  const call = auth.getTokenSilently({ onLoginRequired: 'redirect' })
  const started = auth.start()
  await passTime(1000)
  gate.open()
  expect(await call).toMatch(/^ey/)
  expect(await started).toMatchObject({ status: 'authenticated' })
  expect([seen, visits, renewal.requests]).toEqual([['authenticated'], [], []])
})

test('so does one that comes before start, and one that gives up waits no longer', async () => {
  const { server } = await arrive()
  const fetch: typeof globalThis.fetch = (url, init) =>
    init?.method === 'POST' ? new Promise(() => {}) : server.fetch(url, init)
  const { auth, renewal } = createClient({ fetch }, { server })
  const call = expect(auth.getTokenSilently({ timeoutMs: 500 })).rejects.toMatchObject({
    code: 'timeout',
    reason: 'caller',
  })
  void auth.start().catch(() => {})
  await passTime(500)
  await call
  expect(renewal.requests).toEqual([])
})

test('a client that is disposed of during its callback asks nothing and calls nothing', async () => {
  const { server } = await arrive()
  const gate = createGate()
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (init?.method === 'POST') await gate.opened
    return server.fetch(url, init)
  }
  const page = new Map()
  const outcomes: [string, string | undefined][] = []
  const note =
    (name: string) =>
    ({ user, error }: CallbackOutcome): void =>
      void outcomes.push([name, user?.sub ?? error?.code])
  const first = createClient({ fetch }, { server, page })
  const ended = first.auth.start({ onCallback: note('first') }).catch(({ code }) => code as string)
  await passTime(10)
  first.auth.dispose()
  const second = createClient({ fetch }, { server, page })
  const started = second.auth.start({ onCallback: note('second') })
  await passTime(10)
  gate.open()
  expect(await started).toMatchObject({ status: 'authenticated' })
  expect(await ended).toBe('disposed')
  await passTime(1000)
  expect(outcomes).toEqual([['second', 'alice']])
  expect([...first.renewal.requests, ...second.renewal.requests]).toEqual([])
})

test.each([
  ['where nobody is signed in', loginRequired()],
  ['where the server cannot be asked', undefined],
])('a failed login is never anonymous: %s', async (_, answer) => {
  const { server } = await arrive()
  server.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_grant' })
  const renewal = answer ? createRenewal(answer) : createRenewal({ notPossible: 'offline' })
  const { auth } = createClient({}, { server, renewal })
  const seen: string[] = []
  auth.on('session', ({ status }) => seen.push(status))
  expect(await auth.start()).toMatchObject({ status: 'error', error: { code: 'token_error' } })
  expect(seen).toEqual(['error'])
})

test('a login that fails after a logout is told as any other, and no guard begins it again', async () => {
  const first = createClient()
  await first.logIn('alice')
  await first.auth.logout({ localOnly: true })
  first.auth.dispose()
  const { server } = await arrive()
  server.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_client' })
  const { auth, visits, renewal } = createClient({}, { server })
  const seen: string[] = []
  auth.on('session', ({ status }) => seen.push(status))
  const call = expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
  expect(await auth.start()).toMatchObject({ status: 'error', error: { code: 'token_error' } })
  await call
  await expect(requireLogin(auth)).rejects.toMatchObject({ code: 'token_error' })
  expect([seen, visits, renewal.requests]).toEqual([['error'], [], []])
  expect(location.href).toBe(PLACE)
})

test('a logout while a failed login is looked after is what is shown', async () => {
  const { server } = await arrive()
  server.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_grant' })
  const renewal = createRenewal()
  const release = renewal.hold()
  const { auth } = createClient({}, { server, renewal })
  const started = auth.start()
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(1))
  await auth.logout()
  release()
  expect(await started).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('after a failed login a later word of the server is anonymous again', async () => {
  const { server } = await arrive()
  server.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_grant' })
  const renewal = createRenewal(loginRequired(), loginRequired())
  const { auth } = createClient({}, { server, renewal })
  await auth.start()
  await auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous' })
})

test('the error of a callback is its own, where another call has met the same', async () => {
  const { server } = await arrive()
  const fetch = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')))
  const renewal = {
    ...createRenewal(),
    strategy: async (context: { metadata: () => Promise<unknown> }) => {
      await context.metadata()
      return { notPossible: 'never' }
    },
  }
  const { auth } = createClient({ fetch }, { server, renewal })
  const [callback, call] = await Promise.all([
    auth.handleRedirectCallback().catch((error: unknown) => error),
    auth.getTokenSilently().catch((error: unknown) => error),
  ])
  expect(callback).toMatchObject({
    code: 'discovery_failed',
    message: (call as Error).message,
    retryable: false,
    returnTo: PLACE,
    cause: { code: 'network_error' },
  })
  expect(call).toMatchObject({ code: 'discovery_failed', retryable: true })
  expect(call).not.toHaveProperty('returnTo')
})

test('another client of the page leaves the note of a callback that is under way alone', async () => {
  const { server } = await arrive()
  const hangs: typeof globalThis.fetch = (url, init) =>
    init?.method === 'POST' ? new Promise(() => {}) : server.fetch(url, init)
  const page = new Map()
  const first = createClient({ fetch: hangs }, { server, page })
  void first.auth.start().catch(() => {})
  await passTime(10)
  const other = createClient({ clientId: 'other' }, { server, page })
  await expect(other.auth.handleRedirectCallback()).rejects.toMatchObject({ code: 'state_unknown' })
  // A reload leads to where the login was begun.
  await reload(first).auth.start()
  expect(location.href).toBe(PLACE)
})

test('so does a caller that gives up', async () => {
  const { server } = await arrive()
  const hangs: typeof globalThis.fetch = (url, init) =>
    init?.method === 'POST' ? new Promise(() => {}) : server.fetch(url, init)
  const first = createClient({ fetch: hangs }, { server })
  const caller = new AbortController()
  const handled = first.auth.handleRedirectCallback({ signal: caller.signal })
  await passTime(10)
  caller.abort()
  await expect(handled).rejects.toMatchObject({ name: 'AbortError' })
  await reload(first).auth.start()
  expect(location.href).toBe(PLACE)
})

test('a login that is over leaves no state in the history', async () => {
  const { server } = await arrive()
  const replaceState = vi.spyOn(history, 'replaceState')
  await createClient({}, { server }).auth.start()
  expect(location.href).toBe(PLACE)
  expect(replaceState.mock.calls.map(([state]) => state as unknown)).toEqual([null, null])
})

test('a background tab asks once it is seen, also where the client that started first is gone', async () => {
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  localStorage.setItem('sotto:cookies https://login.example.com app', 'suspected')
  const [page, renewal] = [new Map(), createRenewal(loginRequired(), loginRequired())]
  const first = createClient({}, { page, renewal })
  const second = createClient({}, { page, renewal })
  await Promise.all([first.auth.start(), second.auth.start()])
  expect(renewal.requests).toHaveLength(1)
  first.auth.dispose()
  visibility.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(2))
})

test('a logout that overtakes handleRedirectCallback is shown as a logout, and not as an error', async () => {
  const { server } = await arrive()
  const gate = createGate()
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (init?.method === 'POST') await gate.opened
    return server.fetch(url, init)
  }
  const { auth } = createClient({ fetch }, { server })
  const handled = expect(auth.handleRedirectCallback()).rejects.toMatchObject({
    code: 'logged_out',
  })
  await passTime(10)
  await auth.logout({ localOnly: true })
  gate.open()
  await handled
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('a login goes well where the page has lost its marks, and its record has not', async () => {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  await page.logIn()
  await page.auth.logout({ localOnly: true })
  await page.logIn()
  localStorage.clear()
  const next = reload(page, { tokenStorage })
  await next.auth.loginWithRedirect()
  history.replaceState(null, '', next.answer('alice'))
  const last = reload(next, { tokenStorage })
  expect(await last.auth.handleRedirectCallback()).toMatchObject({ user: { sub: 'alice' } })
})
