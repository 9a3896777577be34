import type { ProofOfPossession } from '../protocol/proof-of-possession.ts'
import type { ResilientStorage } from '../storage/resilient-storage.ts'
import type { HeldRefreshToken } from './stored-refresh-token.ts'
import { readSessionRecord, type SessionRecord } from './read-session-record.ts'

/**
 * What was found in the storage; `unknown` where it did not answer, `newer` for a record of a later
 * version of this library.
 */
export type Found = SessionRecord | 'nothing' | 'newer' | 'unknown'

/** The one record of an issuer and client in the token storage: read and written here only. */
export interface StoredRecord {
  /**
   * Whether a refresh token is not in it, as far as is known: one that hangs may store it yet, if it
   * has ever worked.
   */
  lacks(token: HeldRefreshToken): boolean
  read(): Promise<Found>
  /**
   * Changes what is stored now, in one step. `update` gives the new record, undefined to delete it,
   * or the very one it was given to leave it. It is not asked for a record of a later version,
   * which is left alone.
   *
   * @param isEnding whether the session has ended: then a storage that hangs is worth another try,
   *   and what is bound to a key that is not in use any more is there still, to be revoked
   * @returns what is stored afterwards
   */
  change(
    update: (record: SessionRecord | undefined) => SessionRecord | undefined,
    isEnding?: boolean,
  ): Promise<Found>
  /** Writes without waiting, for a page that is about to go away. */
  write(record: SessionRecord): void
}

export function createStoredRecord(
  storage: ResilientStorage,
  key: string,
  {
    issuer,
    clientId,
    dpop,
  }: {
    readonly issuer: string
    readonly clientId: string
    readonly dpop: ProofOfPossession | undefined
  },
  warn: (reason: 'newer' | 'corrupt') => void,
): StoredRecord {
  // The last one that was read or written: an ID token that was found good is so the next time.
  let known: SessionRecord | undefined

  function readRecord(value: unknown, isEnding?: boolean): ReturnType<typeof readSessionRecord> {
    const record = readSessionRecord(value, issuer, clientId, dpop?.jkt(), known, isEnding)
    if (typeof record === 'object') known = record
    return record
  }

  async function change(
    update: (record: SessionRecord | undefined) => SessionRecord | undefined,
    isEnding?: boolean,
  ): Promise<Found> {
    let after: Found = 'unknown'
    const isDone = await storage.update(
      key,
      (value) => {
        const found = value == null ? undefined : readRecord(value, isEnding)
        if (typeof found === 'string') warn(found)
        if (found === 'newer') {
          after = found
          return value
        }
        const before = found === 'corrupt' ? undefined : found
        const record = update(before)
        after = record ?? 'nothing'
        // What is there and does not fit goes, too.
        return record && record === before ? value : record
      },
      isEnding,
    )
    if (!isDone) return 'unknown'
    if (typeof after === 'object') known = after
    return after
  }

  return {
    lacks: (token) => token?.token !== known?.refreshToken?.token && !(known && storage.hangs()),
    async read() {
      const value = await storage.get(key)
      if (value === undefined) return 'unknown'
      const record = value === null ? 'nothing' : readRecord(value)
      if (record === 'newer') warn(record)
      // What does not fit goes, unless it was replaced meanwhile.
      return record === 'corrupt' ? change((current) => current) : record
    },
    change,
    write: (record) => storage.write(key, record),
  }
}
