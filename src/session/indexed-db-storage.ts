import { createIndexedDbStore } from '../storage/indexed-db-store.ts'
import { customStorage } from './custom-storage.ts'
import type { TokenStorage } from './token-storage.ts'

/**
 * Keeps the session in IndexedDB: all tabs, across restarts. Every script of the page can read it
 * there.
 *
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, tokenStorage: indexedDbStorage() })
 * ```
 */
export function indexedDbStorage(): TokenStorage {
  return customStorage(createIndexedDbStore())
}
