import { createWebStore } from '../storage/web-store.ts'
import { customStorage } from './custom-storage.ts'
import type { TokenStorage } from './token-storage.ts'

/**
 * Keeps the session in `localStorage` (all tabs, across restarts) or `sessionStorage` (one tab).
 * Every script of the page can read it there, and it lies unencrypted on the disk. A refresh token
 * is in `sessionStorage` only between one page and the next of its tab, or one client and the next,
 * because a browser copies all of it when a tab is duplicated.
 *
 * @param open called at each use, because touching a blocked storage throws
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, tokenStorage: webStorage(() => localStorage) })
 * ```
 */
export function webStorage(open: () => Storage): TokenStorage {
  return customStorage(createWebStore(open))
}
