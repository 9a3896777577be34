// @vitest-environment happy-dom
// The record in the storage, read and written one step at a time.
import { beforeEach, expect, test, vi } from 'vitest'
import { createLocks } from '../../src/browser/lock.ts'
import type { SessionRecord } from '../../src/session/read-session-record.ts'
import { createStoredRecord } from '../../src/session/stored-record.ts'
import { createResilientStorage } from '../../src/storage/resilient-storage.ts'
import type { KeyValueStorage } from '../../src/storage/storage.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { clientId, createTokenSet, issuer } from '../support/flow-tokens.ts'
import { createToken, KEY, prepareTabs } from '../support/session-tab.ts'

beforeEach(prepareTabs)

const createRecord = (sub = 'alice'): SessionRecord => ({
  v: 1,
  issuer,
  clientId,
  generation: 'one',
  dpopJkt: undefined,
  sub,
  idToken: createTokenSet({ claims: { sub } }).idToken,
  userInfo: undefined,
  entries: [],
  refreshToken: undefined,
})

function open(changes: Partial<KeyValueStorage> = {}) {
  const storage = createSharedStorage()
  const warnings: string[] = []
  const resilient = createResilientStorage({ ...storage, ...changes }, createLocks(), () => {})
  const client = { issuer, clientId, dpop: undefined }
  const record = createStoredRecord(resilient, KEY, client, (reason) => warnings.push(reason))
  return { record, warnings, ...storage }
}

/** How often something was decoded meanwhile. */
async function countDecoded(work: () => Promise<unknown>): Promise<number> {
  const parse = vi.spyOn(JSON, 'parse')
  await work()
  return parse.mock.calls.length
}

test('an ID token is decoded once, and not at all where this page has written it', async () => {
  const { record, records } = open()
  records.set(KEY, createRecord())
  expect(await countDecoded(record.read)).toBe(1)
  vi.restoreAllMocks()
  expect(await countDecoded(record.read)).toBe(0)
  await record.change(() => createRecord('bob'))
  expect(await record.read()).toMatchObject({ sub: 'bob' })
  expect(await countDecoded(record.read)).toBe(0)
})

test('the ID token of its refresh token is decoded only where it is another one', async () => {
  const { record, records } = open()
  const { idToken } = createRecord()
  const refreshToken = createToken('token')
  records.set(KEY, { ...createRecord(), refreshToken: { ...refreshToken, idToken } })
  expect(await countDecoded(record.read)).toBe(1)
  vi.restoreAllMocks()
  const claims = { sub: 'alice', auth_time: 1 }
  const other = createTokenSet({ claims }).idToken
  records.set(KEY, { ...createRecord(), refreshToken: { ...refreshToken, idToken: other } })
  expect(await countDecoded(record.read)).toBe(1)
})

test('a record that is deleted is not decoded again where it comes back', async () => {
  const { record, records } = open()
  records.set(KEY, createRecord())
  await record.read()
  await record.change(() => undefined)
  records.set(KEY, createRecord())
  expect(await countDecoded(record.read)).toBe(0)
})

test('an empty storage has nothing in it that does not fit', async () => {
  const { record, warnings } = open()
  const update = vi.fn(() => undefined)
  expect(await record.change(update)).toBe('nothing')
  expect(await record.read()).toBe('nothing')
  expect(update.mock.calls).toEqual([[undefined]])
  expect(warnings).toEqual([])
})

test('what does not fit goes with one warning, and what has replaced it meanwhile stays', async () => {
  const { record, warnings, records } = open()
  records.set(KEY, 'text')
  expect(await record.read()).toBe('nothing')
  expect(records.size).toBe(0)
  expect(warnings).toEqual(['corrupt'])
  const answers: unknown[] = ['text', createRecord()]
  const replaced = open({ get: async () => answers.shift() })
  expect(await replaced.record.read()).toEqual(createRecord())
  expect(replaced.warnings).toEqual([])
  expect(replaced.calls).toEqual([])
})

test('a record of a later version is nobody to change', async () => {
  const { record, warnings, records } = open()
  records.set(KEY, { v: 2 })
  const update = vi.fn(() => createRecord())
  expect(await record.change(update)).toBe('newer')
  expect(update).not.toHaveBeenCalled()
  expect(records.get(KEY)).toEqual({ v: 2 })
  expect(warnings).toEqual(['newer'])
})

test.each<[string, Partial<KeyValueStorage>]>([
  ['fails', { get: () => Promise.reject(new Error('blocked')) }],
  ['does not ask what is to be in it', { update: async () => {} }],
])('what is in a storage that %s is not known', async (_what, changes) => {
  const { record, warnings } = open(changes)
  expect(warnings).toEqual([])
  expect(await record.change(() => createRecord())).toBe('unknown')
})

test('a storage that cannot be read has nothing in it that does not fit', async () => {
  const update = vi.fn(async () => {})
  const { record, warnings } = open({ get: () => Promise.reject(new Error('blocked')), update })
  expect(await record.read()).toBe('unknown')
  expect(update).not.toHaveBeenCalled()
  expect(warnings).toEqual([])
})

test('a storage lacks a refresh token that was refused, and perhaps has one that came late', async () => {
  let write: () => Promise<void> = async () => {}
  const { record } = open({ get: async () => undefined, set: () => write() })
  const withToken = (token: string): SessionRecord => ({
    ...createRecord(),
    refreshToken: createToken(token),
  })
  expect(record.lacks(createToken('one'))).toBe(true)
  await record.change(() => withToken('one'))
  expect(record.lacks(createToken('one'))).toBe(false)
  write = () => Promise.reject(new Error('full'))
  await record.change(() => withToken('two'))
  expect(record.lacks(createToken('two'))).toBe(true)
  write = () => new Promise(() => {})
  vi.useFakeTimers()
  const change = record.change(() => withToken('three'))
  await vi.advanceTimersByTimeAsync(2000)
  expect(await change).toBe('unknown')
  expect(record.lacks(createToken('three'))).toBe(false)
})
