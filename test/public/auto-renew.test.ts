// @vitest-environment happy-dom
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { AuthError, autoRenew, type ClientOptions } from 'sotto'
import { createClient, passTime, preparePage, type TestClient } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { named } from '../support/in-words.ts'

const MINUTE = 60_000

beforeEach(preparePage)

/** A page that is signed in and renews by itself; its tokens live for 300 s. */
async function openPage(options: Partial<ClientOptions> = {}): Promise<TestClient> {
  const page = createClient(options)
  autoRenew(page.auth)
  await page.auth.start()
  return page
}

function set(target: object, property: string, value: unknown): void {
  Object.defineProperty(target, property, { configurable: true, get: () => value })
  onTestFinished(() => void Reflect.deleteProperty(target, property))
}

function hide(isHidden: boolean): void {
  set(document, 'visibilityState', isHidden ? 'hidden' : 'visible')
  document.dispatchEvent(new Event('visibilitychange'))
}

function connect(isOnline: boolean): void {
  set(navigator, 'onLine', isOnline)
  window.dispatchEvent(new Event(isOnline ? 'online' : 'offline'))
}

test('nobody ever waits for a token', async () => {
  const { auth, renewal } = await openPage()
  for (let minute = 0; minute < 60; minute++) {
    await passTime(MINUTE)
    expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeDefined()
  }
  // Once in 180 to 240 seconds.
  expect(renewal.requests.length).toBeGreaterThan(14)
  expect(renewal.requests.length).toBeLessThan(22)
})

test('renews when the token has nearly ended, not before', async () => {
  const { renewal } = await openPage()
  await passTime(179_000)
  expect(renewal.requests).toHaveLength(1)
  await passTime(62_000)
  expect(renewal.requests).toHaveLength(2)
})

test('a token that lives for a year sets no timer that browsers would run at once', async () => {
  const setTimeout = vi.spyOn(globalThis, 'setTimeout')
  const renewal = createRenewal({ expiresInSeconds: 31_536_000 })
  const { auth } = createClient({}, { renewal })
  autoRenew(auth)
  await auth.start()
  const delays = setTimeout.mock.calls.map(([, delay]) => delay ?? 0)
  expect(Math.max(...delays)).toBe(2 ** 31 - 1)
})

test('keeps several tokens ready, each on its own', async () => {
  const { auth, renewal } = createClient()
  autoRenew(auth, { targets: [{}, { audience: 'https://billing.example.com' }] })
  await auth.start()
  await passTime(1000)
  expect(renewal.requests.map(({ audience }) => audience)).toEqual([
    undefined,
    'https://billing.example.com',
  ])
})

test('a token that lives for 3 seconds causes no storm', async () => {
  const renewal = createRenewal(...Array.from({ length: 50 }, () => ({ expiresInSeconds: 3 })))
  const { auth } = createClient({}, { renewal })
  autoRenew(auth)
  await auth.start()
  await passTime(MINUTE)
  expect(renewal.requests.length).toBeLessThanOrEqual(7)
  expect(renewal.requests.length).toBeGreaterThanOrEqual(6)
})

test('asks for nothing while nobody is signed in', async () => {
  const renewal = createRenewal(loginRequired())
  const { auth } = createClient({}, { renewal })
  autoRenew(auth)
  await auth.start()
  await passTime(10 * MINUTE)
  expect(renewal.requests).toHaveLength(1)
})

test('asks for nothing after a logout, and goes on after a login', async () => {
  const page = await openPage()
  await page.auth.logout({ localOnly: true })
  await passTime(10 * MINUTE)
  expect(page.renewal.requests).toHaveLength(1)
  await page.logIn()
  await passTime(60 * MINUTE)
  expect(page.renewal.requests.length).toBeGreaterThan(1)
})

// covers fault:timers-late
test('a hidden page renews nothing, and once when it is shown again', async () => {
  const { renewal } = await openPage()
  hide(true)
  await passTime(60 * MINUTE)
  expect(renewal.requests).toHaveLength(1)
  hide(false)
  await passTime(1000)
  expect(renewal.requests).toHaveLength(2)
})

test('a page that says it is offline tries all the same, because it may be wrong', async () => {
  const { renewal } = await openPage()
  connect(false)
  await passTime(60 * MINUTE)
  expect(renewal.requests.length).toBeGreaterThan(1)
})

test('a page that comes back from the back/forward cache renews once', async () => {
  const { renewal } = await openPage()
  // Its timers stood still meanwhile.
  vi.setSystemTime(Date.now() + 60 * MINUTE)
  window.dispatchEvent(new Event('pageshow'))
  window.dispatchEvent(new Event('pageshow'))
  await passTime(1000)
  expect(renewal.requests).toHaveLength(2)
})

// covers fault:sleep
test('shares the renewal with an app that asks on waking up', async () => {
  const { auth, renewal } = await openPage()
  vi.setSystemTime(Date.now() + 60 * MINUTE)
  const release = renewal.hold()
  window.dispatchEvent(new Event('pageshow'))
  await passTime(1)
  const token = auth.getTokenSilently()
  release()
  expect(await token).toBeDefined()
  expect(renewal.requests).toHaveLength(2)
})

test('tries again with growing pauses while the network is down, and the session stays', async () => {
  const { auth, renewal } = await openPage()
  renewal.answers.push(...Array.from({ length: 100 }, () => new AuthError('network_error')))
  await passTime(60 * MINUTE)
  // 30, 120 and then 300 seconds, and by chance up to twice as long.
  expect(renewal.requests.length).toBeGreaterThan(7)
  expect(renewal.requests.length).toBeLessThan(16)
  expect(auth.getSnapshot().status).toBe('authenticated')
})

test('serves the token that is still good while renewal fails', async () => {
  const { auth, renewal } = await openPage()
  const token = await auth.getTokenSilently()
  renewal.answers.push(...Array.from({ length: 100 }, () => new AuthError('server_error')))
  await passTime(265_000)
  expect(renewal.requests.length).toBeGreaterThan(1)
  expect(await auth.getTokenSilently()).toBe(token)
})

test('leaves a server alone for as long as it asks for', async () => {
  const { renewal } = await openPage()
  renewal.answers.push(new AuthError('server_error', { status: 429, retryAfterSeconds: 1800 }))
  await passTime(29 * MINUTE)
  expect(renewal.requests).toHaveLength(2)
  await passTime(11 * MINUTE)
  expect(renewal.requests.length).toBeGreaterThan(2)
})

test('does not ask again after login_required', async () => {
  const { renewal } = await openPage({ onLoginRequired: 'redirect' })
  renewal.answers.push(loginRequired())
  await passTime(60 * MINUTE)
  expect(renewal.requests).toHaveLength(2)
})

test('never redirects', async () => {
  const { renewal, visits } = await openPage({ onLoginRequired: 'redirect' })
  renewal.answers.push(loginRequired())
  await passTime(10 * MINUTE)
  expect(visits).toEqual([])
})

test('takes over what another tab has renewed', async () => {
  const tokenStorage = createSharedStorage()
  const renewal = createRenewal()
  const pages = [0, 1, 2].map(() => createClient({ tokenStorage }, { renewal }))
  for (const { auth } of pages) {
    autoRenew(auth)
    await auth.start()
  }
  expect(renewal.requests).toHaveLength(1)
  await passTime(9 * MINUTE - 1000)
  expect(renewal.requests).toHaveLength(3)
})

test('takes over a token that another tab has got and is still storing', async () => {
  const shared = createSharedStorage()
  const tokenStorage = {
    ...shared,
    async set(key: string, value: unknown) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      await shared.set(key, value)
    },
  }
  const renewal = createRenewal()
  // Of 30 seconds: the second tab is due a tenth of a second after the first.
  const chances = [0.5, 0.5 - 0.1 / 30]
  vi.spyOn(Math, 'random').mockImplementation(() => chances.shift() ?? 0)
  for (const { auth } of [0, 1].map(() => createClient({ tokenStorage }, { renewal }))) {
    autoRenew(auth)
    const started = auth.start()
    await passTime(2000)
    await started
  }
  expect(renewal.requests).toHaveLength(1)
  await passTime(230_000)
  expect(renewal.requests).toHaveLength(2)
})

test.each<[string, (page: TestClient, stop: () => void) => void]>([
  ['the function that it returned', (_, stop) => stop()],
  ['dispose', ({ auth }) => auth.dispose()],
])('is ended by %s, and leaves no timer', async (_, end) => {
  const page = createClient()
  const stop = autoRenew(page.auth)
  await page.auth.start()
  end(page, stop)
  expect(vi.getTimerCount()).toBe(0)
  hide(true)
  hide(false)
  await passTime(10 * MINUTE)
  expect(page.renewal.requests).toHaveLength(1)
})

test('does nothing for a client that was disposed', async () => {
  const { auth } = createClient()
  auth.dispose()
  autoRenew(auth)()
  expect(vi.getTimerCount()).toBe(0)
})

// covers fault:two-copies
test('refuses what is no client, and unfit targets', () => {
  const { auth } = createClient()
  expect(() => autoRenew({ ...auth, on: () => () => {} })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'auth' }),
  )
  expect(() => autoRenew(auth, { targets: [{ authorizationParams: { client_id: 'x' } }] })).toThrow(
    expect.objectContaining({ code: 'config_invalid' }),
  )
})

test('an unfit target keeps the others from beginning: nobody could end them', async () => {
  const { auth } = createClient()
  await auth.getTokenSilently()
  const timers = vi.getTimerCount()
  expect(() => autoRenew(auth, { targets: [{}, { scope: 5 as unknown as string }] })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'scope' }),
  )
  expect(vi.getTimerCount()).toBe(timers)
})

test.each(named([5, {}, 'openid']))('refuses %s as the targets', (_, targets) => {
  const { auth } = createClient()
  expect(() => autoRenew(auth, { targets: targets as unknown as [] })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'targets' }),
  )
})
