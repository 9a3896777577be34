import { attempt } from '../browser/attempt.ts'
import type { TokenStorage } from './storage.ts'

/**
 * How long other tabs may read what was there before, in milliseconds: browsers copy `localStorage` between processes, and a Web Lock that
 * is released meanwhile is no help. A few milliseconds were seen where nothing else was going on.
 */
const COPY_MS = 50

/**
 * Keeps the session in `localStorage` (all tabs, across restarts) or `sessionStorage` (one tab). Every script of the page can
 * read it there, and it lies unencrypted on the disk. A refresh token is in `sessionStorage` only between one page and the next of
 * its tab, because a browser copies all of it when a tab is duplicated.
 *
 * @param open called at each use, because touching a blocked storage throws
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, tokenStorage: webStorage(() => localStorage) })
 * ```
 */
export function webStorage(open: () => Storage): TokenStorage {
  const isOfOneTab = (): boolean => attempt(() => open() === globalThis.sessionStorage) ?? false
  return {
    get shared() {
      return !isOfOneTab()
    },
    get copied() {
      return isOfOneTab()
    },
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
      // Whoever holds a lock for this holds it until then: the next tab must not send a token that has just been replaced.
      if (!isOfOneTab()) await new Promise((resolve) => setTimeout(resolve, COPY_MS))
    },
    async delete(key) {
      open().removeItem(key)
    },
  }
}
