// @vitest-environment happy-dom
// The one writer of who is signed in: what it stores, and what other tabs have stored meanwhile.
import { beforeEach, expect, test, vi } from 'vitest'
import { markSent } from '../../src/session/stored-refresh-token.ts'
import { createEntry } from '../../src/session/token-cache.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createTokenSet } from '../support/flow-tokens.ts'
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

test('a refresh token is marked only if it is still the one that is stored', async () => {
  const { storage, one, other } = await openTwo()
  const held = one.session.refreshToken!
  const marked = markSent(held, Date.now())
  expect(await one.session.refreshTokens!.claim(held, marked)).toBe('claimed')
  expect(recordIn(storage)?.refreshToken?.doubt).toEqual(marked.doubt)
  const next = createToken('next')
  await one.session.refreshTokens!.settle({ sent: 'of alice', next })
  expect(await other.session.refreshTokens!.claim(held, marked)).toBe('changed')
  expect(other.session.refreshToken).toEqual(next)
  expect(recordIn(storage)?.refreshToken).toEqual(next)
})

test('what became of a token that was sent does not touch one that came meanwhile', async () => {
  const { storage, one, other } = await openTwo()
  await signIn(other, 'alice', 'of another login')
  await one.session.refreshTokens!.settle({ sent: 'of alice', next: undefined })
  expect(recordIn(storage)?.refreshToken?.token).toBe('of another login')
})

test('a token whose mark cannot be stored is not sent; one that was never stored may be', async () => {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  const held = tab.session.refreshToken!
  const marked = markSent(held, Date.now())
  storage.set = () => Promise.reject(new Error('full'))
  expect(await tab.session.refreshTokens!.claim(held, marked)).toBe('unknown')
  expect(tab.session.refreshToken?.doubt).toBeUndefined()
  const fail = () => Promise.reject(new Error('blocked'))
  const broken = openTab(Object.assign(createSharedStorage(), { get: fail, set: fail }))
  await signIn(broken)
  const inMemory = broken.session.refreshToken!
  const sent = markSent(inMemory, Date.now())
  expect(await broken.session.refreshTokens!.claim(inMemory, sent)).toBe('claimed')
  expect(broken.session.refreshToken?.doubt).toEqual(sent.doubt)
})

test('tokens that were asked for before a logout in another tab are not stored', async () => {
  const { storage, one, other } = await openTwo()
  const generation = one.session.currentGeneration()
  await other.session.end()
  const renewed = one.session.renewed(...bring(), {
    generation,
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'logged_out' })
  expect(storage.records.size).toBe(0)
  expect(one.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(one.session.refreshToken).toBeUndefined()
})

test('a logout while they are written wins, and the caller is told', async () => {
  const { storage, one, other } = await openTwo()
  const logout = interrupt(storage, 'set', () => other.session.end())
  const renewed = one.session.renewed(...bring(), {
    generation: one.session.currentGeneration(),
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'logged_out' })
  expect(await logout()).toMatchObject({ refreshToken: { token: 'next' } })
  expect(storage.records.size).toBe(0)
})

test('a logout while a login is written wins, and no tab is told of the login', async () => {
  const { storage, one, other } = await openTwo()
  const logout = interrupt(storage, 'set', () => other.session.end())
  one.announced.length = 0
  await expect(signIn(one)).rejects.toMatchObject({ code: 'logged_out' })
  await logout()
  expect(one.announced).toEqual([])
  expect(storage.records.size).toBe(0)
  expect(one.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

test('a login as another user between is the last word', async () => {
  const { storage, one, other } = await openTwo()
  const generation = one.session.currentGeneration()
  await signIn(other, 'bob')
  const renewed = one.session.renewed(...bring(), {
    generation,
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'user_changed' })
  expect(recordIn(storage)).toMatchObject({ sub: 'bob', refreshToken: { token: 'of bob' } })
  expect(one.session.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  expect(one.ends).toEqual([false])
})

test('another user who comes back silently ends the tokens of the old one, and is refused', async () => {
  const { storage, one } = await openTwo()
  const renewed = one.session.renewed(...bring('bob'), {
    generation: one.session.currentGeneration(),
    refreshToken: { sent: undefined, next: createToken('of bob', 'bob') },
  })
  await expect(renewed).rejects.toMatchObject({ code: 'user_changed' })
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', entries: [], refreshToken: undefined })
  expect(one.unneeded).toEqual(['of alice'])
  expect(one.announced).toHaveLength(2)
  expect(() => one.session.assertSilent()).toThrow(
    expect.objectContaining({ code: 'user_changed' }),
  )
})

test('a login as another user has the refresh token of the old one ended', async () => {
  const tab = openTab()
  await signIn(tab)
  await signIn(tab, 'bob')
  expect(tab.unneeded).toEqual(['of alice'])
  expect(tab.session.user).toMatchObject({ sub: 'bob' })
})

test('what two tabs have renewed is put together', async () => {
  const { storage, one, other } = await openTwo()
  const add = ({ session }: Tab, partition: string) => {
    const tokens = createTokenSet({ scope: 'openid' })
    return session.renewed(tokens, createEntry(tokens, { partition, scope: 'openid' }), {
      generation: session.currentGeneration(),
      refreshToken: { sent: undefined, next: undefined },
    })
  }
  await add(one, 'https://a.example')
  await add(other, 'https://b.example')
  const partitions = recordIn(storage)?.entries.map(({ partition }) => partition)
  expect(partitions?.sort()).toEqual(['', 'https://a.example', 'https://b.example'])
  expect(other.session.entries()).toHaveLength(3)
})

test('a server that knows no session ends nothing where another tab has logged in meanwhile', async () => {
  const { storage, one, other } = await openTwo()
  vi.advanceTimersByTime(300_001)
  // The other tab's login is not known here.
  await signIn(other, 'alice', 'of the new login')
  expect(await one.session.endIfOver()).toBe(false)
  expect(recordIn(storage)?.refreshToken?.token).toBe('of the new login')
  expect(one.session.find('', 'openid')).toBeDefined()
  expect(one.session.getSnapshot()).toMatchObject({ status: 'authenticated' })
})

test('a record of a later version is left alone, by logins, renewals and logouts', async () => {
  const storage = createSharedStorage()
  const newer = { v: 2, anything: true }
  storage.records.set(KEY, newer)
  const tab = openTab(storage)
  await signIn(tab)
  await tab.session.renewed(...bring(), {
    generation: tab.session.currentGeneration(),
    refreshToken: { sent: 'of alice', next: createToken('next') },
  })
  expect(tab.session.getSnapshot()).toMatchObject({ status: 'authenticated' })
  await tab.session.end()
  expect(storage.records.get(KEY)).toEqual(newer)
  expect(tab.warnings).toContain('newer')
})

test('where tabs cannot wait for one another the refresh token stays in the page', async () => {
  const storage = createSharedStorage()
  Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })
  const tab = openTab(storage)
  await signIn(tab)
  expect(tab.session.refreshToken?.token).toBe('of alice')
  expect(recordIn(storage)).toMatchObject({ sub: 'alice' })
  expect(recordIn(storage)?.refreshToken).toBeUndefined()
  // It ends with the session of this page, whoever ends that.
  const other = openTab(storage)
  await other.session.restore()
  await other.session.end()
  tab.session.look()
  expect(tab.unneeded).toEqual(['of alice'])
})

/** A person logs in, for an organization or the like. */
const signInTo = (
  { session }: Tab,
  sessionParams: Readonly<Record<string, string>> | undefined,
): Promise<void> =>
  session.signIn(...bring(), { generation: session.currentGeneration(), sessionParams })

test('a login with other parameters of the session begins a new one', async () => {
  const tab = openTab()
  await signIn(tab)
  const { generation } = tab.session.epoch
  await signInTo(tab, { organization: 'acme' })
  expect(tab.session.epoch.generation).not.toBe(generation)
  expect(tab.session.sessionParams).toEqual({ organization: 'acme' })
  const acme = tab.session.epoch.generation
  await signInTo(tab, { organization: 'acme' })
  expect(tab.session.epoch.generation).toBe(acme)
  await tab.session.end()
  expect(tab.session.sessionParams).toBeUndefined()
})

test('the order of the parameters of a session means nothing', async () => {
  const tab = openTab()
  await signInTo(tab, { organization: 'acme', tenant: 'x' })
  const { generation } = tab.session.epoch
  await signInTo(tab, { tenant: 'x', organization: 'acme' })
  expect(tab.session.epoch.generation).toBe(generation)
  await signInTo(tab, { tenant: 'acme', organization: 'x' })
  expect(tab.session.epoch.generation).not.toBe(generation)
})

test('a login after another user was refused is not ended by what was asked for before it', async () => {
  const { storage, one, other } = await openTwo()
  const bobComesBack = ({ session }: Tab, generation: string) =>
    expect(
      session.renewed(...bring('bob'), { generation, refreshToken: undefined }),
    ).rejects.toMatchObject({ code: 'user_changed' })
  const generation = other.session.currentGeneration()
  await bobComesBack(one, one.session.currentGeneration())
  await signIn(one, 'alice', 'of the new login')
  await bobComesBack(other, generation)
  expect(recordIn(storage)?.refreshToken?.token).toBe('of the new login')
  expect(one.session.find('', 'openid')).toBeDefined()
})

/** Another tab is writing, until it is released. */
function holdStorage(): () => void {
  let release!: () => void
  const written = new Promise<void>((resolve) => (release = resolve))
  void navigator.locks.request(`${KEY} storage`, {}, () => written)
  return release
}

/** Looks at the storage, as far as it comes without a lock. */
async function look({ session }: Tab): Promise<{ readonly looked: Promise<unknown> }> {
  const looked = session.reload()
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve))
  return { looked }
}

test('a login that waits to be written keeps its refresh token while the page looks', async () => {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  await tab.session.end()
  const release = holdStorage()
  const login = signIn(tab, 'alice', 'of the new login')
  await vi.waitFor(() => expect(tab.session.refreshToken).toBeDefined())
  const { looked } = await look(tab)
  release()
  await Promise.all([login, looked])
  expect(tab.session.refreshToken?.token).toBe('of the new login')
  expect(recordIn(storage)?.refreshToken?.token).toBe('of the new login')
})

test.each([
  ['the same user', 'alice'],
  ['another user', 'bob'],
])('a login as %s keeps its refresh token where a page drops the one before', async (_, sub) => {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  storage.records.clear()
  const release = holdStorage()
  const { looked } = await look(tab)
  const login = signIn(tab, sub, 'of the new login')
  await vi.waitFor(() => expect(tab.session.refreshToken?.token).toBe('of the new login'))
  release()
  await Promise.all([login, looked])
  expect(tab.session.refreshToken?.token).toBe('of the new login')
  expect(recordIn(storage)?.refreshToken?.token).toBe('of the new login')
})
