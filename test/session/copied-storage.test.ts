// @vitest-environment happy-dom
// A refresh token in a storage that a browser copies with the tab, as it does with sessionStorage.
import { beforeEach, expect, test } from 'vitest'
import { markSent } from '../../src/session/stored-refresh-token.ts'
import {
  bring,
  createCopiedStorage,
  createToken,
  interrupt,
  KEY,
  openTab,
  prepareTabs,
  recordIn,
  signIn,
} from '../support/session-tab.ts'

beforeEach(prepareTabs)

/** The page goes away: into the back/forward cache, or for ever. */
const leave = () => dispatchEvent(new Event('pagehide'))
/** It is shown again from the back/forward cache. */
async function comeBack(): Promise<void> {
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  await new Promise((resolve) => setImmediate(resolve))
}

/** A page that a user signs in to, and that then goes away. */
async function openAndLeave() {
  const storage = createCopiedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  leave()
  return { storage, tab }
}

test('a storage that is copied with its tab has the refresh token only while the page is away', async () => {
  const storage = createCopiedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  expect(tab.session.refreshToken?.token).toBe('of alice')
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
  leave()
  expect(recordIn(storage)?.refreshToken?.token).toBe('of alice')
  // The page is shown again from the back/forward cache.
  await comeBack()
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
  expect(tab.session.refreshToken?.token).toBe('of alice')
  // A reload takes it out, and a tab that is duplicated then has none.
  leave()
  tab.close()
  const reloaded = openTab(storage)
  await reloaded.session.restore()
  expect(reloaded.session.refreshToken?.token).toBe('of alice')
  const copy = openTab(Object.assign(createCopiedStorage(), { records: new Map(storage.records) }))
  await copy.session.restore()
  expect(copy.session.refreshToken).toBeUndefined()
})

test('a page that leaves after a logout leaves nothing behind', async () => {
  const storage = createCopiedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  await tab.session.end()
  leave()
  expect(storage.records.size).toBe(0)
})

test('a page that comes back after a logout elsewhere takes no refresh token from its own storage', async () => {
  const { storage, tab } = await openAndLeave()
  expect(recordIn(storage)?.refreshToken?.token).toBe('of alice')
  tab.close()
  await openTab(createCopiedStorage()).session.end()
  const { session } = openTab(storage)
  await session.restore()
  expect(session.refreshToken).toBeUndefined()
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
})

test('a login while the page is restored keeps its refresh token', async () => {
  const { storage, tab } = await openAndLeave()
  tab.close()
  const { session } = openTab(storage)
  const login = interrupt(storage, 'get', () =>
    session.signIn(...bring('alice', { refreshToken: 'of the new login' }), {
      generation: session.currentGeneration(),
      sessionParams: undefined,
    }),
  )
  await session.restore()
  await login()
  expect(session.refreshToken?.token).toBe('of the new login')
})

test('a page that leaves writes nothing where nobody is signed in', async () => {
  const storage = createCopiedStorage()
  await openTab(storage).session.restore()
  leave()
  expect(storage.records.size).toBe(0)
})

test('a page that leaves after a logout elsewhere that it has not seen leaves no refresh token', async () => {
  const storage = createCopiedStorage()
  await signIn(openTab(storage))
  await openTab(createCopiedStorage()).session.end()
  leave()
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
})

test('a page that comes back has what the page after it has left, and not what that has used up', async () => {
  const { storage, tab } = await openAndLeave()
  // The next page renews with it, and leaves the new one.
  const record = recordIn(storage)!
  storage.records.set(KEY, { ...record, refreshToken: createToken('next') })
  await comeBack()
  expect(tab.session.refreshToken?.token).toBe('next')
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
})

test('a page that comes back takes nothing of another session', async () => {
  const storage = createCopiedStorage()
  const tab = openTab(storage)
  await tab.session.end()
  await signIn(tab)
  leave()
  const record = recordIn(storage)!
  storage.records.set(KEY, { ...record, generation: 'x', refreshToken: createToken('other') })
  await comeBack()
  expect(tab.session.refreshToken?.token).toBe('of alice')
})

test('a page that comes back to a logout elsewhere takes no refresh token', async () => {
  const { tab } = await openAndLeave()
  await openTab(createCopiedStorage()).session.end()
  await comeBack()
  expect(tab.session.look().loggedOut).toBe(true)
  expect(tab.session.refreshToken).toBeUndefined()
  expect(tab.unneeded).toEqual(['of alice'])
})

test('a login while a page comes back has the last word', async () => {
  const { storage, tab } = await openAndLeave()
  const login = interrupt(storage, 'get', () => signIn(tab, 'alice', 'of the new login'))
  await comeBack()
  await login()
  await new Promise((resolve) => setImmediate(resolve))
  expect(tab.session.refreshToken?.token).toBe('of the new login')
})

test('a client that is made anew in the page has the refresh token of the one before', async () => {
  const storage = createCopiedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  tab.close()
  tab.session.close()
  const next = openTab(storage)
  await next.session.restore()
  expect(next.session.refreshToken?.token).toBe('of alice')
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
})

test('only the refresh token is taken out, and nothing where there is none', async () => {
  const { storage } = await openAndLeave()
  const { refreshToken, ...rest } = recordIn(storage)!
  expect(refreshToken?.token).toBe('of alice')
  await openTab(storage).session.restore()
  expect(recordIn(storage)).toEqual({ ...rest, refreshToken: undefined })
  const empty = createCopiedStorage()
  const tab = openTab(empty)
  await tab.session.restore()
  expect(tab.warnings).toEqual([])
  expect(empty.calls).not.toContain('set')
})

test('a page that looks at its storage keeps its refresh token', async () => {
  const tab = openTab(createCopiedStorage())
  await signIn(tab)
  await tab.session.reload()
  expect(tab.session.refreshToken?.token).toBe('of alice')
})

test('a client that was disposed of writes nothing when the page goes', async () => {
  const { storage, tab } = await openAndLeave()
  tab.close()
  storage.calls.length = 0
  leave()
  await comeBack()
  expect(storage.calls).toEqual([])
})

test('a refresh token is marked in its page alone', async () => {
  const storage = createCopiedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  const held = tab.session.refreshToken!
  const before = recordIn(storage)
  expect(await tab.session.refreshTokens!.claim(held, markSent(held, Date.now()))).toBe('claimed')
  expect(recordIn(storage)).toEqual(before)
})
