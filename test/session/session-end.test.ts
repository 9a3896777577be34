// @vitest-environment happy-dom
// What ends a session, or its tokens, here and in other tabs.
import { beforeEach, expect, test, vi } from 'vitest'
import { createSessionEpochs, type SessionEpoch } from '../../src/session/session-epoch.ts'
import { createSessionMemory, type SessionOptions } from '../../src/session/session-memory.ts'
import { markSent } from '../../src/session/stored-refresh-token.ts'
import { createSharedStorage, type SharedStorage } from '../support/flow-storage.ts'
import {
  bring,
  createToken,
  openTab,
  openTwo,
  prepareTabs,
  recordIn,
  signIn,
  type Tab,
} from '../support/session-tab.ts'

beforeEach(prepareTabs)

test.each([
  ['an access token that is good', 0, 'of alice', false],
  ['a refresh token', 300_001, 'of alice', false],
  ['nothing that is good', 300_001, undefined, true],
])('where %s is left the end is judged by that', async (_what, ms, token, isOver) => {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await tab.session.restore()
  const refreshToken = token === undefined ? {} : { refreshToken: token }
  await tab.session.signIn(...bring('alice', refreshToken), {
    generation: tab.session.currentGeneration(),
    sessionParams: undefined,
  })
  vi.advanceTimersByTime(ms)
  expect(await tab.session.endIfOver()).toBe(isOver)
  expect(storage.records.size).toBe(isOver ? 0 : 1)
  expect(tab.session.getSnapshot().status).toBe(isOver ? 'anonymous' : 'authenticated')
})

test('tokens are dropped in all tabs, and nobody is signed out', async () => {
  const { storage, one, other } = await openTwo()
  const [kept] = one.session.entries()
  await one.session.dropTokens(one.session.currentGeneration(), [kept!])
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', entries: [{ partition: '' }] })
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
  expect(one.session.getSnapshot()).toMatchObject({ status: 'authenticated' })
  expect(one.announced).toHaveLength(2)
  // What was under way in the other tab is void.
  const renewed = other.session.renewed(...bring(), {
    generation: other.session.epoch.generation,
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'user_changed' })
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
})

test('a session whose tokens were dropped keeps its parameters', async () => {
  const { session } = openTab()
  const sessionParams = { organization: 'acme' }
  await session.signIn(...bring(), { generation: session.currentGeneration(), sessionParams })
  await session.dropTokens(session.currentGeneration(), [])
  expect(session.currentGeneration()).toBe(session.epoch.generation)
  expect(session.sessionParams).toEqual(sessionParams)
})

test('tokens are not dropped once the session is another one', async () => {
  const { storage, one, other } = await openTwo()
  const generation = one.session.currentGeneration()
  await signIn(other, 'bob')
  await one.session.dropTokens(generation, [])
  expect(recordIn(storage)).toMatchObject({ sub: 'bob', refreshToken: { token: 'of bob' } })
})

test('a logout takes the record away and gives what proves the session', async () => {
  const { storage, one, other } = await openTwo()
  const idToken = one.session.identity?.idToken
  expect(await one.session.end()).toEqual({ idToken, refreshToken: createToken('of alice') })
  expect(storage.records.size).toBe(0)
  expect(one.ends).toEqual([true])
  expect(one.announced.at(-1)).toMatchObject({ loggedOut: true })
  expect(other.session.hear(one.session.epoch)).toMatchObject({ loggedOut: true })
  expect(other.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(other.unneeded).toEqual([])
})

test('a login that was begun before a logout in another tab is not taken', async () => {
  const { storage, one, other } = await openTwo()
  const generation = one.session.currentGeneration()
  await other.session.end()
  const login = one.session.signIn(...bring(), { generation, sessionParams: undefined })
  await expect(login).rejects.toMatchObject({ code: 'logged_out' })
  expect(storage.records.size).toBe(0)
  expect(one.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('a page that opens after a logout asks nothing, and says why', async () => {
  const { storage, one } = await openTwo()
  await one.session.end()
  const { session } = openTab(storage)
  expect(() => session.assertSilent()).toThrow(expect.objectContaining({ code: 'logged_out' }))
  expect(session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('what arrives after the page is disposed of is not taken in', async () => {
  const { storage, one } = await openTwo()
  const before = recordIn(storage)
  one.session.close()
  const renewed = one.session.renewed(...bring(), {
    generation: one.session.currentGeneration(),
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'disposed' })
  expect(recordIn(storage)).toEqual(before)
})

test('a logout is found within a second where its message was lost', async () => {
  const { one, other } = await openTwo()
  await one.session.end()
  vi.advanceTimersByTime(1001)
  expect(other.session.find('', 'openid')).toBeUndefined()
  expect(other.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('a logout is found at once where the clock was set back since the last look', async () => {
  const { one, other } = await openTwo()
  expect(other.session.find('', 'openid')).toBeDefined()
  await one.session.end()
  vi.setSystemTime(Date.now() - 3_600_000)
  expect(other.session.find('', 'openid')).toBeUndefined()
})

test('a session that is good is not over because the mark of its generation was deleted', async () => {
  const storage = createSharedStorage()
  const before = openTab(storage)
  await signIn(before)
  await before.session.end()
  await signIn(before)
  expect(recordIn(storage)?.generation).toBeTruthy()
  localStorage.clear()
  const { session } = openTab(storage)
  expect(await session.endIfOver()).toBe(false)
  expect(recordIn(storage)).toMatchObject({ refreshToken: { token: 'of alice' } })
  expect(session.getSnapshot()).toMatchObject({ status: 'authenticated' })
})

test('a logout that comes late does not end the login that came after it', async () => {
  const { one, other } = await openTwo()
  await one.session.end()
  const late = one.session.epoch
  await signIn(one)
  expect(other.session.hear(late)).toMatchObject({ loggedOut: false })
  expect(one.session.hear(late)).toMatchObject({ loggedOut: false })
  expect(one.session.getSnapshot()).toMatchObject({ status: 'authenticated' })
})

test('a page that restores nothing before a logout has what its own storage has ended, too', async () => {
  const storage = Object.assign(createSharedStorage(), { shared: false })
  const before = openTab(storage)
  await signIn(before)
  const idToken = before.session.identity?.idToken
  before.close()
  const { session } = openTab(storage)
  expect(await session.end()).toEqual({ idToken, refreshToken: createToken('of alice') })
  expect(storage.records.size).toBe(0)
})

test.each([
  ['somebody has logged out', ({ session }: Tab) => session.end()],
  [
    'another user has come back',
    ({ session }: Tab) =>
      session
        .renewed(...bring('bob'), {
          generation: session.currentGeneration(),
          refreshToken: undefined,
        })
        .catch(() => {}),
  ],
])('a refresh token that only this page has is not sent once %s', async (_what, end) => {
  const fail = () => Promise.reject(new Error('blocked'))
  const tab = openTab(Object.assign(createSharedStorage(), { get: fail, set: fail }))
  await signIn(tab)
  const held = tab.session.refreshToken!
  await end(tab)
  const marked = markSent(held, Date.now())
  expect(await tab.session.refreshTokens!.claim(held, marked)).toBe('changed')
  expect(tab.session.refreshToken).toBeUndefined()
})

test('a refresh token that is kept in no storage ends when the server says so', async () => {
  const tab = openTab(undefined, { openStore: () => undefined })
  await signIn(tab)
  const next = createToken('next')
  await tab.session.refreshTokens!.settle({ sent: 'of alice', next })
  expect(tab.session.refreshToken).toEqual(next)
  await tab.session.refreshTokens!.settle({ sent: 'next', next: undefined })
  expect(tab.session.refreshToken).toBeUndefined()
})

test('a refresh token that is in the page alone is ended once when another user logs in', async () => {
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  const tab = openTab()
  await signIn(tab)
  await signIn(tab, 'bob')
  expect(tab.unneeded).toEqual(['of alice'])
})

test('a tab that hears of a logout and of the login after it late goes with the login', async () => {
  const { one, other } = await openTwo()
  await one.session.end()
  await one.session.signIn(...bring('alice'), {
    generation: one.session.currentGeneration(),
    sessionParams: { organization: 'acme' },
  })
  const [logout, login] = one.announced.slice(-2) as [SessionEpoch, SessionEpoch]
  expect(other.session.hear(logout)).toMatchObject({ loggedOut: true })
  expect(other.session.hear(login)).toEqual(login)
})

test('a user stays where another tab has their tokens ended, and not where it was another session', async () => {
  const { one, other } = await openTwo()
  await one.session.dropTokens(one.session.epoch.generation, [])
  expect(other.session.look()).toEqual(one.session.epoch)
  expect(other.session.entries()).toEqual([])
  expect(other.session.refreshToken).toBeUndefined()
  expect(other.session.getSnapshot()).toMatchObject({ status: 'authenticated' })
  await signIn(one, 'bob')
  await one.session.dropTokens(one.session.epoch.generation, [])
  other.session.look()
  expect(other.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
})

test('who logs in after a logout takes nobody’s place', async () => {
  const tab = openTab()
  await signIn(tab)
  await tab.session.end()
  await signIn(tab, 'bob')
  expect(tab.ends).toEqual([true])
  expect(tab.session.user).toMatchObject({ sub: 'bob' })
})

test('a logout is one also where it has the generation of the login', async () => {
  const tab = openTab()
  await signIn(tab)
  localStorage.setItem('epoch', JSON.stringify({ ...tab.session.epoch, loggedOut: true }))
  expect(tab.session.look()).toMatchObject({ loggedOut: true })
  expect(tab.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(tab.ends).toEqual([true])
})

test('nobody has logged out in a page that has not looked yet', () => {
  const options = { epochs: createSessionEpochs('epoch') }
  const { epoch } = createSessionMemory(options as SessionOptions, () => undefined)
  expect(epoch).toEqual({ generation: '', loggedOut: false })
})

test.each<[string, (storage: SharedStorage) => void]>([
  ['does not answer', (storage) => (storage.get = () => Promise.reject(new Error('blocked')))],
  ['has never held anything', ({ records }) => records.clear()],
])('a refresh token stays where the storage %s', async (what, change) => {
  const storage = createSharedStorage()
  const isEmpty = what !== 'does not answer'
  if (isEmpty) storage.set = () => Promise.reject(new Error('full'))
  const tab = openTab(storage)
  await signIn(tab)
  vi.advanceTimersByTime(300_001)
  change(storage)
  expect(await tab.session.endIfOver()).toBe(false)
  expect(tab.session.refreshToken?.token).toBe('of alice')
})

test('a page that is disposed of asks for nothing silently', async () => {
  const tab = openTab()
  await signIn(tab)
  tab.session.close()
  expect(() => tab.session.assertSilent()).toThrow(expect.objectContaining({ code: 'disposed' }))
})

test('a login that was begun before the first logout is not taken after the next login', async () => {
  const storage = createSharedStorage()
  const [one, other] = [openTab(storage), openTab(storage)]
  await one.session.restore()
  const generation = one.session.currentGeneration()
  expect(generation).toBe('')
  await signIn(other)
  await other.session.end()
  await signIn(other, 'bob')
  const login = one.session.signIn(...bring(), { generation, sessionParams: undefined })
  await expect(login).rejects.toMatchObject({ code: 'user_changed' })
  expect(recordIn(storage)).toMatchObject({ sub: 'bob' })
})
