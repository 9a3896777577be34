import { expect, onTestFinished, test, vi } from 'vitest'
import { storageKey } from '../../src/storage/storage.ts'
import { createWebStore } from '../../src/storage/web-store.ts'
import { blockedStorage, createTransactionStorage } from '../support/flow-storage.ts'

const createWebStorage = () => {
  const items = createTransactionStorage()
  return { items, storage: createWebStore(() => items as unknown as Storage) }
}

test('a web storage gives back what it was given, until it is deleted', async () => {
  const { storage } = createWebStorage()
  expect(await storage.get('a')).toBeUndefined()
  await storage.set('a', { v: 1, list: [1] })
  await storage.set('b', 2)
  expect(await storage.get('a')).toEqual({ v: 1, list: [1] })
  await storage.delete('a')
  expect(await storage.get('a')).toBeUndefined()
  expect(await storage.get('b')).toBe(2)
})

test('a web storage is shared by the tabs', () => {
  expect(createWebStorage().storage.shared).not.toBe(false)
})

test('a write to a web storage takes until other tabs can read it, unless it is for this tab only', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { items, storage } = createWebStorage()
  let isWritten = false
  const write = storage.set('a', 1).then(() => (isWritten = true))
  expect(items.getItem('a')).toBe('1')
  await vi.advanceTimersByTimeAsync(49)
  expect(isWritten).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isWritten).toBe(true)
  await write
  vi.stubGlobal('sessionStorage', items)
  await storage.set('a', 2)
  expect(vi.getTimerCount()).toBe(0)
})

test('a web storage touches nothing before its first use', () => {
  expect(() => createWebStore(blockedStorage)).not.toThrow()
})

test('a web storage rejects, and never throws, where storage is blocked', async () => {
  const storage = createWebStore(blockedStorage)
  for (const use of [storage.get('a'), storage.set('a', 1), storage.delete('a')])
    await expect(use).rejects.toThrow('insecure')
})

test('a web storage rejects where the quota is used up', async () => {
  const full = { ...createTransactionStorage(), setItem: blockedStorage }
  const storage = createWebStore(() => full as unknown as Storage)
  await expect(storage.set('a', 1)).rejects.toThrow()
})

test('a web storage gives what is no JSON as it is, for its reader to refuse', async () => {
  const { items, storage } = createWebStorage()
  items.setItem('a', 'no json')
  expect(await storage.get('a')).toBe('no json')
})

// covers threat:mix-up spec:apps-of-one-origin
test('keys of different kinds, issuers and clients never meet', () => {
  const keys = [
    storageKey('session', 'https://a.example', 'app'),
    storageKey('mark', 'https://a.example', 'app'),
    storageKey('session', 'https://a.example/', 'app'),
    storageKey('session', 'https://a.example', 'app2'),
    storageKey('session', 'https://a.example/app', ''),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})
