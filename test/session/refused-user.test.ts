// @vitest-environment happy-dom
// What stays in the storage where a silent answer is of another user.
import { beforeEach, expect, test } from 'vitest'
import { createEpoch, createSessionEpochs } from '../../src/session/session-epoch.ts'
import { bring, KEY, openTwo, prepareTabs, recordIn, type Tab } from '../support/session-tab.ts'

beforeEach(prepareTabs)

async function bringBack({ session }: Tab, sub: string): Promise<void> {
  const renewed = session.renewed(...bring(sub), {
    generation: session.currentGeneration(),
    refreshToken: undefined,
  })
  await expect(renewed).rejects.toMatchObject({ code: 'user_changed' })
}

test('nothing but who it was', async () => {
  const { storage, one } = await openTwo()
  await bringBack(one, 'bob')
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', idToken: undefined, entries: [] })
})

test('the same where it was emptied: the next page does not go over to them either', async () => {
  const { storage, one } = await openTwo()
  storage.records.clear()
  await bringBack(one, 'bob')
  expect(recordIn(storage)).toMatchObject({ sub: 'alice', idToken: undefined, entries: [] })
})

test('that of a person who has logged in meanwhile', async () => {
  const { storage, one } = await openTwo()
  const { idToken } = bring('bob')[0]
  const ofBob = { ...recordIn(storage)!, sub: 'bob', idToken, refreshToken: undefined }
  storage.records.set(KEY, ofBob)
  await bringBack(one, 'carol')
  expect(recordIn(storage)).toEqual(ofBob)
})

test('that of a session which the tabs have not heard of yet', async () => {
  createSessionEpochs('epoch').write(createEpoch(false))
  const { storage, one } = await openTwo()
  const next = { ...recordIn(storage)!, generation: 'next' }
  storage.records.set(KEY, next)
  await bringBack(one, 'bob')
  expect(recordIn(storage)).toEqual(next)
})
