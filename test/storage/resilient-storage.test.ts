import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLocks } from '../../src/browser/lock.ts'
import { createResilientStorage } from '../../src/storage/resilient-storage.ts'
import type { CustomStorage } from '../../src/storage/storage.ts'
import { createLocks as createBrowserLocks } from '../support/flow-locks.ts'
import { createSharedStorage } from '../support/flow-storage.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('origin', 'http://localhost:3000')
})
afterEach(() => {
  vi.useRealTimers()
})

function wrap(storage: unknown) {
  const warnings: string[] = []
  const resilient = createResilientStorage(
    storage as CustomStorage,
    createLocks(),
    (...words: string[]) => warnings.push(...words),
  )
  return {
    resilient,
    warnings,
    set: (value: unknown) => resilient.update('a', () => value),
    remove: () => resilient.update('a', () => undefined, true),
  }
}

const hang = () => new Promise<never>(() => {})
const passTime = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const fail = () => Promise.reject(new Error('no'))
const throwAtOnce = () => {
  throw new Error('no')
}

test('passes values, keys and deletions on', async () => {
  const storage = createSharedStorage()
  const { resilient, warnings, set, remove } = wrap(storage)
  expect(await set({ v: 1 })).toBe(true)
  expect([...storage.records.keys()]).toEqual(['a'])
  expect(await resilient.get('a')).toEqual({ v: 1 })
  expect(await remove()).toBe(true)
  // Not undefined, which says that nobody knows.
  expect(await resilient.get('a')).toBeNull()
  expect(warnings).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('a change is given what is stored, and may leave it', async () => {
  const storage = createSharedStorage()
  const { resilient, set } = wrap(storage)
  await set(1)
  storage.calls.length = 0
  await resilient.update('a', (value) => (value === 1 ? value : 2))
  expect(storage.calls).toEqual(['get'])
  await resilient.update('a', (value) => Number(value) + 1)
  expect(storage.records.get('a')).toBe(2)
})

test('changes at the same time take turns', async () => {
  const storage = createSharedStorage()
  const { resilient, set } = wrap(storage)
  await set(0)
  const count = () => resilient.update('a', (value) => Number(value) + 1)
  await Promise.all([count(), count(), count()])
  expect(storage.records.get('a')).toBe(3)
})

test('a storage with a step of its own is asked for that, and no lock is taken', async () => {
  const update = vi.fn(async (_key: string, change: (value: unknown) => unknown) => {
    change('before')
  })
  const request = vi.fn()
  vi.stubGlobal('navigator', { locks: { request } })
  const { resilient } = wrap({ ...createSharedStorage(), update })
  const seen: unknown[] = []
  expect(await resilient.update('a', (value) => seen.push(value))).toBe(true)
  expect(seen).toEqual(['before'])
  expect(request).not.toHaveBeenCalled()
})

test('a lock that another tab does not give back is waited for a second, and the change is made', async () => {
  const locks = createBrowserLocks()
  vi.stubGlobal('navigator', { locks })
  void locks.request('a storage', {}, () => new Promise(() => {}))
  const storage = createSharedStorage()
  const done = wrap(storage).set(1)
  await vi.advanceTimersByTimeAsync(999)
  expect(storage.records.size).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(await done).toBe(true)
  expect(storage.records.get('a')).toBe(1)
})

test('a page that goes away writes without waiting, and hears of no failure', () => {
  const storage = createSharedStorage()
  wrap(storage).resilient.write('a', 1)
  expect(storage.records.get('a')).toBe(1)
  for (const set of [fail, throwAtOnce])
    expect(() => wrap({ ...storage, set }).resilient.write('a', 1)).not.toThrow()
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
])(
  'a storage that %s does nothing, and gives one warning for each operation',
  async (_name, use) => {
    const { resilient, warnings, set, remove } = wrap({ get: use, set: use, delete: use })
    for (let round = 0; round < 3; round++) {
      expect(await resilient.get('a')).toBeUndefined()
      expect(await set(1)).toBe(false)
      expect(await remove()).toBe(false)
    }
    // It was read first, and that failed.
    expect(warnings).toEqual(['get'])
  },
)

test('says which operation failed: reading, writing or deleting', async () => {
  const get = async () => 'x'
  const { warnings, set, remove } = wrap({ get, set: fail, delete: fail })
  expect([await set(1), await remove()]).toEqual([false, false])
  expect(warnings).toEqual(['set', 'delete'])
})

// covers fault:storage-of-the-app
test('a storage that answers without promises works', async () => {
  const { resilient, warnings, set, remove } = wrap({
    get: () => 'x',
    set: () => {},
    delete: () => 7,
  })
  expect(await resilient.get('a')).toBe('x')
  expect([await set(1), await remove()]).toEqual([true, true])
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

test('a storage that hung is left alone, but what is urgent is still tried', async () => {
  const storage = { get: vi.fn(hang), set: vi.fn(hang), delete: vi.fn(async () => {}) }
  const { resilient, set, remove } = wrap(storage)
  const found = resilient.get('a')
  await vi.advanceTimersByTimeAsync(2000)
  await found
  expect(await resilient.get('a')).toBeUndefined()
  expect(await set(1)).toBe(false)
  expect(storage.get).toHaveBeenCalledTimes(1)
  storage.get.mockImplementation(async () => 'x' as never)
  expect(await remove()).toBe(true)
  expect(storage.delete).toHaveBeenCalledTimes(1)
  expect(storage.set).not.toHaveBeenCalled()
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
  expect(resilient.hangs()).toBe(true)
  await vi.advanceTimersByTimeAsync(1000)
  expect(await resilient.get('a')).toBe('now')
  expect(resilient.hangs()).toBe(false)
})

test('says not a word of the error', async () => {
  const broken = () => Promise.reject(new Error('could not write eyJ…'))
  const { warnings, set } = wrap({ ...createSharedStorage(), set: broken })
  await set('eyJ…')
  expect(warnings).toEqual(['set'])
})
