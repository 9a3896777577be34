import { createLocks, type Locks } from '../browser/lock.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { SessionMemory } from './session-memory.ts'
import {
  applyChange,
  isUnchanged,
  type HeldRefreshToken,
  type RefreshTokenChange,
  type StoredRefreshToken,
} from './stored-refresh-token.ts'
import type { TokenEntry } from './token-cache.ts'
import type { StoredSession } from './stored-session.ts'

/**
 * What a session does with refresh tokens: a part of `session.ts` that comes with `refreshToken()`,
 * so that an app without it does not carry it.
 */
export interface RefreshTokens {
  /** Those of the storage, or of this page: who sends the token holds one. */
  readonly locks: Locks
  /** The refresh token that a login has brought. */
  ofLogin(tokens: TokenSet, entry: TokenEntry): StoredRefreshToken | undefined
  /**
   * Takes in what a renewal has brought.
   *
   * @param change what became of the one that was sent; undefined where none was, and this one is
   *   of a silent login
   * @returns the same for what other tabs have stored meanwhile
   */
  renewed(
    tokens: TokenSet,
    entry: TokenEntry,
    change: RefreshTokenChange | undefined,
  ): RefreshTokenUpdate
  /**
   * Marks the refresh token in the storage before it is sent.
   *
   * @param held as it was looked at: it is marked only if nothing has happened to it since
   * @returns `changed` where it was replaced, used or ended meanwhile: what is stored was taken
   *   over; `unknown` where the storage did not answer
   */
  claim(
    held: StoredRefreshToken,
    marked: StoredRefreshToken,
  ): Promise<'claimed' | 'changed' | 'unknown'>
  /** Notes what became of a refresh token that was sent and brought no tokens. */
  settle(change: RefreshTokenChange): Promise<void>
}

/** What is to be in the place of the refresh token that there is now. */
export type RefreshTokenUpdate = (current: HeldRefreshToken) => HeldRefreshToken

export type KeepRefreshTokens = (
  memory: SessionMemory,
  store: StoredSession | undefined,
) => RefreshTokens

export const keepRefreshTokens: KeepRefreshTokens = (memory, store) => ({
  locks: store?.locks ?? createLocks(),
  ofLogin: createStoredRefreshToken,
  renewed(tokens, entry, given) {
    const change = given ?? { sent: undefined, next: createStoredRefreshToken(tokens, entry) }
    memory.refreshToken = applyChange(memory.refreshToken, change)
    return (current) => applyChange(current, change)
  },
  async claim(held, marked) {
    const found = await store?.changeRefreshToken((current) =>
      isUnchanged(current, held) ? marked : current,
    )
    if (typeof found === 'object') return found.refreshToken === marked ? 'claimed' : 'changed'
    if (found && found !== 'nothing' && memory.isCurrent()) return 'unknown'
    // One that is in no storage no other tab has.
    if (memory.refreshToken === held) memory.refreshToken = found ? null : marked
    return !found && memory.isCurrent() ? 'claimed' : 'changed'
  },
  async settle(change) {
    memory.refreshToken = applyChange(memory.refreshToken, change)
    await store?.changeRefreshToken((current) => applyChange(current, change))
  },
})

function createStoredRefreshToken(
  { refreshToken: token, idToken }: TokenSet,
  { partition, requestedScope, scope }: TokenEntry,
): StoredRefreshToken | undefined {
  return token
    ? { token, partition, requestedScope, scope, idToken, rotates: undefined, doubt: undefined }
    : undefined
}
