// @vitest-environment happy-dom
// What a page has from the storage, and when it looks there again.
import { beforeEach, expect, test, vi } from 'vitest'
import { createEpoch, createSessionEpochs } from '../../src/session/session-epoch.ts'
import { markSent } from '../../src/session/stored-refresh-token.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createTokenSet } from '../support/flow-tokens.ts'
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

/** As after a logout and another login: the session has a generation. */
function beginGeneration(): string {
  const epoch = createEpoch(false)
  createSessionEpochs('epoch').write(epoch)
  return epoch.generation
}

test('until the storage was asked it is taken for one that tabs share', async () => {
  const tab = openTab(Object.assign(createSharedStorage(), { shared: false }))
  expect(tab.session.isShared).toBe(true)
  await tab.session.restore()
  expect(tab.session.isShared).toBe(false)
})

test('a login before the storage was asked leaves no refresh token where a copy has it', async () => {
  const storage = Object.assign(createSharedStorage(), { shared: false, copied: true })
  const { session } = openTab(storage)
  await session.signIn(...bring('alice', { refreshToken: 'of alice' }), {
    generation: session.currentGeneration(),
    sessionParams: undefined,
  })
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', refreshToken: undefined })
})

test('a record says of which generation it is where that was deleted', async () => {
  const generation = beginGeneration()
  const storage = createSharedStorage()
  await signIn(openTab(storage))
  localStorage.clear()
  const tab = openTab(storage)
  await tab.session.restore()
  expect(tab.session.epoch).toMatchObject({ generation, loggedOut: false })
  expect(createSessionEpochs('epoch').read()).toMatchObject({ generation })
})

test('and nothing is written where it is known', async () => {
  beginGeneration()
  const storage = createSharedStorage()
  await signIn(openTab(storage))
  const epochs = createSessionEpochs('epoch')
  const write = vi.spyOn(epochs, 'write')
  await openTab(storage, { epochs }).session.restore()
  expect(write).not.toHaveBeenCalled()
})

test('what is stored of the same generation is added to, not replaced', async () => {
  beginGeneration()
  const { storage, one, other } = await openTwo()
  const renew = async ({ session }: typeof one, partition: string) => {
    const [tokens, entry] = bring()
    await session.renewed(
      tokens,
      { ...entry, partition },
      {
        generation: session.currentGeneration(),
        refreshToken: undefined,
      },
    )
  }
  await renew(one, 'https://a.example')
  await renew(other, 'https://b.example')
  const partitions = recordIn(storage)?.entries.map(({ partition }) => partition)
  expect(partitions?.sort()).toEqual(['', 'https://a.example', 'https://b.example'])
})

test('the newer ID token of another tab is taken over, and an older one is not', async () => {
  const { storage, one } = await openTwo()
  const known = one.session.identity!
  const store = (seconds: number): string => {
    const claims = { sub: 'alice', iat: known.claims.iat + seconds }
    const { idToken } = createTokenSet({ claims })
    storage.records.set(KEY, { ...recordIn(storage)!, idToken })
    return idToken
  }
  store(-1)
  await one.session.reload()
  expect(one.session.identity?.idToken).toBe(known.idToken)
  const newer = store(1)
  await one.session.reload()
  expect(one.session.identity?.idToken).toBe(newer)
})

test('a session that is looked at again costs one reading, and no decoding', async () => {
  const { storage, one } = await openTwo()
  await one.session.reload()
  storage.calls.length = 0
  const parse = vi.spyOn(JSON, 'parse')
  await one.session.reload()
  expect(storage.calls).toEqual(['get'])
  expect(parse).not.toHaveBeenCalled()
})

test('a refresh token that is not stored any more has ended', async () => {
  const { storage, one } = await openTwo()
  storage.records.clear()
  await one.session.reload()
  expect(one.session.refreshToken).toBeNull()
  expect(one.session.user).toMatchObject({ sub: 'alice' })
})

test('a page without a refresh token does not look twice for one', async () => {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await tab.session.restore()
  storage.calls.length = 0
  await tab.session.reload()
  expect(storage.calls).toEqual(['get'])
})

test('a page without a user of its own is no reason to drop the one that is stored', async () => {
  const { storage, one, other } = await openTwo()
  await one.session
    .renewed(...bring('bob'), {
      generation: one.session.currentGeneration(),
      refreshToken: undefined,
    })
    .catch(() => {})
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', idToken: undefined })
  const [tokens, entry] = bring()
  await other.session.renewed(tokens, entry, {
    generation: other.session.currentGeneration(),
    refreshToken: undefined,
  })
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', idToken: tokens.idToken })
})

/** A login of another tab, in the moment that a record of before a logout is read once more. */
async function interruptWithLogin() {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await signIn(tab)
  const ended = recordIn(storage)!
  const { get } = storage
  const newer = { ...ended, generation: 'newer', refreshToken: createToken('of the new login') }
  const logInAtReading = (which: number) => {
    let readings = 0
    storage.get = async (key) => {
      if (++readings === which) {
        createSessionEpochs('epoch').write({ ...createEpoch(false), generation: 'newer' })
        storage.records.set(KEY, newer)
      }
      return get(key)
    }
  }
  return { storage, tab, ended, newer, logInAtReading }
}

test('a login while an ended record is deleted is not deleted with it', async () => {
  const { storage, tab, ended, newer, logInAtReading } = await interruptWithLogin()
  await tab.session.end()
  storage.records.set(KEY, ended)
  logInAtReading(2)
  await tab.session.reload()
  expect(recordIn(storage)).toEqual(newer)
})

test('nor is one while a logout deletes what it has ended', async () => {
  const { storage, tab, newer, logInAtReading } = await interruptWithLogin()
  logInAtReading(1)
  await tab.session.end()
  expect(recordIn(storage)).toEqual(newer)
})

test('a record of before a logout, whose deletion failed, is deleted', async () => {
  const { storage, tab, ended } = await interruptWithLogin()
  await tab.session.end()
  storage.records.set(KEY, ended)
  await tab.session.reload()
  expect(storage.records.size).toBe(0)
})

test('a logout of a page that has restored nothing has what is stored of its generation', async () => {
  beginGeneration()
  const storage = createSharedStorage()
  await signIn(openTab(storage))
  const { idToken, refreshToken } = recordIn(storage)!
  const tab = openTab(storage)
  expect(await tab.session.end()).toEqual({ idToken, refreshToken })
  expect(storage.records.size).toBe(0)
})

test('a logout where nothing is stored is nothing to warn of', async () => {
  const tab = openTab()
  expect(await tab.session.end()).toEqual({ idToken: undefined, refreshToken: undefined })
  expect(tab.warnings).toEqual([])
})

test('a refresh token whose record was deleted is not marked, but has ended', async () => {
  const { storage, one } = await openTwo()
  const held = one.session.refreshToken!
  storage.records.clear()
  expect(await one.session.refreshTokens!.claim(held, markSent(held, Date.now()))).toBe('changed')
  expect(one.session.refreshToken).toBeNull()
})

test('a silent login brings the refresh token that there was none of', async () => {
  const storage = createSharedStorage()
  const tab = openTab(storage)
  await tab.session.restore()
  await tab.session.renewed(...bring('alice', { refreshToken: 'of a silent login' }), {
    generation: tab.session.currentGeneration(),
    refreshToken: undefined,
  })
  expect(tab.session.refreshToken?.token).toBe('of a silent login')
  expect(recordIn(storage)?.refreshToken?.token).toBe('of a silent login')
})
