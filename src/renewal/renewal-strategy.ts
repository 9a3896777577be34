import type { AuthErrorCode } from '../errors.ts'
import type { RedirectContext } from '../authorization/redirect.ts'
import type { Fetch, ServerMetadata } from '../protocol/discovery.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Target } from '../protocol/transaction.ts'
import type { KeepRefreshTokens } from '../session/refresh-tokens.ts'
import type { Session } from '../session/session-view.ts'
import type { TokenEntry } from '../session/token-cache.ts'
import type { TransactionStorage } from '../storage/storage.ts'
import type { CookieWatch } from './cookie-watch.ts'

/** What a strategy is told of the client that it renews for. */
export interface RenewalContext {
  readonly issuer: string
  readonly clientId: string
  /** The client's redirect URI, whole. */
  readonly redirectUri: string
  /** Sends one request: with the client's deadline, without cookies, and no redirect is followed. */
  readonly fetch: Fetch
  /** The metadata of the authorization server, from memory where it was fetched before. */
  metadata(): Promise<ServerMetadata>
}

/** What the strategies of this library use besides. */
export interface InternalContext extends RenewalContext, RedirectContext {
  readonly options: RedirectContext['options'] & {
    readonly scope: string
    readonly audience?: string
    readonly resource: readonly string[]
    readonly renewal: readonly RenewalStrategy[]
    readonly responseMode: 'query' | 'fragment'
    readonly timeoutMs: number
  }
  readonly session: Session
  /** The key of the session record; the names of locks begin with it. */
  readonly sessionKey: string
  readonly cookies: CookieWatch
  /** Tells that something was worked around. */
  readonly warn: (code: AuthErrorCode | 'scope_narrowed', reason: string) => void
  readonly openTransactions: () => TransactionStorage
  /** Whether `start` is at work. */
  readonly isStarting: () => boolean
}

export interface RenewalOptions {
  /** Aborted when no caller waits any more, and by a logout. */
  readonly signal: AbortSignal
  /** To be called right before a token request is sent: from then on the work is not aborted, because its answer would be lost. */
  readonly onTokenRequest: () => void
  /**
   * True for an attempt in the background while the server's cookies seem not to reach a frame: what depends on them is not tried.
   */
  readonly cookiesBlocked?: boolean
  /** A token that has come later answers the request as well, on the clock of `performance.now()`; `-Infinity` where any does that is good. */
  readonly since: number
  /** True where every other strategy has failed. */
  readonly isLastResort?: boolean
  /** Whether another strategy comes after this one. */
  readonly hasNext?: boolean
}

/** What the strategies of this library are told besides. */
export interface InternalOptions extends RenewalOptions {
  /** The one that the session has to be of until the end. */
  readonly generation: string
}

/**
 * What came of a strategy: new tokens; `entry`, a token that is in the cache and the storage already; or `notPossible`, which says why
 * there is none now, and lets the next strategy try.
 */
export type RenewalResult =
  { readonly tokens: TokenSet } | { readonly entry: TokenEntry } | { readonly notPossible: string }

/** One way to get new tokens without the user: a function, which may have a name for events and errors. */
export interface RenewalStrategy {
  (context: RenewalContext, request: Target, options: RenewalOptions): Promise<RenewalResult>
  /** What events and errors call it. Default: `custom`. */
  readonly label?: string
  /** For `refreshToken()` alone: what the session needs for it. Without one that has it no refresh token is kept. */
  readonly keepRefreshTokens?: KeepRefreshTokens
  /** For `refreshToken()` alone: has all strategies revoke a token. Never rejects. */
  readonly endRefreshToken?: (context: InternalContext, token: string) => Promise<void>
  /** Called with what every login has brought, silent ones too. */
  readonly onLogin?: (context: RenewalContext, tokens: TokenSet) => void
  /** Called with a refresh token that ends with the session, to revoke it at the server. */
  readonly onLogout?: (context: RenewalContext, refreshToken: string) => void | Promise<void>
}

/** A strategy that is given a refresh token in doubt back when every other one has failed. */
export const IN_DOUBT = 'in_doubt'
