// @vitest-environment happy-dom
// Browsers that lack something, clocks that are wrong, messages of nobody knows whom.
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { refreshToken } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { logInWithRefreshToken } from '../support/refresh-client.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const
const MARK = 'sotto:epoch https://login.example.com app'

/** Until what was posted to a channel has arrived. */
async function turn(): Promise<void> {
  for (let times = 0; times < 50; times++) await new Promise((resolve) => setImmediate(resolve))
}

// covers fault:refresh-no-locks
test('without Web Locks the calls of one page still send one refresh', async () => {
  const page = await logInWithRefreshToken()
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  const tokens = await Promise.all([1, 2, 3].map(() => page.auth.getTokenSilently(off)))
  expect(new Set(tokens).size).toBe(1)
  expect(page.refreshes()).toHaveLength(1)
  expect(page.renewal.requests).toEqual([])
})

// covers fault:tabs-no-channel
test('without BroadcastChannel a logout elsewhere is heard by its storage event', async () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
  const page = createClient()
  await page.auth.getTokenSilently()
  localStorage.setItem(MARK, JSON.stringify({ generation: 'other', loggedOut: true }))
  dispatchEvent(Object.assign(new Event('storage'), { key: MARK }))
  expect(page.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  await page.logIn()
  expect(page.auth.getSnapshot().status).toBe('authenticated')
  await page.auth.logout({ localOnly: true })
})

// covers threat:forged-tab-message fault:tabs-forged-thousand
test('a thousand forged logouts sign out once', async () => {
  const page = createClient({ tokenStorage: createSharedStorage() })
  await page.auth.getTokenSilently()
  let changes = 0
  page.auth.subscribe(() => changes++)
  const channel = new BroadcastChannel(MARK)
  onTestFinished(() => channel.close())
  for (let count = 0; count < 1000; count++)
    channel.postMessage({ epoch: { generation: `forged ${count}`, loggedOut: true } })
  await vi.waitFor(() => expect(page.auth.getSnapshot().status).toBe('anonymous'))
  await turn()
  await passTime(1000)
  expect(changes).toBe(1)
  expect(page.renewal.requests).toHaveLength(1)
  expect(page.warnings).toEqual([])
})

// covers threat:forged-tab-message fault:tabs-forged-messages fault:tabs-forged-thousand
test('a thousand forged logins bring no token in, and one renewal at most at a time', async () => {
  const page = createClient()
  const token = await page.auth.getTokenSilently()
  const release = page.renewal.hold()
  const channel = new BroadcastChannel(MARK)
  onTestFinished(() => channel.close())
  const session = { access_token: 'forged', entries: [{ accessToken: 'forged' }], sub: 'mallory' }
  for (let count = 0; count < 1000; count++)
    channel.postMessage({ epoch: { generation: '', loggedOut: false }, ...session })
  await vi.waitFor(() => expect(page.renewal.requests).toHaveLength(2))
  await turn()
  expect(page.renewal.requests).toHaveLength(2)
  expect(await page.auth.getTokenSilently()).toBe(token)
  release()
  await passTime(1)
  expect(page.auth.getSnapshot()).toMatchObject({ user: { sub: 'alice' } })
  expect(await page.auth.getTokenSilently()).not.toContain('forged')
})

// covers fault:clock-forward fault:clock-back
test.each([
  ['forth', 2],
  ['back', -2],
])('a clock that is set %s by days costs one request, no loop and no session', async (_, days) => {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  const before = await page.auth.getTokenSilently()
  const now = performance.now()
  vi.setSystemTime(Date.now() + days * 86_400_000)
  // The server's own clock is right.
  page.server.control.advanceClock({ seconds: days * -86_400 })
  page.server.control.clearRequests()
  expect(performance.now()).toBe(now)
  const call = page.auth.getTokenSilently(days > 0 ? {} : off)
  await expect(call).rejects.toMatchObject({ code: 'clock_skew' })
  expect(page.refreshes()).toHaveLength(1)
  expect(page.auth.getSnapshot().status).toBe('authenticated')
  if (days < 0) {
    // Good for the rest of its life, as the clock says that nobody sets, and not for a day longer.
    expect(await page.auth.getTokenSilently()).toBe(before)
    await passTime(300_000)
    expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  }
})

// covers fault:callback-prerendered
test('a page that is rendered ahead of a visit sends nothing until somebody comes', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  page.server.control.clearRequests()
  let prerendering = true
  Object.defineProperty(document, 'prerendering', { get: () => prerendering, configurable: true })
  onTestFinished(() => {
    delete (document as { prerendering?: boolean }).prerendering
  })
  const start = page.auth.start()
  await passTime(10_000)
  expect(page.server.control.requests()).toEqual([])
  expect(page.renewal.requests).toEqual([])
  prerendering = false
  document.dispatchEvent(new Event('prerenderingchange'))
  expect(await start).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(page.server.control.requests({ endpoint: 'token' })).toHaveLength(1)
})

// covers fault:callback-prerendered
test('a page that is rendered ahead asks for no token either, and loads no frame that could not answer', async () => {
  const page = createClient({ tokenStorage: createSharedStorage() })
  let prerendering = true
  Object.defineProperty(document, 'prerendering', { get: () => prerendering, configurable: true })
  onTestFinished(() => {
    delete (document as { prerendering?: boolean }).prerendering
  })
  const token = page.auth.getTokenSilently({ timeoutMs: 5000 })
  const disposed = createClient().auth
  const given = disposed.getTokenSilently()
  disposed.dispose()
  await expect(given).rejects.toMatchObject({ code: 'disposed' })
  await passTime(60_000)
  expect(page.renewal.requests).toEqual([])
  prerendering = false
  document.dispatchEvent(new Event('prerenderingchange'))
  expect(await token).toBeDefined()
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

// covers fault:bfcache
test('nothing keeps a page out of the back/forward cache: no listener for unload, in a whole life', async () => {
  const spies = [window, document].map((target) => vi.spyOn(target, 'addEventListener'))
  const global = vi.spyOn(globalThis, 'addEventListener')
  onTestFinished(() => void vi.restoreAllMocks())
  const page = createClient({ tokenStorage: createSharedStorage() })
  await page.auth.start()
  await page.logIn()
  await page.auth.getTokenSilently(off)
  await page.auth.logout({ localOnly: true })
  const types = [...spies, global].flatMap(({ mock }) => mock.calls.map(([type]) => type))
  expect(types).toContain('pageshow')
  expect(types).not.toContain('unload')
  expect(types).not.toContain('beforeunload')
})
