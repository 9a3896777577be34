import type { TokenStorage } from './storage.ts'

/**
 * Keeps the session in this page's memory: nothing of it is on the disk, and a reload asks the server again. The default.
 *
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, tokenStorage: memoryStorage() })
 * ```
 */
export function memoryStorage(): TokenStorage {
  const records = new Map<string, unknown>()
  return {
    shared: false,
    get: async (key) => records.get(key),
    async set(key, value) {
      records.set(key, value)
    },
    async delete(key) {
      records.delete(key)
    },
  }
}
