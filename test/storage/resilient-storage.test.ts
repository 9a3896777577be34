import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createResilientStorage } from '../../src/storage/resilient-storage.ts'
import type { TokenStorage } from '../../src/storage/storage.ts'
import { createSharedStorage } from '../support/flow-storage.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function wrap(storage: unknown) {
  const warnings: string[] = []
  const resilient = createResilientStorage(storage as TokenStorage, (operation) =>
    warnings.push(operation),
  )
  return { resilient, warnings }
}

const hang = () => new Promise<never>(() => {})
const passTime = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const fail = () => Promise.reject(new Error('no'))
const throwAtOnce = () => {
  throw new Error('no')
}

test('passes values, keys and deletions on', async () => {
  const storage = createSharedStorage()
  const { resilient, warnings } = wrap(storage)
  await resilient.set('a', { v: 1 })
  expect(await resilient.get('a')).toEqual({ v: 1 })
  await resilient.delete('a')
  // Not undefined, which says that nobody knows.
  expect(await resilient.get('a')).toBeNull()
  expect(warnings).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  ['undefined counts as shared', {}, true],
  ['false is kept', { shared: false }, false],
])('shared: %s', (_name, fields, expected) => {
  expect(wrap({ ...createSharedStorage(), ...fields }).resilient.shared).toBe(expected)
})

test.each([
  ['rejects', fail],
  ['throws at once', throwAtOnce],
  ['lacks its methods', undefined],
])('a storage that %s gives undefined, and one warning for each operation', async (_name, use) => {
  const { resilient, warnings } = wrap({ get: use, set: use, delete: use })
  for (let round = 0; round < 3; round++) {
    expect(await resilient.get('a')).toBeUndefined()
    await resilient.set('a', 1)
    await resilient.delete('a')
  }
  expect(warnings).toEqual(['get', 'set', 'delete'])
})

// covers fault:storage-of-the-app
test('a storage that answers without promises works', async () => {
  const { resilient, warnings } = wrap({ get: () => 'x', set: () => {}, delete: () => 7 })
  expect(await resilient.get('a')).toBe('x')
  await resilient.set('a', 1)
  await resilient.delete('a')
  expect(warnings).toEqual([])
})

test('a storage that throws once is tried again', async () => {
  const get = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValue('x')
  const { resilient } = wrap({ ...createSharedStorage(), get })
  expect(await resilient.get('a')).toBeUndefined()
  expect(await resilient.get('a')).toBe('x')
})

// covers fault:storage-indexed-db
test('a storage that hangs holds nobody up for more than two seconds', async () => {
  const { resilient, warnings } = wrap({ get: hang, set: hang, delete: hang })
  const found = resilient.get('a')
  await vi.advanceTimersByTimeAsync(2000)
  expect(await found).toBeUndefined()
  expect(warnings).toEqual(['get'])
})

test('a storage that hung is left alone, but deleting is still tried', async () => {
  const storage = { get: vi.fn(hang), set: vi.fn(hang), delete: vi.fn(async () => {}) }
  const { resilient } = wrap(storage)
  const found = resilient.get('a')
  await vi.advanceTimersByTimeAsync(2000)
  await found
  expect(await resilient.get('a')).toBeUndefined()
  await resilient.set('a', 1)
  await resilient.delete('a')
  expect(storage.get).toHaveBeenCalledTimes(1)
  expect(storage.set).not.toHaveBeenCalled()
  expect(storage.delete).toHaveBeenCalledTimes(1)
})

// covers fault:storage-late
test.each([
  ['answers', async () => 'late'],
  ['fails', fail],
])('a storage that hung is used again once it %s', async (_name, end) => {
  const answers = [() => passTime(3000).then(end), async () => 'now']
  const { resilient } = wrap({ ...createSharedStorage(), get: () => answers.shift()!() })
  const found = resilient.get('a')
  await vi.advanceTimersByTimeAsync(2000)
  expect(await found).toBeUndefined()
  expect(await resilient.get('a')).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1000)
  expect(await resilient.get('a')).toBe('now')
})

test('says which operation failed, and not a word of the error', async () => {
  const told: unknown[][] = []
  const storage = {
    ...createSharedStorage(),
    set: () => Promise.reject(new Error('could not write eyJ…')),
  }
  const resilient = createResilientStorage(storage, (...words) => told.push(words))
  await resilient.set('a', 'eyJ…')
  expect(told).toEqual([['set']])
})

test.each([
  ['is empty', { get: async () => undefined, set: fail }, false],
  ['fails', { get: fail, set: fail }, false],
  ['has something', { get: async () => 'x', set: fail }, true],
  ['was written', { get: fail, set: async () => {} }, true],
])('a storage that %s: has worked %s', async (_what, storage, expected) => {
  const { resilient } = wrap(storage)
  await resilient.get('a')
  await resilient.set('a', 1)
  expect(resilient.worked()).toBe(expected)
})
