// @vitest-environment happy-dom
// What a page does with the word of other tabs, and what it tells them.
import { beforeEach, expect, test, vi } from 'vitest'
import { createSessionEpochs } from '../../src/session/session-epoch.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { bring, openTab, openTwo, prepareTabs, recordIn, signIn } from '../support/session-tab.ts'

beforeEach(prepareTabs)

test('a call that the cache answers looks at the other tabs once a second', async () => {
  const epochs = createSessionEpochs('epoch')
  const tab = openTab(createSharedStorage(), { epochs })
  await signIn(tab)
  const read = vi.spyOn(epochs, 'read')
  const findOften = () => {
    for (let calls = 0; calls < 5; calls++) tab.session.find('', 'openid')
    return read.mock.calls.length
  }
  expect(findOften()).toBe(1)
  vi.advanceTimersByTime(1000)
  expect(findOften()).toBe(1)
  vi.advanceTimersByTime(1)
  expect(findOften()).toBe(2)
})

test('a login that another tab tells of is not believed before it can be read', async () => {
  const { one } = await openTwo()
  const { epoch } = one.session
  expect(one.session.hear({ ...epoch, generation: 'other' })).toEqual(epoch)
  expect(one.session.getSnapshot()).toMatchObject({ status: 'authenticated' })
})

test('a user who logs in again changes nothing that other tabs go by', async () => {
  const epochs = createSessionEpochs('epoch')
  const tab = openTab(createSharedStorage(), { epochs })
  await signIn(tab)
  const write = vi.spyOn(epochs, 'write')
  await signIn(tab)
  expect(write).not.toHaveBeenCalled()
})

test('the first login of a page ends no session, whatever its parameters are', async () => {
  const tab = openTab()
  await tab.session.restore()
  const generation = tab.session.currentGeneration()
  const sessionParams = { organization: 'acme' }
  await tab.session.signIn(...bring(), { generation, sessionParams })
  expect(tab.ends).toEqual([])
})

test('another user is shown at once, and nobody in between', async () => {
  const shown: unknown[] = []
  const tab = openTab(undefined, { onChange: (snapshot) => shown.push(snapshot) })
  await signIn(tab)
  await signIn(tab, 'bob')
  expect(shown).toMatchObject([
    { status: 'authenticated', user: { sub: 'alice' } },
    { status: 'authenticated', user: { sub: 'bob' } },
  ])
})

test('a page whose storage is its own empties it where another tab has logged out', async () => {
  const storage = Object.assign(createSharedStorage(), { shared: false })
  const tab = openTab(storage)
  await signIn(tab)
  expect(storage.records.size).toBe(1)
  await openTab().session.end()
  tab.session.look()
  await vi.waitFor(() => expect(storage.records.size).toBe(0))
})

test('a page that has a token that is good leaves what is stored alone', async () => {
  const { storage, one } = await openTwo()
  const record = { ...recordIn(storage)!, entries: [], refreshToken: undefined }
  for (const key of storage.records.keys()) storage.records.set(key, record)
  storage.calls.length = 0
  expect(await one.session.endIfOver()).toBe(false)
  expect(storage.calls).toEqual([])
})

test('it is told whether a refresh token is in hand, whatever the answer brought', async () => {
  const told: boolean[] = []
  const tab = openTab(undefined, { onToken: (_tokens, _entry, has) => told.push(has) })
  const renew = () =>
    tab.session.renewed(...bring(), {
      generation: tab.session.currentGeneration(),
      refreshToken: undefined,
    })
  await tab.session.restore()
  await renew()
  await signIn(tab)
  await renew()
  expect(told).toEqual([false, true, true])
})

test('a login during which another user comes back does not say that it is there', async () => {
  const { storage, one } = await openTwo()
  const { set } = storage
  let refused: Promise<unknown> | undefined
  storage.set = async (...pair) => {
    await set(...pair)
    refused ??= one.session
      .renewed(...bring('bob'), {
        generation: one.session.currentGeneration(),
        refreshToken: undefined,
      })
      .catch(() => {})
    await Promise.resolve()
  }
  await expect(signIn(one)).rejects.toMatchObject({ code: 'user_changed' })
  await refused
  expect(one.session.user).toBeUndefined()
})
