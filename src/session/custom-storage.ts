import { configInvalid } from '../protocol/request-parameters.ts'
import type { CustomStorage, KeyValueStorage } from '../storage/storage.ts'
import { createStoredSession } from './stored-session.ts'
import type { OpenableStorage } from './openable-storage.ts'
import type { TokenStorage } from './token-storage.ts'

/**
 * Keeps the session in a storage of the app's own: three functions, so that any store fits.
 *
 * @throws AuthError `config_invalid` where one of them is missing
 * @example
 * ```ts
 * const values = new Map<string, unknown>()
 * createAuthClient({
 *   issuer,
 *   clientId,
 *   redirectUri,
 *   tokenStorage: customStorage({
 *     get: async (key) => values.get(key),
 *     set: async (key, value) => void values.set(key, value),
 *     delete: async (key) => void values.delete(key),
 *     shared: false,
 *   }),
 * })
 * ```
 */
export function customStorage(storage: CustomStorage): TokenStorage {
  for (const name of ['get', 'set', 'delete'] as const)
    if (typeof (storage as CustomStorage | null)?.[name] !== 'function')
      throw configInvalid(`customStorage.${name}`)
  const opened: OpenableStorage = {
    get kind() {
      const { shared, copied, update }: KeyValueStorage = storage
      return JSON.stringify([shared, copied, typeof update])
    },
    open: (memory, options) => createStoredSession(storage, memory, options),
  }
  return opened
}
