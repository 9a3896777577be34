import { IDBDatabase as FDBDatabase, IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, test, vi } from 'vitest'
import { createKeyHolder } from '../../src/dpop/key-holder.ts'

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory())
})

const nothing = (): void => {}

// covers spec:dpop-key-rotated
test('a key that was being read when it was forgotten does not come back', async () => {
  const { jkt } = await createKeyHolder('a', nothing).load()
  const keys = createKeyHolder('a', nothing)
  const loading = keys.load()
  await keys.forget(true)
  expect((await loading).jkt).toBe(jkt)
  expect(keys.current).toBeUndefined()
  expect((await keys.load()).jkt).not.toBe(jkt)
})

// covers spec:dpop-key-shared
test('calls at once read it once', async () => {
  const keys = createKeyHolder('a', nothing)
  const [one, other] = await Promise.all([keys.load(), keys.load()])
  expect(one).toBe(other)
  expect(keys.current).toBe(one)
})

test('two clients of a page have keys of their own', async () => {
  const [one, other] = await Promise.all([
    createKeyHolder('a', nothing).load(),
    createKeyHolder('b', nothing).load(),
  ])
  expect(one.jkt).not.toBe(other.jkt)
})

// covers spec:dpop-binding-cache
test('tells of another key only where there was one before', async () => {
  const onChange = vi.fn<() => void>()
  const keys = createKeyHolder('a', onChange)
  const { jkt } = await keys.load()
  await keys.load()
  expect(onChange).not.toHaveBeenCalled()
  const other = createKeyHolder('a', nothing)
  await other.load()
  await other.forget()
  await other.load()
  expect((await keys.load()).jkt).not.toBe(jkt)
  expect(onChange).toHaveBeenCalledOnce()
})

// covers fault:dpop-no-indexed-db
test('a storage that fails later leaves the key that there is', async () => {
  const keys = createKeyHolder('a', nothing)
  const { jkt } = await keys.load()
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
    throw new DOMException('refused', 'SecurityError')
  })
  vi.spyOn(FDBDatabase.prototype, 'transaction').mockImplementation(() => {
    throw new DOMException('closed', 'InvalidStateError')
  })
  expect((await keys.load()).jkt).toBe(jkt)
  expect(keys.isKept).toBe(false)
  await keys.forget()
  expect((await keys.load()).jkt).not.toBe(jkt)
})
