import { IDBFactory, IDBObjectStore } from 'fake-indexeddb'
import { createStore, get, set } from 'idb-keyval'
import { beforeEach, expect, test, vi } from 'vitest'
import { createIndexedDbStore } from '../../src/storage/indexed-db-store.ts'

let opened: IDBDatabase[]

beforeEach(() => {
  const factory = new IDBFactory()
  const open = factory.open.bind(factory)
  opened = []
  vi.spyOn(factory, 'open').mockImplementation((...parameters) => {
    const request = open(...parameters)
    request.addEventListener('success', () => opened.push(request.result))
    return request
  })
  vi.stubGlobal('indexedDB', factory)
})

test('gives back what it was given, until it is deleted', async () => {
  const storage = createIndexedDbStore()
  expect(await storage.get('a')).toBeUndefined()
  await storage.set('a', { v: 1 })
  expect(await storage.get('a')).toEqual({ v: 1 })
  await storage.delete('a')
  expect(await storage.get('a')).toBeUndefined()
})

// covers fault:storage-other-keys
test('stores of the app itself, made with the same helper library, live beside it', async () => {
  const [storage, own] = [createIndexedDbStore(), createStore('app', 'settings')]
  await Promise.all([storage.set('a', 1), set('a', 2), set('a', 3, own)])
  expect(await Promise.all([storage.get('a'), get('a'), get('a', own)])).toEqual([1, 2, 3])
})

test('another instance, as in another tab, reads what this one wrote', async () => {
  const [one, other] = [createIndexedDbStore(), createIndexedDbStore()]
  await Promise.all([one.set('a', 1), other.set('b', 2)])
  expect(await other.get('a')).toBe(1)
  expect(await one.get('b')).toBe(2)
  expect(one.shared).not.toBe(false)
})

test('opens one connection, however often it is used', async () => {
  const storage = createIndexedDbStore()
  await Promise.all([storage.get('a'), storage.get('b')])
  await storage.set('a', 1)
  expect(opened).toHaveLength(1)
})

// covers fault:storage-closed
test('opens a new connection when the browser has closed the old one without a word', async () => {
  const storage = createIndexedDbStore()
  await storage.set('a', 1)
  opened[0]?.close()
  expect(await storage.get('a')).toBe(1)
  opened[1]?.close()
  await storage.set('a', 2)
  expect(await storage.get('a')).toBe(2)
  expect(opened).toHaveLength(3)
})

// covers fault:storage-opens-second-time
// covers fault:storage-connections
test('uses that fail, as on a full disk, open no connections of their own', async () => {
  const storage = createIndexedDbStore()
  await storage.set('a', 1)
  for (let use = 0; use < 3; use++)
    await expect(storage.set('a', () => {})).rejects.toThrow('could not be cloned')
  expect(await storage.get('a')).toBe(1)
  expect(opened).toHaveLength(1)
})

// What Safari says of every use of such a connection, once the app was in the background.
test('a connection to a database process that has gone is replaced', async () => {
  const storage = createIndexedDbStore()
  await storage.set('a', 1)
  vi.spyOn(opened[0]!, 'transaction').mockImplementation(() => {
    throw new DOMException('Connection to Indexed Database server lost', 'UnknownError')
  })
  expect(await storage.get('a')).toBe(1)
  await storage.set('a', 2)
  expect(await storage.get('a')).toBe(2)
  expect(opened).toHaveLength(2)
})

test('a disk that fails at every use leaves one connection open', async () => {
  const storage = createIndexedDbStore()
  await storage.set('a', 1)
  const failing = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('Internal error', 'UnknownError')
  })
  for (let use = 0; use < 3; use++)
    await expect(storage.set('a', 2)).rejects.toThrow('Internal error')
  failing.mockRestore()
  expect(await storage.get('a')).toBe(1)
  await vi.waitFor(() => expect(opened.filter(isOpen)).toHaveLength(1))
})

/** A closed connection begins no transaction. */
function isOpen(database: IDBDatabase): boolean {
  try {
    database.transaction('sessions').abort()
    return true
  } catch {
    return false
  }
}

test('several uses of a connection that was closed open one new connection', async () => {
  const storage = createIndexedDbStore()
  await storage.set('a', 1)
  opened[0]?.close()
  expect(await Promise.all([storage.get('a'), storage.get('a')])).toEqual([1, 1])
  expect(opened).toHaveLength(2)
})

test('a first opening that fails does not spoil the next', async () => {
  const storage = createIndexedDbStore()
  const factory = indexedDB
  vi.stubGlobal('indexedDB', {
    open() {
      throw new DOMException('not now', 'UnknownError')
    },
  })
  await expect(storage.get('a')).rejects.toThrow('not now')
  vi.stubGlobal('indexedDB', factory)
  await storage.set('a', 1)
  expect(await storage.get('a')).toBe(1)
})

// covers fault:storage-indexed-db
test('rejects, and never throws, where there is no IndexedDB', async () => {
  vi.stubGlobal('indexedDB', undefined)
  const storage = createIndexedDbStore()
  await expect(storage.get('a')).rejects.toThrow()
  await expect(storage.set('a', 1)).rejects.toThrow()
  await expect(storage.delete('a')).rejects.toThrow()
})

test('opens nothing before its first use', async () => {
  const storage = createIndexedDbStore()
  expect(opened).toHaveLength(0)
  await storage.get('a')
  expect(opened).toHaveLength(1)
})
