import type { Locks } from '../browser/lock.ts'
import type { ProofOfPossession } from '../protocol/proof-of-possession.ts'
import type { SessionMemory } from './session-memory.ts'
import type { RefreshTokenUpdate } from './refresh-tokens.ts'
import type { StoredRefreshToken } from './stored-refresh-token.ts'
import type { Found } from './stored-session.ts'
import type { TokenStorage } from './token-storage.ts'

/** What is in a {@link TokenStorage}. */
export interface OpenableStorage extends TokenStorage {
  /** Undefined where nothing is stored. */
  readonly open: (memory: SessionMemory, options: StoreOptions) => SessionStore | undefined
}

export interface StoreOptions {
  /** Of the record; the names of locks begin with it. */
  readonly key: string
  readonly issuer: string
  readonly clientId: string
  /** Whether a strategy uses refresh tokens: else none is kept. */
  readonly keepsRefreshToken: boolean
  /** The key that tokens are bound to, where they are. */
  readonly dpop: ProofOfPossession | undefined
  /** Aborted when the session's life in this page ends. */
  readonly signal: AbortSignal
  readonly warn: (code: 'storage_unavailable' | 'storage_corrupt', reason: string) => void
}

/**
 * The part of a session that is stored: a part of `session.ts`, which alone calls it. It never
 * waits for the network, nor for another tab's renewal.
 */
export interface SessionStore {
  /** By which tabs wait for one another. */
  readonly locks: Locks
  /** Takes over what is stored, for the first time. */
  restore(): Promise<unknown>
  /** Takes over what is stored now. */
  reload(): Promise<unknown>
  /**
   * Adds what this page has to what the tabs have stored meanwhile.
   *
   * @param update what becomes of the refresh token; undefined where none is kept
   */
  merge(update: RefreshTokenUpdate | undefined): Promise<unknown>
  /** Stores what this page has, whatever was stored: what a person did here is the last word. */
  overwrite(): Promise<unknown>
  /** Leaves nothing of a user but who it was, because another one came back. */
  refuseUser(refused: string | undefined): Promise<unknown>
  /** The page has forgotten the session: so does a storage that is its own. */
  forget(): void
  /** Deletes what is stored, if nothing is left in it that is good, and takes over what is. */
  endIfOver(): Promise<unknown>
  /** Deletes the record of a session that was ended, and gives what proves it to the server. */
  end(generation: string): Promise<{
    readonly idToken: string | undefined
    readonly refreshToken: StoredRefreshToken | undefined
  }>
  /**
   * Changes the refresh token that is stored now, if the session is still the one of this page.
   *
   * @param adopts whether what is stored afterwards is taken over
   * @returns what is stored afterwards; undefined where a refresh token is in no storage
   */
  changeRefreshToken(update: RefreshTokenUpdate, adopts: boolean): Promise<Found | undefined>
  /** See `Session.inTurn`. */
  inTurn<Value>(
    name: string,
    signal: AbortSignal,
    find: () => Value | undefined,
    work: () => Promise<Value>,
  ): Promise<Value>
}
