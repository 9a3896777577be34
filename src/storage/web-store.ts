import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import type { KeyValueStorage } from './storage.ts'

/**
 * How long other tabs may read what was there before, in milliseconds: browsers copy `localStorage`
 * between processes, and a Web Lock that is released meanwhile is no help. A few milliseconds were
 * seen where nothing else was going on.
 */
const COPY_MS = 50

/**
 * Values in `localStorage`, which all tabs share, or in `sessionStorage`, which is copied with its
 * tab.
 *
 * @param open called at each use, because touching a blocked storage throws
 */
export function createWebStore(open: () => Storage): KeyValueStorage {
  const isOfOneTab = (): boolean =>
    tryOrUndefined(() => open() === globalThis.sessionStorage) ?? false
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
      // Whoever holds a lock for this holds it until then: the next tab must not send a token that
      // has just been replaced.
      if (!isOfOneTab()) await new Promise((resolve) => setTimeout(resolve, COPY_MS))
    },
    async delete(key) {
      open().removeItem(key)
    },
  }
}
