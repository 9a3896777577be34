import type { TokenSet } from '../protocol/token-set.ts'
import type { SessionEpoch } from './session-epoch.ts'
import type { AnonymousSnapshot } from './auth-snapshot.ts'
import type { SnapshotHolder } from './snapshot.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { StoredSession } from './stored-session.ts'
import type { HeldRefreshToken, RefreshTokenChange } from './stored-refresh-token.ts'
import type { TokenEntry } from './token-cache.ts'

/**
 * Who is signed in, here and in the token storage. The only place that changes it; what it holds is
 * private, and others see it through the readonly members. Nothing in here waits for the network,
 * nor for another tab's renewal.
 */
export interface Session extends Pick<
  SnapshotHolder,
  'identity' | 'user' | 'getSnapshot' | 'holdFailedLogin' | 'fail'
> {
  readonly refreshToken: HeldRefreshToken
  /** What is done with it, where a strategy uses it. */
  readonly refreshTokens: RefreshTokens | undefined
  /** Another one since what ended or began a session here last. */
  readonly revision: object
  /** Whether tabs share it: then another tab may have renewed, and is to be looked at first. */
  readonly isShared: boolean
  /** What the memory of this page belongs to. */
  readonly epoch: SessionEpoch
  /** Parameters that every silent request repeats. */
  readonly sessionParams: Readonly<Record<string, string>> | undefined
  /** Begins to follow the other tabs; to be called at first use in a browser. */
  open(): void
  /** The generation that a flow begins under. */
  currentGeneration(): string
  /**
   * A token from memory that is not about to end. Looks at the other tabs' logout once a second.
   */
  find(partition: string, scope: string): TokenEntry | undefined
  /** A token from memory that has not ended. */
  findUnexpired(partition: string, scope: string): TokenEntry | undefined
  /** The tokens in memory that have not ended. */
  entries(): TokenEntry[]

  /** Looks at what all tabs agree on, without a request. A session that was ended is forgotten. */
  look(): SessionEpoch
  /** Another tab tells that something changed. A logout is believed; anything else is looked at. */
  hear(told: SessionEpoch): SessionEpoch
  /** Takes over what the storage holds, once in the life of a page. */
  restore(): Promise<unknown>
  /** Takes over what the storage holds now. */
  reload(): Promise<unknown>
  /**
   * @returns the generation that a silent request begins under
   * @throws AuthError `logged_out` or `user_changed` where nothing may be asked silently
   */
  assertSilent(): string
  /**
   * @throws AuthError `logged_out` or `user_changed` where the session was ended since a flow began
   */
  assertCurrent(generation: string): void

  /**
   * A person logged in: the last word on who is signed in.
   *
   * @throws AuthError `logged_out` where a logout overtook the login, `claims_invalid` where the
   *   app's schema refuses the claims
   */
  signIn(
    tokens: TokenSet,
    entry: TokenEntry,
    options: {
      readonly generation: string
      readonly sessionParams: Readonly<Record<string, string>> | undefined
      /** Whether it took the place of a silent request: what the session has else stays. */
      readonly isFallback?: boolean
    },
  ): Promise<void>
  /**
   * The server gave new tokens without the user.
   *
   * @throws AuthError `logged_out` or `user_changed` where the session was ended since the renewal
   *   began, `user_changed` where the server answered for another user, `claims_invalid` where the
   *   app's schema refuses the claims and there is no user to keep; nothing is stored then
   */
  renewed(
    tokens: TokenSet,
    entry: TokenEntry,
    options: {
      readonly generation: string
      /** What became of the refresh token that was sent; undefined where none was. */
      readonly refreshToken: RefreshTokenChange | undefined
      /** The one that the session had when it was asked. Default: that of now. */
      readonly revision?: object | undefined
    },
  ): Promise<void>
  /**
   * The server knows no session. Ours is over if nothing that is good is left in what is stored
   * now.
   */
  endIfOver(): Promise<boolean>
  /** Drops the tokens in memory: they are bound to a key that is not in use any more. */
  dropBound(): void
  /** Drops all tokens but these, in all tabs; whatever is under way stores nothing any more. */
  dropTokens(generation: string, kept: readonly TokenEntry[]): Promise<void>
  /** No user is signed in, as far as the server knows: for a page that has no session to lose. */
  showAnonymous(reason?: AnonymousSnapshot['reason']): void
  /**
   * Ends the session here and in all tabs.
   *
   * @returns what proves it to the server: its last ID token, and the refresh token that is to be
   *   revoked
   */
  end(): Promise<{
    readonly idToken: string | undefined
    readonly refreshToken: HeldRefreshToken
  }>
  /** Nothing is taken in any more. */
  close(): void
  /**
   * Runs work while no other tab that shares the storage does under the same name. What such a tab
   * has brought meanwhile is taken over first; then `find` may have the result already.
   */
  inTurn: StoredSession['inTurn']
}
