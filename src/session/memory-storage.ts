import type { TokenStorage } from './token-storage.ts'

/**
 * Keeps the session in this page's memory: nothing of it is on the disk, and a reload asks the
 * server again. The default.
 *
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, tokenStorage: memoryStorage() })
 * ```
 */
export function memoryStorage(): TokenStorage {
  return { kind: 'memory', open: () => undefined }
}
