// @vitest-environment happy-dom
// A token that is about to end and still good is served; what cannot be had now is not asked for
// all the time.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError } from 'sotto'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  type TestClient,
} from '../support/flow-client.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import { logInWithRefreshToken, openPage } from '../support/refresh-client.ts'
import { revoked } from '../support/revocation.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const

/** A page whose token of five minutes has eight seconds left. */
async function openWithOldToken(): Promise<TestClient & { readonly token: string }> {
  const page = createClient()
  await page.logIn()
  const token = await page.auth.getTokenSilently()
  await passTime(292_000)
  return { ...page, token }
}

const unavailable = new AuthError('server_error', { status: 503 })

/** What a caller is told: the same, and the story. */
const seen = ({ code, status, retryAfterSeconds }: AuthError) => ({
  code,
  status,
  ...(retryAfterSeconds && { retryAfterSeconds }),
})

test.each([
  ['the server is not available', unavailable],
  ['the network is away', new AuthError('network_error')],
  ['a frame is blocked', new AuthError('silent_blocked')],
  ['no strategy can do it', { notPossible: 'no' }],
])('is served where %s', async (_why, answer) => {
  const { auth, renewal, token } = await openWithOldToken()
  renewal.answers.push(answer)
  expect(await auth.getTokenSilently()).toBe(token)
  expect(renewal.requests).toHaveLength(1)
})

test('is served after half the time that is left, and the renewal goes on', async () => {
  const { auth, renewal, token } = await openWithOldToken()
  const release = renewal.hold()
  const call = auth.getTokenSilently()
  const served = vi.fn()
  void call.then(served)
  await passTime(3999)
  expect(served).not.toHaveBeenCalled()
  await passTime(1)
  expect(await call).toBe(token)
  release()
  await passTime(0)
  expect(await auth.getTokenSilently()).not.toBe(token)
  expect(renewal.requests).toHaveLength(1)
})

test('is not served to a call that wants a new one', async () => {
  const { auth, renewal } = await openWithOldToken()
  renewal.answers.push(unavailable)
  await expect(auth.getTokenSilently(off)).rejects.toMatchObject(seen(unavailable))
})

test('is not served against the word of the server', async () => {
  const { auth, renewal } = await openWithOldToken()
  renewal.answers.push(loginRequired())
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'login_required' })
})

test('is not served once it has ended', async () => {
  const { auth, renewal } = await openWithOldToken()
  await passTime(8000)
  renewal.answers.push(unavailable)
  await expect(auth.getTokenSilently()).rejects.toMatchObject(seen(unavailable))
})

test('five calls while the server is not available make two requests, then one a pause', async () => {
  const { auth, renewal } = await openWithOldToken()
  await passTime(8000)
  renewal.answers.push(...Array.from({ length: 9 }, () => unavailable))
  const fail = () => expect(auth.getTokenSilently()).rejects.toMatchObject(seen(unavailable))
  for (let call = 0; call < 5; call++) await fail()
  expect(renewal.requests).toHaveLength(2)
  await passTime(1000)
  await fail()
  await fail()
  expect(renewal.requests).toHaveLength(3)
  // The network is another one.
  dispatchEvent(new Event('online'))
  await fail()
  expect(renewal.requests).toHaveLength(4)
})

test('a call for a new token is made in our pause, and not in that of the server', async () => {
  const { auth, renewal } = await openWithOldToken()
  renewal.answers.push(unavailable, unavailable, unavailable)
  for (let call = 0; call < 3; call++)
    await expect(auth.getTokenSilently(off)).rejects.toMatchObject(seen(unavailable))
  expect(renewal.requests).toHaveLength(3)
  const asked = new AuthError('server_error', { status: 429, retryAfterSeconds: 600 })
  renewal.answers.push(asked)
  for (let call = 0; call < 20; call++)
    await expect(auth.getTokenSilently(off)).rejects.toMatchObject(seen(asked))
  expect(renewal.requests).toHaveLength(4)
  await passTime(60_000)
  expect(await auth.getTokenSilently(off)).toBeTypeOf('string')
})

// covers spec:logout-deletes-refresh-token
test('a logout ends a call that waits for a slow server at once, and no token is asked for', async () => {
  const { auth, renewal } = await openWithOldToken()
  renewal.hold()
  const call = expect(auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'logged_out' })
  await passTime(0)
  await auth.logout({ localOnly: true })
  await call
  await passTime(20_000)
  expect(auth.getSnapshot()).toMatchObject({ status: 'anonymous' })
})

test('tokens that a refresh brings after a logout are revoked', async () => {
  const server = createServer()
  let arrive!: () => void
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const response = await server.fetch(url, init)
    if (String(init?.body).includes('grant_type=refresh_token')) await arrived
    return response
  }
  const page = openPage({ server }, { fetch })
  await page.logIn()
  const call = expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'logged_out' })
  await vi.waitFor(() => expect(page.refreshes()).toHaveLength(1))
  await page.auth.logout({ localOnly: true })
  await call
  arrive()
  await vi.waitFor(() => expect(revoked(page)).toHaveLength(2))
  const [old, brought] = revoked(page).map(({ token }) => token)
  expect(old).toBe(page.refreshes()[0]?.parameters['refresh_token'])
  expect(brought).not.toBe(old)
})

// covers fault:events
test('a logger that throws harms nothing', async () => {
  const reported: unknown[] = []
  vi.stubGlobal('queueMicrotask', (report: () => void) => reported.push(report))
  const broken = () => {
    throw new Error('a bug of the app')
  }
  const page = await logInWithRefreshToken({
    options: { logger: { debug: broken, warn: broken } },
  })
  expect(await page.auth.getTokenSilently(off)).toBeTypeOf('string')
  expect(page.renewals).toMatchObject([{ strategy: 'refresh_token' }])
  expect(reported).toEqual([])
})

// covers fault:storage-blocked
test('a page whose site data is blocked works in memory', async () => {
  const refuse = (): never => {
    throw new DOMException('blocked', 'SecurityError')
  }
  vi.stubGlobal('BroadcastChannel', refuse)
  Object.defineProperty(navigator, 'locks', { value: { request: refuse }, configurable: true })
  for (const name of ['localStorage', 'sessionStorage'] as const)
    vi.spyOn(globalThis, name, 'get').mockImplementation(refuse)
  const items = new Map<string, string>()
  const page = await logInWithRefreshToken({
    options: {
      transactionStorage: {
        getItem: (key) => items.get(key) ?? null,
        setItem: (key, value) => void items.set(key, value),
        removeItem: (key) => void items.delete(key),
      },
    },
  })
  expect(await page.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(await page.auth.getTokenSilently(off)).toBeTypeOf('string')
  // Tabs cannot wait for one another, so that none but this one has the refresh token.
  expect(JSON.stringify([...page.storage.records])).not.toContain('"refreshToken"')
  await page.auth.logout({ localOnly: true })
  expect(page.auth.getSnapshot()).toMatchObject({ status: 'anonymous' })
})
