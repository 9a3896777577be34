import { decodePart } from '../protocol/id-token.ts'
import type { IdTokenClaims, TokenSet } from '../protocol/token-set.ts'
import type { SessionEpoch, SessionEpochs } from './session-epoch.ts'
import type { SessionRecord } from './session-record.ts'
import { createSnapshotHolder, type AuthSnapshot, type SnapshotHolder } from './snapshot.ts'
import type { StoredRefreshToken } from './stored-refresh-token.ts'
import type { StoredSession } from './stored-session.ts'
import type { TokenCache, TokenEntry } from './token-cache.ts'

export interface SessionOptions {
  readonly issuer: string
  readonly clientId: string
  readonly epochs: SessionEpochs
  readonly stored: StoredSession
  readonly cache: TokenCache
  /** Whether a strategy uses refresh tokens: else none is kept. */
  readonly keepsRefreshToken: boolean
  /** Whether tabs can wait for one another: else a refresh token stays in this page. */
  readonly canTabsWait: () => Promise<boolean>
  readonly onChange: (snapshot: AuthSnapshot) => void
  /** A new token is in the cache. */
  readonly onToken: (tokens: TokenSet, entry: TokenEntry) => void
  /** Tells the other tabs that something changed. */
  readonly announce: (epoch: SessionEpoch) => void
  /** A refresh token of this page is in no storage any more and ends with the session. */
  readonly onUnneeded: (token: StoredRefreshToken) => void
  /** The session was ended, here or in another tab: by a logout, or else by a login as another user. */
  readonly onEnd: (isLogout: boolean) => void
}

/** What this page knows of the session. Private to `session.ts`. */
export interface SessionMemory {
  /** What the rest belongs to. */
  epoch: SessionEpoch
  /** The user that silent requests must bring back, until a logout or a login of a person. */
  pinnedSub: string | undefined
  /** Another user than the pinned one came back. */
  userChanged: boolean
  refreshToken: StoredRefreshToken | undefined
  /** Whether the refresh token is in the record. */
  isTokenStored: boolean
  /** Counts what ends or begins a session here: what was read before that is not taken over after it. */
  revision: number
  readonly snapshot: SnapshotHolder
  /** Whether a record is of the session that all tabs agree on. */
  isCurrent(record: SessionRecord): boolean
  /** Whether this page is. */
  isOurs(): boolean
  /** Whether a record is of the session that this page has. */
  belongs(record: SessionRecord): boolean
  /** Looks at what all tabs agree on. A session that was ended is forgotten. */
  look(): SessionEpoch
  /**
   * Forgets the session in this page. A shared record is the matter of the tab that ended the session.
   *
   * @param keepsRecord whether the caller deletes the record of a storage that is this page's own
   */
  forget(next: SessionEpoch, keepsRecord?: boolean): void
  unpin(): void
  /** Takes over what was found in the storage. */
  adopt(record: SessionRecord): void
  /** Another user is at work. The old one's tokens are gone; what is left is who it was, until a person decides. */
  showOther(): void
  /** Takes in new tokens. */
  show(tokens: TokenSet, entry: TokenEntry): void
  /** What this page has, as a record. */
  toRecord(refreshToken?: StoredRefreshToken): SessionRecord
}

/** What is stored of the tokens: the rest is asked for again after a reload. */
const MAX_STORED_ENTRIES = 64

export function createSessionMemory(options: SessionOptions): SessionMemory {
  const { issuer, clientId, epochs, stored, cache, onUnneeded, onEnd } = options
  const snapshot = createSnapshotHolder(options.onChange)

  const memory: SessionMemory = {
    epoch: { generation: '', loggedOut: false, sessionParams: undefined },
    pinnedSub: undefined,
    userChanged: false,
    refreshToken: undefined,
    isTokenStored: false,
    revision: 0,
    snapshot,

    isCurrent({ generation }) {
      const now = epochs.read()
      // Without an epoch (cleared, or blocked) the record speaks for itself.
      return !now.loggedOut && (generation === now.generation || !now.generation)
    },
    isOurs() {
      const now = epochs.read()
      const isSame = now.generation === memory.epoch.generation
      return isSame && !now.loggedOut && !memory.userChanged
    },
    belongs: ({ generation }) => generation === memory.epoch.generation || !memory.epoch.generation,
    look() {
      const { generation, loggedOut } = memory.epoch
      const found = epochs.read()
      if (found.generation !== generation || (found.loggedOut && !loggedOut)) memory.forget(found)
      memory.epoch = found
      return found
    },
    forget(next, keepsRecord) {
      memory.revision++
      memory.epoch = next
      const held = memory.isTokenStored && stored.shared ? undefined : memory.refreshToken
      memory.refreshToken = undefined
      cache.clear()
      // After a login as another user the pin stays: this page must not go over to that user by itself.
      if (next.loggedOut) memory.unpin()
      if (!stored.shared && !keepsRecord) void stored.change(() => undefined, true)
      snapshot.signOut()
      if (held) onUnneeded(held)
      onEnd(next.loggedOut)
    },
    unpin() {
      memory.pinnedSub = undefined
      memory.userChanged = false
    },
    adopt({ generation, sub, idToken, entries, refreshToken }) {
      if (memory.epoch.generation !== generation) {
        if (!memory.epoch.generation)
          epochs.write({ ...memory.epoch, generation, loggedOut: false })
        memory.epoch = epochs.read()
      }
      memory.pinnedSub ??= sub
      if (memory.pinnedSub !== sub || !idToken) return memory.showOther()
      memory.userChanged = false
      if (memory.isTokenStored)
        memory.refreshToken = options.keepsRefreshToken ? refreshToken : undefined
      entries.forEach((entry) => cache.putStored(entry))
      if (snapshot.identity?.idToken === idToken) return
      const claims = decodePart(idToken, 1) as IdTokenClaims
      // This page may know a newer one of the same user. One without a token that is still good is not shown yet: the server may have
      // ended the session since.
      if (!snapshot.identity || snapshot.identity.claims.iat < claims.iat)
        snapshot.signIn({ idToken, claims }, cache.entries().length > 0)
    },
    showOther() {
      memory.revision++
      memory.userChanged = true
      cache.clear()
      memory.refreshToken = undefined
      snapshot.signOut()
    },
    show(tokens, entry) {
      const { idToken, claims } = tokens
      cache.put(entry)
      snapshot.signIn({ idToken, claims })
      options.onToken(tokens, entry)
    },
    toRecord(refreshToken = memory.isTokenStored ? memory.refreshToken : undefined) {
      return {
        v: 1,
        issuer,
        clientId,
        generation: memory.epoch.generation,
        sub: memory.pinnedSub!,
        idToken: snapshot.identity?.idToken,
        entries: cache.entries().slice(-MAX_STORED_ENTRIES),
        refreshToken,
      }
    },
  }
  return memory
}
