import { expect, test } from 'vitest'
import { customStorage, type CustomStorage } from 'sotto'
import type { OpenableStorage } from '../../src/session/openable-storage.ts'

const storage: CustomStorage = {
  get: async () => undefined,
  set: async () => {},
  delete: async () => {},
}
const kindOf = (changes: Partial<CustomStorage>): string =>
  (customStorage({ ...storage, ...changes }) as OpenableStorage).kind

test('two storages are of one kind only where tabs and copies of a tab have the same from them', () => {
  const update: CustomStorage['update'] = async (_key, change) => void change(undefined)
  const kinds = [{}, { shared: true }, { shared: false }, { copied: true }, { update }].map(kindOf)
  expect(new Set(kinds).size).toBe(kinds.length)
  expect(kindOf({ update: async () => {} })).toBe(kindOf({ update }))
  expect(kindOf({ shared: true })).toBe(kindOf({ shared: true }))
})

test.each(['get', 'set', 'delete'] as const)('a storage without %s is refused by name', (name) => {
  expect(() => customStorage({ ...storage, [name]: undefined })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: `customStorage.${name}` }),
  )
  expect(() => customStorage(null as never)).toThrow(
    expect.objectContaining({ reason: 'customStorage.get' }),
  )
})
