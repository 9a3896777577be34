import {
  customStorage,
  type CustomStorage,
  type TokenStorage,
  type TransactionStorage,
} from 'sotto'

export interface SharedStorage extends CustomStorage {
  readonly records: Map<string, unknown>
  /** The operations so far. */
  readonly calls: string[]
}

/**
 * A storage that outlives its client, as IndexedDB does; values are copied on their way in and out.
 */
export function createSharedStorage(): SharedStorage {
  const records = new Map<string, unknown>()
  const calls: string[] = []
  return {
    records,
    calls,
    async get(key) {
      calls.push('get')
      return structuredClone(records.get(key))
    },
    async set(key, value) {
      calls.push('set')
      records.set(key, structuredClone(value))
    },
    async delete(key) {
      calls.push('delete')
      records.delete(key)
    },
  }
}

/** A storage as the option takes it: a plain one is wrapped. */
export function toTokenStorage(storage: TokenStorage | CustomStorage): TokenStorage {
  return 'get' in storage ? customStorage(storage) : storage
}

/** The synchronous kind, with the text of every value in reach. */
export function createTransactionStorage(): TransactionStorage & {
  readonly items: Map<string, string>
} {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

/** Touching it throws, as in a page whose storage is blocked. */
export const blockedStorage = (): never => {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}

/**
 * The keys of what is kept for logins that are under way; which responses came is not one of them.
 */
export function pendingLoginKeys(): string[] {
  return Object.keys(sessionStorage).filter((key) => key !== 'sotto:finished')
}
