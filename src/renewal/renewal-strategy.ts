import type { ClientContext } from '../context.ts'
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
}

/** One way to get new tokens without the user. `notPossible` says why it is none now, and lets the next strategy try. */
export type RenewalStrategy = (
  context: ClientContext,
  request: Target,
  options: RenewalOptions,
) => Promise<{ readonly tokens: TokenSet } | { readonly notPossible: string }>
