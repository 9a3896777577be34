// @vitest-environment happy-dom
// What a page takes over from the record that tabs share, and what it leaves alone.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { markSent } from '../../src/session/stored-refresh-token.ts'
import { createSharedStorage, type SharedStorage } from '../support/flow-storage.ts'
import {
  bring,
  createToken,
  KEY,
  openTab,
  openTwo,
  prepareTabs,
  recordIn,
  signIn,
} from '../support/session-tab.ts'

beforeEach(prepareTabs)
afterEach(() => {
  vi.useRealTimers()
})

/** Has something happen once, in the middle of the next writing or reading. */
function interrupt(storage: SharedStorage, when: 'get' | 'set', work: () => Promise<unknown>) {
  let interruption: Promise<unknown> | undefined
  const begin = async () => {
    interruption ??= work()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { get, set } = storage
  if (when === 'set') storage.set = (...pair) => set(...pair).then(begin)
  else
    storage.get = async (key) => {
      const value = await get(key)
      await begin()
      return value
    }
  return () => interruption
}

/** The session of before a logout and the login that came after it, and a page that has the new. */
async function signInAgain() {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  const ended = recordIn(storage)
  await tab.session.end()
  await signIn(tab, 'alice', 'of the new login')
  return { storage, tab, ended }
}

test('a login while the refresh token is marked has the last word', async () => {
  const { storage, one } = await openTwo()
  const held = one.session.refreshToken!
  const login = interrupt(storage, 'set', () => signIn(one, 'alice', 'of the new login'))
  await one.session.refreshTokens!.claim(held, markSent(held, Date.now()))
  expect(one.session.refreshToken?.token).toBe('of the new login')
  await login()
  expect(recordIn(storage)?.refreshToken?.token).toBe('of the new login')
})

test('what another tab has renewed is not taken over once it has logged out', async () => {
  const { storage, one, other } = await openTwo()
  vi.advanceTimersByTime(300_001)
  await other.session.renewed(...bring(), {
    generation: other.session.begin(),
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  const logout = interrupt(storage, 'get', () => other.session.end())
  await one.session.endIfOver()
  expect(one.session.entries()).toEqual([])
  await logout()
})

test('a record of before a logout is not taken over when a refresh token is marked', async () => {
  const { storage, tab, ended } = await signInAgain()
  storage.records.set(KEY, ended)
  const held = tab.session.refreshToken!
  expect(await tab.session.refreshTokens!.claim(held, markSent(held, Date.now()))).toBe('changed')
  expect(tab.session.refreshToken?.token).toBe('of the new login')
})

test('the record of a newer login whose mark is not seen yet is left alone', async () => {
  const { storage, tab } = await signInAgain()
  const newer = { ...recordIn(storage), generation: 'newer' }
  storage.records.set(KEY, newer)
  await tab.session.reload()
  expect(storage.records.get(KEY)).toEqual(newer)
})

test('a refresh token that is in the page alone stays where the storage was emptied', async () => {
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  const storage = createSharedStorage()
  const { session, ...tab } = openTab(storage)
  await signIn({ session, ...tab })
  storage.records.clear()
  await session.reload()
  expect(session.refreshToken?.token).toBe('of alice')
})

test('a page that comes back after a logout elsewhere takes no refresh token from its own storage', async () => {
  const createOwn = () => Object.assign(createSharedStorage(), { shared: false, copied: true })
  const storage = createOwn()
  const tab = openTab(storage)
  await signIn(tab)
  dispatchEvent(new Event('pagehide'))
  expect(recordIn(storage)?.refreshToken?.token).toBe('of alice')
  tab.close()
  await openTab(createOwn()).session.end()
  const { session } = openTab(storage)
  await session.restore()
  expect(session.refreshToken).toBeUndefined()
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
})
