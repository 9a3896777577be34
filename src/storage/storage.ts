/**
 * A storage of the app's own, for `customStorage`. Values are plain JSON data. Tabs that share a
 * storage share the session; one that belongs to a single page says so with `shared: false`, and
 * spares itself the locks.
 *
 * A storage that throws or hangs never fails a call: the memory goes on, and a `warning` event
 * tells.
 */
export interface CustomStorage {
  readonly shared?: boolean | undefined
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  delete(key: string): Promise<void>
  /**
   * Changes a value in one step, between which no other tab comes. `change` gives the new value,
   * `undefined` to delete it, or what it was given to leave it. Without it, Sotto reads and writes
   * under a lock.
   */
  update?(key: string, change: (value: unknown) => unknown): Promise<void>
}

/** What the storages of this library say besides. */
export interface KeyValueStorage extends CustomStorage {
  /**
   * Whether what is in it is copied with the tab, as `sessionStorage` is when a tab is duplicated:
   * a refresh token is kept in it only while the page is away.
   */
  readonly copied?: boolean
}

/**
 * Where pending logins are kept: synchronous, because it must hold before the page leaves.
 * `sessionStorage` and `localStorage` fit.
 */
export interface TransactionStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/**
 * The key of something that belongs to one client of one issuer. The app's own keys, and those of
 * another client on the same origin, are never touched: no issuer that we accept contains a space.
 */
export function storageKey(kind: string, issuer: string, clientId: string): string {
  return `sotto:${kind} ${issuer} ${clientId}`
}
