// @vitest-environment happy-dom
import { idleTimeout, type AuthClient, type IdleTimeoutOptions } from 'sotto'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import {
  createClient,
  passTime,
  preparePage,
  reload,
  type TestClient,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'

beforeEach(preparePage)

const MINUTE = 60_000

interface Watched extends TestClient {
  readonly warned: (number | undefined)[]
}

/** A user who is signed in, and logged out after ten minutes without a sign of them. */
async function open(
  options: Partial<IdleTimeoutOptions> = {},
  page: TestClient = createClient(),
): Promise<Watched> {
  const warned: (number | undefined)[] = []
  idleTimeout(page.auth, { seconds: 600, onWarn: (left) => warned.push(left), ...options })
  await page.logIn()
  return { ...page, warned }
}

const sign = (type = 'keydown'): unknown => window.dispatchEvent(new Event(type))
const statusOf = ({ auth }: { readonly auth: AuthClient }): string => auth.getSnapshot().status

function hide(): void {
  const state = { configurable: true, get: () => 'hidden' }
  Object.defineProperty(document, 'visibilityState', state)
  onTestFinished(() => void Reflect.deleteProperty(document, 'visibilityState'))
  document.dispatchEvent(new Event('visibilitychange'))
}

/** Lets the device sleep: no timer runs, and the monotonic clock stands still. */
const sleep = (ms: number): unknown => vi.setSystemTime(Date.now() + ms)

test('a user who has left is logged out at the server, once, after a countdown', async () => {
  const page = await open({ warnSeconds: 3 })
  await passTime(10 * MINUTE - 3001)
  expect(page.warned).toEqual([])
  expect(statusOf(page)).toBe('authenticated')
  await passTime(3000)
  expect(page.warned).toEqual([3, 2, 1])
  await passTime(1)
  expect(statusOf(page)).toBe('anonymous')
  await passTime(MINUTE)
  expect(page.warned).toEqual([3, 2, 1, undefined])
  expect(page.visits.map(({ pathname }) => pathname)).toEqual(['/authorize', '/end-session'])
})

for (const type of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'])
  test(`a ${type} is a sign of the user, and ends the warning`, async () => {
    const page = await open({ warnSeconds: 2 })
    await passTime(10 * MINUTE - 1500)
    expect(page.warned).toEqual([2])
    sign(type)
    expect(page.warned).toEqual([2, undefined])
    await passTime(10 * MINUTE - 2500)
    expect(statusOf(page)).toBe('authenticated')
    await passTime(2500)
    expect(statusOf(page)).toBe('anonymous')
  })

test('signs that come by the hundred are written down once a second', async () => {
  await open()
  await passTime(MINUTE)
  const write = vi.fn()
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: write, removeItem() {} })
  for (let count = 0; count < 100; count++) sign('pointermove')
  expect(write).toHaveBeenCalledTimes(1)
  await passTime(1000)
  sign('pointermove')
  expect(write).toHaveBeenCalledTimes(2)
})

test('a renewal is no sign of the user', async () => {
  const page = await open()
  for (let minute = 0; minute < 10; minute++) {
    await page.auth.getTokenSilently({ cacheMode: 'off' })
    await passTime(MINUTE)
  }
  expect(statusOf(page)).toBe('anonymous')
})

test('a device that slept too long does not go on with the first sign', async () => {
  const page = await open()
  sleep(11 * MINUTE)
  sign()
  expect(statusOf(page)).toBe('anonymous')
})

test.each([
  ['pageshow', window],
  ['focus', window],
  ['visibilitychange', document],
] as const)(
  'a device that slept too long is logged out as the page is seen again (%s)',
  async (event, target) => {
    const page = await open()
    sleep(11 * MINUTE)
    target.dispatchEvent(new Event(event))
    expect(statusOf(page)).toBe('anonymous')
  },
)

test('where no user is signed in nothing is kept of what is done with the page', async () => {
  const page = await open({ logout: { localOnly: true } })
  const keys = () => Object.keys(localStorage).filter((name) => name.startsWith('sotto:idle '))
  expect(keys()).toHaveLength(1)
  await page.auth.logout({ localOnly: true })
  expect(keys()).toEqual([])
  await passTime(5000)
  sign()
  expect(keys()).toEqual([])
})

test('the time of another session says nothing', async () => {
  const tokenStorage = createSharedStorage()
  const page = await open({}, createClient({ tokenStorage }))
  const [key = ''] = Object.keys(localStorage).filter((name) => name.startsWith('sotto:idle '))
  localStorage.setItem(key, JSON.stringify({ generation: 'other', at: 1, since: 1 }))
  const next = reload(page, { tokenStorage })
  idleTimeout(next.auth, { seconds: 600 })
  await next.auth.start()
  expect(statusOf(next)).toBe('authenticated')
})

test('a logout that cannot be done as told is done here, and told', async () => {
  const logout = { postLogoutRedirectUri: 'javascript:alert(1)' }
  const page = await open({ logout })
  await passTime(10 * MINUTE)
  expect(statusOf(page)).toBe('anonymous')
  expect(page.warnings).toEqual([{ code: 'config_invalid', reason: 'idleTimeout' }])
})

test('a time of months sets no timer that browsers would run at once', async () => {
  const setTimeout = vi.spyOn(globalThis, 'setTimeout')
  await open({ seconds: 4_000_000 })
  expect(Math.max(...setTimeout.mock.calls.map(([, ms]) => ms ?? 0))).toBe(2 ** 31 - 1)
})

test('nothing is listened to for a client that is disposed of', () => {
  const { auth } = createClient()
  auth.dispose()
  const listen = vi.spyOn(window, 'addEventListener')
  idleTimeout(auth, { seconds: 600 })
  expect(listen).not.toHaveBeenCalled()
})

test('a clock that is set back prolongs nothing', async () => {
  const page = await open()
  await passTime(5 * MINUTE)
  vi.setSystemTime(Date.now() - 60 * MINUTE)
  await passTime(5 * MINUTE)
  expect(statusOf(page)).toBe('anonymous')
})

test('a page that is opened too late starts logged out, and a new login is not ended', async () => {
  const tokenStorage = createSharedStorage()
  const page = await open({}, createClient({ tokenStorage }))
  await passTime(5 * MINUTE)
  const soon = reload(page, { tokenStorage })
  idleTimeout(soon.auth, { seconds: 600 })
  expect((await soon.auth.start()).status).toBe('authenticated')
  soon.auth.dispose()
  sleep(6 * MINUTE)
  const late = reload(page, { tokenStorage })
  idleTimeout(late.auth, { seconds: 600, logout: { localOnly: true } })
  await late.auth.start()
  await passTime(0)
  expect(statusOf(late)).toBe('anonymous')
  expect(late.visits).toEqual([])
  await late.logIn()
  await passTime(9 * MINUTE)
  expect(statusOf(late)).toBe('authenticated')
})

test('a sign in another tab counts in all, and ends the warning there', async () => {
  const page = await open({ warnSeconds: 60 })
  await passTime(9 * MINUTE + 500)
  expect(page.warned).toEqual([60])
  const key = Object.keys(localStorage).find((name) => name.startsWith('sotto:idle '))!
  const stored = JSON.parse(localStorage.getItem(key)!) as object
  localStorage.setItem(key, JSON.stringify({ ...stored, at: Date.now() }))
  window.dispatchEvent(new StorageEvent('storage', { key }))
  expect(page.warned).toEqual([60, undefined])
  await passTime(9 * MINUTE)
  expect(statusOf(page)).toBe('authenticated')
})

test('tabs that are hidden leave the logout to one that is seen, for two seconds', async () => {
  const page = await open({ warnSeconds: 1 })
  hide()
  await passTime(10 * MINUTE + 1999)
  expect(statusOf(page)).toBe('authenticated')
  expect(page.warned).toEqual([1, 0])
  await passTime(1)
  expect(statusOf(page)).toBe('anonymous')
})

test('`maxSeconds` ends a session however busy the user is', async () => {
  const page = await open({ maxSeconds: 1200 })
  for (let minute = 1; minute < 20; minute++) {
    await passTime(MINUTE)
    sign()
  }
  expect(statusOf(page)).toBe('authenticated')
  await passTime(MINUTE)
  expect(statusOf(page)).toBe('anonymous')
})

test('goes on in memory where localStorage is blocked', async () => {
  const refuse = (): never => {
    throw new DOMException('blocked', 'SecurityError')
  }
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse })
  const page = await open()
  await passTime(6 * MINUTE)
  sign()
  await passTime(6 * MINUTE)
  expect(statusOf(page)).toBe('authenticated')
  await passTime(4 * MINUTE)
  expect(statusOf(page)).toBe('anonymous')
})

test.each([
  ['no JSON', 'not JSON'],
  ['a number', '5'],
  ['a generation alone', '{"generation":"x"}'],
  ['a time in words', '{"generation":"OWN","at":"soon","since":NOW}'],
  ['a beginning in words', '{"generation":"OWN","at":NOW,"since":"then"}'],
])('what another script of the origin wrote prolongs nothing: %s', async (_, text) => {
  const page = await open()
  const key = Object.keys(localStorage).find((name) => name.startsWith('sotto:idle '))!
  await passTime(9 * MINUTE)
  const { generation } = JSON.parse(localStorage.getItem(key)!) as { readonly generation: string }
  localStorage.setItem(key, text.replace('OWN', generation).replace('NOW', String(Date.now())))
  await passTime(2 * MINUTE)
  expect(statusOf(page)).toBe('anonymous')
})

test('the app may throw: the user is logged out all the same', async () => {
  const uncaught = vi.fn()
  process.on('uncaughtException', uncaught)
  onTestFinished(() => void process.off('uncaughtException', uncaught))
  const onWarn = (): void => {
    throw new Error('the app')
  }
  const page = await open({ warnSeconds: 2, onWarn })
  await passTime(10 * MINUTE).catch(() => {})
  await passTime(3000).catch(() => {})
  expect(statusOf(page)).toBe('anonymous')
})

test('it ends where it is told, and with the client', async () => {
  const page = createClient()
  const stop = idleTimeout(page.auth, { seconds: 600 })
  await page.logIn()
  stop()
  await passTime(20 * MINUTE)
  expect(statusOf(page)).toBe('authenticated')
  const other = createClient()
  const onWarn = vi.fn()
  idleTimeout(other.auth, { seconds: 600, warnSeconds: 599, onWarn })
  await other.logIn()
  await passTime(2000)
  expect(onWarn).toHaveBeenLastCalledWith(598)
  other.auth.dispose()
  expect(onWarn).toHaveBeenLastCalledWith(undefined)
  await passTime(20 * MINUTE)
  expect(other.visits).toHaveLength(1)
})
