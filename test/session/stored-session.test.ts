// @vitest-environment happy-dom
// What a page takes over from the record that tabs share, and what it leaves alone.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError } from '../../src/errors.ts'
import { createEpoch, createSessionEpochs } from '../../src/session/session-epoch.ts'
import { markSent } from '../../src/session/stored-refresh-token.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import {
  bring,
  createToken,
  interrupt,
  KEY,
  openTab,
  openTwo,
  prepareTabs,
  recordIn,
  signIn,
  type Tab,
} from '../support/session-tab.ts'

beforeEach(prepareTabs)

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
    generation: other.session.currentGeneration(),
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

test('a page that refused another user goes on with its own who has logged in elsewhere', async () => {
  const { one, other } = await openTwo()
  const bobComesBack = one.session.renewed(...bring('bob'), {
    generation: one.session.currentGeneration(),
    refreshToken: undefined,
  })
  await expect(bobComesBack).rejects.toMatchObject({ code: 'user_changed' })
  await signIn(other)
  await one.session.reload()
  expect(one.session.assertSilent()).toBe(other.session.epoch.generation)
  expect(one.session.user).toMatchObject({ sub: 'alice' })
})

test('a record that was read before another user came back changes nothing after it', async () => {
  const { storage, one } = await openTwo()
  const refused = interrupt(storage, 'get', () =>
    one.session
      .renewed(...bring('bob'), {
        generation: one.session.currentGeneration(),
        refreshToken: undefined,
      })
      .catch(() => {}),
  )
  await one.session.reload()
  await refused()
  expect(() => one.session.assertSilent()).toThrow(
    expect.objectContaining({ code: 'user_changed' }),
  )
})

test('a session is not over while its refresh token is in the page alone', async () => {
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  vi.advanceTimersByTime(300_001)
  expect(await tab.session.endIfOver()).toBe(false)
  expect(tab.session.refreshToken?.token).toBe('of alice')
  expect(storage.records.size).toBe(1)
})

test('what was ended and not deleted does not keep a session that is over', async () => {
  const { storage, tab, ended } = await signInAgain()
  vi.advanceTimersByTime(300_001)
  storage.records.set(KEY, ended)
  expect(await tab.session.endIfOver()).toBe(true)
  expect(storage.records.size).toBe(0)
})

test('a session that is over ends nothing of the user who has logged in elsewhere', async () => {
  const { storage, tab } = await signInAgain()
  const other = openTab(storage)
  vi.advanceTimersByTime(300_001)
  await signIn(other, 'bob')
  await tab.session.endIfOver()
  expect(recordIn(storage)).toMatchObject({ sub: 'bob', refreshToken: { token: 'of bob' } })
})

test('a logout where the mark of the generation was deleted ends what is stored all the same', async () => {
  const { storage } = await signInAgain()
  expect(recordIn(storage)?.generation).toBeTruthy()
  localStorage.clear()
  const { idToken, refreshToken } = recordIn(storage)!
  expect(await openTab(storage).session.end()).toEqual({ idToken, refreshToken })
  expect(storage.records.size).toBe(0)
})

test('a refresh token is not marked once another tab has logged out, deleted or not', async () => {
  const { storage, one } = await openTwo()
  const held = one.session.refreshToken!
  createSessionEpochs('epoch').write(createEpoch(true))
  expect(await one.session.refreshTokens!.claim(held, markSent(held, Date.now()))).toBe('changed')
  expect(recordIn(storage)?.refreshToken?.doubt).toBeUndefined()
})

test('what has failed in its turn is not done again', async () => {
  const { one } = await openTwo()
  const work = vi.fn(() => Promise.reject(new AuthError('lock_timeout')))
  const { signal } = new AbortController()
  const turn = one.session.inTurn('a target', signal, () => undefined, work)
  await expect(turn).rejects.toMatchObject({ code: 'lock_timeout' })
  expect(work).toHaveBeenCalledTimes(1)
})

test('two users of two tabs are not mixed where the server has told each tab of another one', async () => {
  const storage = createSharedStorage()
  const [one, other] = [openTab(storage), openTab(storage)]
  await Promise.all([one.session.restore(), other.session.restore()])
  const renew = ({ session }: Tab, sub: string) =>
    session.renewed(...bring(sub), {
      generation: session.currentGeneration(),
      refreshToken: undefined,
    })
  await renew(one, 'alice')
  await expect(renew(other, 'bob')).rejects.toMatchObject({ code: 'user_changed' })
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', idToken: one.session.identity?.idToken })
  expect(recordIn(storage)?.entries).toEqual(one.session.entries())
  expect(other.session.entries()).toEqual([])
})

test.each([
  ['of a later version is left where it is', { v: 2 }, 'newer', 1],
  ['that does not fit is deleted', { v: 1, issuer: 7 }, 'corrupt', 0],
])('a record %s as soon as it is read, with a warning', async (_what, found, warning, left) => {
  const storage = createSharedStorage()
  storage.records.set(KEY, found)
  const tab = openTab(storage)
  await tab.session.restore()
  expect(tab.warnings).toEqual([warning])
  expect(storage.records.size).toBe(left)
})

test('what does not change is not written', async () => {
  const { storage, one, other } = await openTwo()
  await one.session.refreshTokens!.settle({ sent: 'of alice', next: createToken('next') })
  storage.set = vi.fn(storage.set)
  const held = other.session.refreshToken!
  expect(await other.session.refreshTokens!.claim(held, markSent(held, Date.now()))).toBe('changed')
  expect(storage.set).not.toHaveBeenCalled()
})

test('a fault of the app in reading a stored user is no stored user that does not fit', async () => {
  const storage = createSharedStorage()
  await signIn(openTab(storage))
  const fault = new TypeError('of the app')
  const readUser = () => {
    throw fault
  }
  const tab = openTab(storage, { readUser })
  await expect(tab.session.restore()).rejects.toBe(fault)
  expect(tab.warnings).toEqual([])
})

// covers spec:stored-session
test('what was renewed before a logout elsewhere is not stored after it', async () => {
  const { storage, one } = await openTwo()
  const { get } = storage
  storage.get = async (key) => {
    // A logout of another tab, which this one has not heard of.
    createSessionEpochs('epoch').write(createEpoch(true))
    storage.records.clear()
    return get(key)
  }
  const renewed = one.session.renewed(...bring(), {
    generation: one.session.epoch.generation,
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'logged_out' })
  expect(storage.records.size).toBe(0)
})

test.each<[string, (tab: Tab, generation: string) => Promise<void>]>([
  ['login', (tab) => signIn(tab, 'alice', 'late')],
  [
    'silent login',
    ({ session }, generation) =>
      session.renewed(...bring('alice', { refreshToken: 'late' }), {
        generation,
        refreshToken: undefined,
      }),
  ],
])('the refresh token of a %s that a logout keeps from the storage is ended', async (_, come) => {
  const storage = createSharedStorage()
  const [one, other] = [openTab(storage), openTab(storage)]
  await signIn(one, 'alice', '')
  await other.session.restore()
  const logout = interrupt(storage, 'get', () => other.session.end())
  const login = come(one, one.session.currentGeneration())
  await expect(login).rejects.toMatchObject({ code: 'logged_out' })
  await logout()
  expect(storage.records.size).toBe(0)
  expect(one.unneeded).toEqual(['late'])
})

test('what else is brought for another user who came back silently is refused, and not ended', async () => {
  const tab = openTab()
  await signIn(tab)
  const { session } = tab
  const silently = { generation: session.currentGeneration(), refreshToken: undefined }
  const come = () => session.renewed(...bring('bob', { refreshToken: 'of bob' }), silently)
  await expect(come()).rejects.toMatchObject({ code: 'user_changed' })
  expect(() => session.assertCurrent(silently.generation)).toThrow('user_changed')
  await expect(come()).rejects.toMatchObject({ code: 'user_changed' })
  expect(tab.unneeded).not.toContain('of bob')
})

test('what another user has stored meanwhile stays where one comes back silently', async () => {
  const [storage, elsewhere] = [createSharedStorage(), createSharedStorage()]
  const [tab, other] = [openTab(storage), openTab(elsewhere)]
  await signIn(tab)
  await signIn(other, 'bob')
  const ofBob = { ...recordIn(elsewhere), generation: recordIn(storage)!.generation }
  storage.records.set(KEY, ofBob)
  const silently = { generation: tab.session.currentGeneration(), refreshToken: undefined }
  const renewed = tab.session.renewed(...bring('carol'), silently)
  await expect(renewed).rejects.toMatchObject({ code: 'user_changed' })
  expect(storage.records.get(KEY)).toEqual(ofBob)
})
