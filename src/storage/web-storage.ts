import type { TokenStorage } from './storage.ts'

/**
 * Keeps the session in `localStorage` (all tabs, across restarts) or `sessionStorage` (one tab). Every script of the page can
 * read it there, and it lies unencrypted on the disk.
 *
 * @param open called at each use, because touching a blocked storage throws
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, tokenStorage: webStorage(() => localStorage) })
 * ```
 */
export function webStorage(open: () => Storage): TokenStorage {
  return {
    async get(key) {
      const text = open().getItem(key)
      if (text === null) return undefined
      try {
        return JSON.parse(text) as unknown
      } catch {
        // Not ours: what reads it says that it is corrupt.
        return text
      }
    },
    async set(key, value) {
      open().setItem(key, JSON.stringify(value))
    },
    async delete(key) {
      open().removeItem(key)
    },
  }
}
