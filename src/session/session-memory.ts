import { isAuthError, type AuthError } from '../errors.ts'
import { canonicalScope } from '../protocol/scope.ts'
import type { IdTokenClaims, TokenSet } from '../protocol/token-set.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { KeepRefreshTokens } from './refresh-tokens.ts'
import type { SessionEpoch, SessionEpochs } from './session-epoch.ts'
import type { AuthSnapshot } from './auth-snapshot.ts'
import { createSnapshotHolder, type Identity, type SnapshotHolder } from './snapshot.ts'
import type { HeldRefreshToken } from './stored-refresh-token.ts'
import { findMissingScopes, type TokenCache, type TokenEntry } from './token-cache.ts'
import type { StoredSession } from './stored-session.ts'
import type { ReadUser } from './user.ts'

export interface SessionOptions {
  readonly epochs: SessionEpochs
  /** Opens the part of the session that is stored; undefined where none is. */
  readonly openStore: (memory: SessionMemory) => StoredSession | undefined
  readonly cache: TokenCache
  /** Of the client. */
  readonly scope: string
  /** The part that has to do with refresh tokens, where a strategy uses them: else none is kept. */
  readonly keepRefreshTokens: KeepRefreshTokens | undefined
  readonly readUser: ReadUser
  /** Who a user is, in one text. */
  readonly subjectOf: (claims: IdTokenClaims) => string
  readonly onChange: (snapshot: AuthSnapshot) => void
  /** A new token is in the cache. */
  readonly onToken: (tokens: TokenSet, entry: TokenEntry, hasRefreshToken: boolean) => void
  /** Tells the other tabs that something changed. */
  readonly announce: (epoch: SessionEpoch) => void
  /** A refresh token that only this page has, if it has one, is not needed any more. */
  readonly onUnneeded: (token: HeldRefreshToken) => void
  /** New claims of the user are not as the app's schema has them: the user stays as it was. */
  readonly onMisfit: (error: AuthError) => void
  /**
   * The session was ended, here or in another tab: by a logout, or else by a login as another user.
   *
   * @param isOwn whether it was a logout of this page
   */
  readonly onEnd: (isLogout: boolean, isOwn: boolean) => void
}

/** What this page knows of the session. Private to `session.ts` and its parts. */
export interface SessionMemory {
  readonly epochs: SessionEpochs
  readonly cache: TokenCache
  /** What the rest belongs to. */
  epoch: SessionEpoch
  /** The generation that was found in the record alone: the mark of it had been deleted. */
  foundGeneration: string | undefined
  /** The user that silent requests must bring back, until a logout or a login of a person. */
  pinnedSub: string | undefined
  /** Another user than the pinned one came back. */
  userChanged: boolean
  refreshToken: HeldRefreshToken
  /**
   * Whether tabs share what is stored: then another tab may have renewed, and is to be looked at
   * first. Assumed until it is restored.
   */
  isShared: boolean
  /**
   * Whether the refresh token is in a shared storage. If so, a page that drops its copy must not
   * revoke it: other tabs use it.
   */
  sharesToken: () => boolean
  /**
   * Another one since what ended or began a session here last: what was read before that is not
   * taken over after it.
   */
  revision: object
  readonly snapshot: SnapshotHolder
  readonly readUser: ReadUser
  /** Whether a stored user is as the app has its claims now; a warning tells where not. */
  isFit(identity: Identity): boolean
  /** Whether this page has the session that all tabs agree on. */
  isCurrent(): boolean
  /** Looks at what all tabs agree on. A session that was ended is forgotten. */
  look(): SessionEpoch
  /**
   * Forgets the session in this page. A shared record is the matter of the tab that ended the
   * session.
   *
   * @param by what has ended it in this page: a logout deletes the record of a storage that is the
   *   page's own itself; after a login the new user is shown at once, and nobody in between; after a
   *   revocation in another tab the user stays
   */
  forget(next: SessionEpoch, by?: 'logout' | 'login' | 'revocation'): void
  unpin(): void
  /**
   * The server has answered for another user. Drops the tokens; who the user was is kept until a
   * person logs in or out.
   */
  dropUser(): void
  /** Takes in new tokens. After a login of the app's the ID token says who the user is. */
  takeIn(tokens: TokenSet, entry: TokenEntry, isLogin?: boolean): void
}

/** @param getStore gives the part that is stored, once it is open */
export function createSessionMemory(
  options: SessionOptions,
  getStore: () => StoredSession | undefined,
): SessionMemory {
  const { epochs, cache, readUser, onUnneeded, onMisfit, onEnd } = options
  const snapshot = createSnapshotHolder(options.onChange, readUser, onMisfit)
  let ownScope: string | undefined

  const memory: SessionMemory = {
    epochs,
    cache,
    epoch: { generation: '', loggedOut: false, sessionParams: undefined },
    foundGeneration: undefined,
    pinnedSub: undefined,
    userChanged: false,
    refreshToken: undefined,
    isShared: false,
    sharesToken: () => false,
    revision: {},
    snapshot,
    readUser,

    isFit(identity) {
      try {
        return !!readUser(identity)
      } catch (error) {
        if (!isAuthError(error)) throw error
        onMisfit(error)
        return false
      }
    },
    isCurrent() {
      const now = epochs.read()
      const isSame = now.generation === memory.epoch.generation
      return isSame && !now.loggedOut && !memory.userChanged
    },
    look() {
      const { generation, loggedOut, continues = generation } = memory.epoch
      const found = epochs.read()
      if (found.generation !== generation || (found.loggedOut && !loggedOut))
        memory.forget(found, found.continues === continues ? 'revocation' : undefined)
      else memory.epoch = found
      // Who is told that it has ended may log out.
      return memory.epoch
    },
    forget(next, by) {
      const held = memory.sharesToken() ? undefined : memory.refreshToken
      memory.revision = {}
      memory.epoch = next
      memory.refreshToken = undefined
      cache.clear()
      // After a login as another user the pin stays: this page must not go over to that user by
      // itself.
      if (next.loggedOut) memory.unpin()
      if (by !== 'logout') getStore()?.forget()
      if (by === 'login') snapshot.drop()
      else if (by !== 'revocation')
        snapshot.signOut(next.loggedOut ? 'logged_out' : 'session_ended')
      onUnneeded(held)
      onEnd(next.loggedOut, by === 'logout')
    },
    unpin() {
      memory.pinnedSub = undefined
      memory.userChanged = false
    },
    dropUser() {
      memory.revision = {}
      memory.userChanged = true
      cache.clear()
      memory.refreshToken = undefined
      snapshot.signOut('session_ended')
    },
    takeIn(tokens, entry, isLogin) {
      const { idToken, claims, userInfo, refreshToken } = ownFields<TokenSet>(tokens)
      cache.put(entry)
      const known = snapshot.identity
      // The ID token of fewer scopes says less of the user: nothing has changed about them. A second
      // factor, and another session at the server, are told at once.
      const { requestedScope } = entry
      // Not before: a client of unfit options throws where it is used.
      ownScope ??= canonicalScope(options.scope)
      const isLess =
        !isLogin && requestedScope !== ownScope && findMissingScopes(ownScope, requestedScope, true)
      const isOther = ['acr', 'sid'].some(
        (name) => claims[name] && claims[name] !== known?.claims[name],
      )
      const told = known && isLess && !isOther ? known : { idToken, claims }
      snapshot.signIn({ ...told, userInfo: userInfo ?? known?.userInfo })
      // A refresh does not bring one each time.
      options.onToken(tokens, entry, !!(refreshToken ?? memory.refreshToken))
    },
  }
  return memory
}
