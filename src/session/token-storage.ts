/**
 * Where the session is kept: what `memoryStorage`, `webStorage`, `indexedDbStorage` or
 * `customStorage` gives. The value brings the code of the stored session with it, so that an app
 * with memory alone does not carry it.
 */
export interface TokenStorage {
  /** Tells one kind from another. */
  readonly kind: string
  /** For this library alone. */
  readonly open: (...internal: never) => unknown
}
