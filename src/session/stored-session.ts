import { createLocks, type Locks } from '../browser/lock.ts'
import { isAuthError } from '../errors.ts'
import { readClaims } from '../protocol/id-token.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { createResilientStorage } from '../storage/resilient-storage.ts'
import type { KeyValueStorage } from '../storage/storage.ts'
import type { StoreOptions } from './openable-storage.ts'
import type { RefreshTokenUpdate } from './refresh-tokens.ts'
import type { SessionMemory } from './session-memory.ts'
import { hasLife, type SessionRecord } from './read-session-record.ts'
import { createStoredRecord, type Found } from './stored-record.ts'

/**
 * The part of a session that is stored, for this room alone. But for `inTurn` it never waits for the
 * network, nor for another tab's renewal.
 */
export interface StoredSession {
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
  end(generation: string): Promise<SessionRecord | undefined>
  /**
   * Changes the refresh token that is stored now, if the session is still the one of this page, and
   * takes over what is stored afterwards.
   *
   * @returns what is stored afterwards; undefined where a refresh token is in no storage
   */
  changeRefreshToken(update: RefreshTokenUpdate): Promise<Found | undefined>
  /** See `Session.inTurn`. */
  inTurn<Value>(
    name: string,
    signal: AbortSignal,
    find: () => Value | undefined,
    work: () => Promise<Value>,
  ): Promise<Value>
}

/** What is stored of the tokens: the rest is asked for again after a reload. */
const MAX_STORED_ENTRIES = 64

/**
 * Keeps the session of a page in a record of a storage, and takes over what other tabs have put
 * there.
 */
export function createStoredSession(
  storage: KeyValueStorage,
  memory: SessionMemory,
  options: StoreOptions,
): StoredSession {
  const { key, issuer, clientId, keepsRefreshToken, dpop, signal, warn } = options
  const { cache, epochs, snapshot, isCurrent, look } = memory
  const locks = createLocks()
  const resilient = createResilientStorage(storage, locks, (operation) =>
    warn('storage_unavailable', operation),
  )
  const stored = createStoredRecord(resilient, key, options, (reason) =>
    warn('storage_corrupt', reason),
  )
  let mayStoreToken = false
  /** The revision whose refresh token the storage has refused: only this page has that one. */
  let refusedIn: unknown
  memory.isShared = true

  /** Whether the refresh token is in the storage, and other tabs may have used it. */
  const isTokenStored = (): boolean =>
    mayStoreToken && !(refusedIn === memory.revision && memory.refreshToken)
  memory.sharesToken = () => isTokenStored() && memory.isShared

  const noteRefusal = (found: Found): unknown =>
    (refusedIn = typeof found !== 'object' && stored.lacks(memory.refreshToken) && memory.revision)

  /** Whether a record is of the session that all tabs agree on. */
  function isAgreed({ generation }: SessionRecord): boolean {
    const now = epochs.read()
    // Without an epoch (cleared, or blocked) the record speaks for itself.
    return !now.loggedOut && (generation === now.generation || !now.generation)
  }

  /** Whether a record is of the session that this page has. */
  const isOfPage = ({ generation }: SessionRecord): boolean =>
    generation === memory.epoch.generation || !memory.epoch.generation

  const keepAgreed = (record: SessionRecord | undefined): SessionRecord | undefined =>
    record && isAgreed(record) ? record : undefined

  /** What this page has, as a record. */
  const toRecord = (
    refreshToken = mayStoreToken ? memory.refreshToken : undefined,
  ): SessionRecord => ({
    v: 1,
    issuer,
    clientId,
    generation: memory.epoch.generation,
    dpopJkt: dpop?.jkt(),
    sub: memory.pinnedSub!,
    idToken: snapshot.identity?.idToken,
    userInfo: snapshot.identity?.userInfo,
    entries: cache.entries().slice(-MAX_STORED_ENTRIES),
    refreshToken,
  })

  function adopt(record: SessionRecord): void {
    const { generation, sub, idToken, userInfo, entries, refreshToken } = record
    if (memory.epoch.generation !== generation) {
      memory.foundGeneration = generation
      memory.epoch = { ...memory.epoch, generation }
      epochs.write(memory.epoch)
    }
    memory.pinnedSub ??= sub
    if (memory.pinnedSub !== sub || !idToken) return memory.dropUser()
    memory.userChanged = false
    if (isTokenStored()) memory.refreshToken = keepsRefreshToken ? refreshToken : undefined
    const known = snapshot.identity
    const isKnown = known?.idToken === idToken
    const identity = isKnown ? known : { idToken, claims: readClaims(idToken), userInfo }
    // The schema of the app is a new one: the server may have other claims by now.
    if (!known && !memory.isFit(identity)) return
    entries.forEach((entry) => cache.putStored(entry))
    // This page may know a newer ID token. The user of a record without a token that is still good
    // is not shown yet: the server may have ended the session since.
    if (!known || known.claims.iat < identity.claims.iat)
      snapshot.signIn(identity, cache.entries().length > 0)
  }

  /**
   * Changes what is stored, and takes over what that leaves there, unless the session was ended
   * meanwhile.
   */
  async function change(update: Parameters<typeof stored.change>[0]): Promise<Found> {
    const before = memory.revision
    const found = await stored.change(update)
    if (typeof found === 'object' && memory.revision === before && isCurrent() && isOfPage(found))
      adopt(found)
    return found
  }

  async function reload(): Promise<Found> {
    // What is bound to another key is of no use, and which one that is may be news: that of a login
    // in another tab, or any at all after a logout.
    await dpop?.ready()
    const before = memory.revision
    const found = await stored.read()
    look()
    if (memory.revision !== before) return found
    if (found === 'nothing') await dropEnded(before)
    if (typeof found !== 'object') return found
    if (isAgreed(found)) adopt(found)
    // From before a logout whose deletion failed.
    else if (memory.epoch.loggedOut) await stored.change(keepAgreed)
    return found
  }

  /** A refresh token that was stored, and is not any more, has ended with its session. */
  async function dropEnded(revision: object): Promise<void> {
    if (!isTokenStored() || !memory.refreshToken) return
    // A login of this page may be waiting to be written.
    const found = await stored.change((record) => record)
    if (found === 'nothing' && memory.revision === revision) memory.refreshToken = null
  }

  /** Leaves a refresh token in no storage that a copy of this tab would have too. */
  async function clearToken(): Promise<void> {
    await stored.change((record) =>
      record?.refreshToken ? { ...record, refreshToken: undefined } : record,
    )
  }

  /** A page that comes back: those that were shown meanwhile may have used its refresh token. */
  async function comeBack(): Promise<void> {
    const before = memory.revision
    const found = await stored.read()
    if (typeof found === 'object' && memory.revision === before && isOfPage(found))
      memory.refreshToken = found.refreshToken ?? memory.refreshToken
    await clearToken()
  }

  /** Puts the refresh token where the next page of this tab finds it, and takes it out again. */
  function watchPage(): void {
    const whileOpen = ownFields({ signal })
    const leave = (): void => {
      const { refreshToken } = memory
      if (refreshToken && isCurrent()) stored.write(toRecord(refreshToken))
    }
    addEventListener('pagehide', leave, whileOpen)
    // For a client that is made anew in this page.
    signal.addEventListener('abort', leave)
    addEventListener('pageshow', ({ persisted }) => persisted && void comeBack(), whileOpen)
  }

  return {
    locks,
    async restore() {
      memory.isShared = resilient.shared
      // The browser takes some milliseconds to say whether tabs can wait for one another.
      mayStoreToken =
        keepsRefreshToken && !resilient.copied && (!memory.isShared || (await locks.areShared()))
      const found = await reload()
      if (!resilient.copied) return
      watchPage()
      if (typeof found === 'object' && isAgreed(found) && keepsRefreshToken)
        memory.refreshToken ??= found.refreshToken
      await clearToken()
    },
    reload,

    async merge(update) {
      const found = change((record) => {
        // A logout, or another login, came in between: theirs is the last word.
        const { identity } = snapshot
        if (!isCurrent() || !identity) return record
        if (!record || !isOfPage(record)) return toRecord()
        if (record.sub !== memory.pinnedSub) return record
        const { idToken, userInfo } = record
        const isNewer = idToken && readClaims(idToken).iat > identity.claims.iat
        record.entries.forEach((entry) => cache.putStored(entry))
        return {
          ...toRecord(),
          ...(isNewer && { idToken, userInfo }),
          // One that was refused before has its place now.
          ...(isTokenStored() && { refreshToken: update?.(record.refreshToken) }),
        }
      })
      return noteRefusal(await found)
    },
    overwrite: async () =>
      noteRefusal(await stored.change((record) => (isCurrent() ? toRecord() : record))),
    refuseUser: (refused) =>
      stored.change((record) =>
        // Unless it is that of a person who has logged in meanwhile.
        !record || (record.sub === refused && isAgreed(record)) ? toRecord() : record,
      ),
    forget() {
      if (!resilient.shared) void stored.change(() => undefined, true)
    },

    async endIfOver() {
      if (!isTokenStored() && memory.refreshToken) return
      // Another tab may have a session that is good.
      const found = await change((record) =>
        record && isCurrent() && !(isOfPage(record) && hasLife(record)) ? undefined : record,
      )
      if (found === 'nothing') memory.refreshToken = undefined
    },
    async end(generation) {
      let ended: SessionRecord | undefined
      await stored.change((record) => {
        const kept = keepAgreed(record)
        if (!kept && (record?.generation === generation || !generation)) ended = record
        return kept
      }, true)
      return ended
    },

    async changeRefreshToken(update) {
      if (!isTokenStored()) return undefined
      return change((record) => {
        if (!record || !isCurrent()) return record
        const refreshToken = update(record.refreshToken)
        return refreshToken === record.refreshToken ? record : { ...record, refreshToken }
      })
    },

    async inTurn(name, signal, find, work) {
      if (!memory.isShared) return work()
      let begun = false
      const lookFirst = async (): ReturnType<typeof work> => {
        begun = true
        await reload()
        return find() ?? work()
      }
      const turn = { signal, waitMs: undefined, steal: false, inPage: false }
      return locks.hold(`${key} ${name}`, turn, lookFirst).catch((error: unknown) => {
        // A tab is frozen with the lock. Two hidden frames at once harm nobody.
        if (!begun && isAuthError(error, 'lock_timeout')) return lookFirst()
        throw error
      })
    },
  }
}
