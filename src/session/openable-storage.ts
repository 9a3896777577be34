import type { ProofOfPossession } from '../protocol/proof-of-possession.ts'
import type { SessionMemory } from './session-memory.ts'
import type { StoredSession } from './stored-session.ts'
import type { TokenStorage } from './token-storage.ts'

/** What is in a {@link TokenStorage}. */
export interface OpenableStorage extends TokenStorage {
  /** Undefined where nothing is stored. */
  readonly open: (memory: SessionMemory, options: StoreOptions) => StoredSession | undefined
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
