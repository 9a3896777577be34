import type { Fetch, ServerMetadata } from '../protocol/discovery.ts'
import type { Target } from '../protocol/target.ts'
import type { TokenSet } from '../protocol/token-set.ts'

/** What a strategy is told of the client that it renews for. */
export interface RenewalContext {
  readonly issuer: string
  readonly clientId: string
  /** The client's redirect URI, whole. */
  readonly redirectUri: string
  /**
   * Sends one request: with the client's deadline, without cookies, and no redirect is followed.
   */
  readonly fetch: Fetch
  /** The metadata of the authorization server, from memory where it was fetched before. */
  metadata(): Promise<ServerMetadata>
}

export interface RenewalOptions {
  /** Aborted when no caller waits any more, and by a logout. */
  readonly signal: AbortSignal
  /**
   * To be called right before a token request is sent: from then on the work is not aborted,
   * because its answer would be lost.
   */
  readonly onTokenRequest: () => void
  /**
   * True for an attempt in the background while the server's cookies seem not to reach a frame:
   * what depends on them is not tried.
   */
  readonly cookiesBlocked?: boolean
}

/**
 * What came of a strategy: new tokens, or `notPossible`, which says why there are none now, and
 * lets the next strategy try.
 */
export type RenewalResult = { readonly tokens: TokenSet } | { readonly notPossible: string }

/**
 * One way to get new tokens without the user: a function, which may have a name for events and
 * errors.
 */
export interface RenewalStrategy {
  (context: RenewalContext, request: Target, options: RenewalOptions): Promise<RenewalResult>
  /** What events and errors call it. Default: `custom`. */
  readonly label?: string
  /** Called with what every login has brought, silent ones too. */
  readonly onLogin?: (context: RenewalContext, tokens: TokenSet) => void
  /** Called with a refresh token that ends with the session, to revoke it at the server. */
  readonly onLogout?: (context: RenewalContext, refreshToken: string) => void | Promise<void>
}
