import type { TokenEntry } from '../session/token-cache.ts'
import type { ClientContext } from '../client/context.ts'
import type { Target } from '../protocol/transaction.ts'
import type { TokenSet } from '../protocol/token-set.ts'

export interface RenewalOptions {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
  /** To be called right before a grant is sent: from then on the work is not aborted, because the grant would be lost. */
  readonly onGrant: () => void
  /**
   * True for an attempt in the background while the server's cookies seem not to reach a frame: what depends on them is not tried.
   */
  readonly cookiesBlocked?: boolean
  /** A token that has come later answers the request as well, on the clock of `performance.now()`; `-Infinity` where any does that is good. */
  readonly since: number
  /** Until when it may wait for locks, by `performance.now()`. */
  readonly lockUntil?: number
}

/**
 * What came of a strategy: new tokens; `entry`, a token that is in the cache and the storage already; or `notPossible`, which says why
 * there is none now, and lets the next strategy try.
 */
export type RenewalResult =
  { readonly tokens: TokenSet } | { readonly entry: TokenEntry } | { readonly notPossible: string }

/** One way to get new tokens without the user: a function, which may have a name for events and errors. */
export interface RenewalStrategy {
  (context: ClientContext, request: Target, options: RenewalOptions): Promise<RenewalResult>
  /** What events and errors call it. Default: `custom`. */
  readonly label?: string
  /** Whether the refresh token of a stored session is of use to it; where it is to none, it is not kept. */
  readonly usesRefreshToken?: boolean
  /** Called with what every login has brought, silent ones too, right before the session is written: to keep its refresh token. */
  readonly onLogin?: (context: ClientContext, tokens: TokenSet, entry: TokenEntry) => void
}
