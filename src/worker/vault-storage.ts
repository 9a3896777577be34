import { ownFields } from '../protocol/without-prototype.ts'
import type { KeyValueStorage } from '../storage/storage.ts'
import type { StoredValue } from './messages.ts'
import type { VaultConnection } from './vault-connection.ts'

/** How often other tabs may come first. */
const MAX_ROUNDS = 50

/** Values in the memory of the worker, which the tabs share where they share the worker. */
export function createVaultStorage({ ask, isShared }: VaultConnection): KeyValueStorage {
  async function read(key: string): Promise<StoredValue> {
    return ownFields(await ask({ verb: 'read', key }))
  }

  async function update(key: string, change: (value: unknown) => unknown): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { value, revision } = await read(key)
      const after = change(value)
      if (after === value) return
      if (await ask({ verb: 'write', key, value: after, revision })) return
    }
    throw new TypeError()
  }

  return {
    get shared() {
      return isShared()
    },
    get: async (key) => (await read(key)).value,
    set: (key, value) => update(key, () => value),
    delete: (key) => update(key, () => undefined),
    update,
  }
}
