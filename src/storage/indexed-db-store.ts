import { createStore, del, get, promisifyRequest, set, type UseStore } from 'idb-keyval'
import type { KeyValueStorage } from './storage.ts'

/** Values in IndexedDB, which all tabs share. */
export function createIndexedDbStore(database = 'sotto', table = 'sessions'): KeyValueStorage {
  const store = createReopeningStore(() => createStore(database, table))
  return {
    get: (key) => get<unknown>(key, store),
    set: (key, value) => set(key, value, store),
    delete: (key) => del(key, store),
    // One transaction: it is what tabs wait for, and no lock is needed.
    update: (key, change) =>
      store('readwrite', (values) => {
        const read = values.get(key) as IDBRequest<unknown>
        read.onsuccess = () => {
          const before = read.result
          const after = change(before)
          if (after === before) return
          if (after === undefined) values.delete(key)
          else values.put(after, key)
        }
        return promisifyRequest(values.transaction)
      }),
  }
}

/**
 * A browser may close a connection without a word: then the next use fails once, and a new
 * connection works. Safari says `UnknownError` then, where its database process has gone. After any
 * other failure the connection is as good as before: a new one for each would be one more that
 * nobody closes.
 */
function createReopeningStore(open: () => UseStore): UseStore {
  let store: UseStore | undefined
  return async (mode, use) => {
    const used = (store ??= open())
    try {
      return await used(mode, use)
    } catch (error) {
      if (!/^(InvalidState|Unknown)Error$/.test((error as DOMException).name)) throw error
      // Several uses may have met it; one of them opens anew for all. Where it was the disk that
      // failed, the old one is as good as the new one, and would be left open.
      if (store === used) {
        store = open()
        used('readonly', ({ transaction }) => transaction.db.close()).catch(() => {})
      }
      return store(mode, use)
    }
  }
}
