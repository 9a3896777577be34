import { AuthError } from '../errors.ts'
import { createEpoch, type SessionEpoch } from './session-epoch.ts'
import { createSessionMemory, type SessionOptions } from './session-memory.ts'
import { hasLife, isLater, type SessionRecord } from './session-record.ts'
import type { Session } from './session-view.ts'
import { applyChange, isUnchanged, type RefreshTokenChange } from './stored-refresh-token.ts'
import type { Found } from './stored-session.ts'

/** How often a call that the cache answers looks at the other tabs' logout. */
const LOOK_INTERVAL_MS = 1000

/** The owner of a session: every change of it, in memory and in the storage, is made here. */
export function createSession(options: SessionOptions): Session {
  const { epochs, stored, cache, announce, onUnneeded } = options
  const memory = createSessionMemory(options)
  const { snapshot, isCurrent, isOurs, belongs, look } = memory
  let restoring: Promise<unknown> | undefined
  let lookedAt = -Infinity
  let isClosed = false
  let isShared = true

  function assertCurrent(generation: string, isInteractive = false): void {
    if (isClosed) throw new AuthError('disposed')
    const { loggedOut, generation: current } = look()
    if (current !== generation || (memory.userChanged && !isInteractive))
      throw new AuthError(loggedOut ? 'logged_out' : 'user_changed')
  }

  async function restore(): Promise<unknown> {
    isShared = stored.shared
    memory.isTokenStored = !stored.copied && (!stored.shared || (await options.canTabsWait()))
    const found = await reload()
    return stored.copied ? takeTokenOut(found) : found
  }

  async function reload(): Promise<Found> {
    const before = memory.revision
    const found = await stored.read()
    look()
    if (memory.revision !== before) return found
    // It has ended, in another tab, with the session.
    if (found === 'nothing' && stored.worked() && memory.isTokenStored)
      memory.refreshToken = undefined
    if (typeof found !== 'object') return found
    if (isCurrent(found)) memory.adopt(found)
    // From before a logout whose deletion failed.
    else if (memory.epoch.loggedOut) await stored.change(keepCurrent)
    return found
  }

  const keepCurrent = (record: SessionRecord | undefined): SessionRecord | undefined =>
    record && isCurrent(record) ? record : undefined

  /** Takes over what a change has left in the storage, unless the session was ended meanwhile. */
  function adoptChanged(found: Found, revision: number): void {
    if (typeof found === 'object' && memory.revision === revision && isOurs() && belongs(found))
      memory.adopt(found)
  }

  /** Adds what this page has to what the tabs have stored meanwhile. */
  async function merge(change: RefreshTokenChange): Promise<void> {
    const before = memory.revision
    const found = await stored.change((record) => {
      // A logout, or a login as another user, came in between: theirs is the last word.
      if (!isOurs()) return record
      if (!record || !belongs(record)) return memory.toRecord()
      if (record.sub !== memory.pinnedSub) return record
      record.entries.forEach((entry) => cache.putStored(entry))
      const ours = memory.toRecord()
      const isKept = memory.isTokenStored && options.keepsRefreshToken
      return {
        ...ours,
        idToken: isLater(record.idToken, ours.idToken) ? record.idToken : ours.idToken,
        refreshToken: isKept ? applyChange(record.refreshToken, change) : undefined,
      }
    })
    adoptChanged(found, before)
  }

  async function refuseUser(): Promise<never> {
    const { refreshToken: held, pinnedSub: refused } = memory
    memory.showOther()
    await stored.change((record) =>
      // Unless it is that of a person who has logged in meanwhile.
      !record || (record.sub === refused && isCurrent(record)) ? memory.toRecord() : record,
    )
    if (held) onUnneeded(held)
    announce(memory.epoch)
    throw new AuthError('user_changed')
  }

  /** Leaves a refresh token in no storage that a copy of this tab would have too. */
  async function takeTokenOut(found?: Found): Promise<void> {
    if (typeof found === 'object' && isCurrent(found) && options.keepsRefreshToken)
      memory.refreshToken ??= found.refreshToken
    await stored.change((record) =>
      record?.refreshToken ? { ...record, refreshToken: undefined } : record,
    )
  }

  /** What this page has, whatever was stored: what a person did here is the last word. */
  const overwrite = (): Promise<Found> =>
    stored.change((record) => (isOurs() ? memory.toRecord() : record))

  /** Ends the session of another user, or of other session parameters, by beginning a new generation. */
  function replaceSession(next: SessionEpoch): void {
    const held = memory.isTokenStored && stored.shared ? memory.refreshToken : undefined
    memory.forget(next)
    if (held) onUnneeded(held)
  }

  return {
    get identity() {
      return snapshot.identity
    },
    get user() {
      return snapshot.user
    },
    get refreshToken() {
      return memory.refreshToken
    },
    get isShared() {
      return isShared
    },
    get epoch() {
      return memory.epoch
    },
    get sessionParams() {
      return memory.epoch.sessionParams
    },
    getSnapshot: snapshot.getSnapshot,
    fail: snapshot.fail,
    showAnonymous: snapshot.signOut,
    open() {
      memory.epoch = epochs.read()
    },
    close() {
      isClosed = true
    },
    begin: () => epochs.read().generation,
    find(partition, scope) {
      const now = performance.now()
      if (now - lookedAt > LOOK_INTERVAL_MS) {
        lookedAt = now
        look()
      }
      return cache.find(partition, scope)
    },
    findUnexpired: cache.findUnexpired,
    entries: cache.entries,
    look,
    hear(told) {
      const known = epochs.read()
      // A login has come after that logout.
      const isOver = known.generation === told.generation && !known.loggedOut
      if (told.loggedOut && !isOver) epochs.believe(told)
      return look()
    },
    restore: () => (restoring ??= restore()),
    reload,
    assertSilent() {
      const { loggedOut, generation } = look()
      if (!loggedOut && !memory.userChanged) return generation
      snapshot.signOut()
      throw new AuthError(loggedOut ? 'logged_out' : 'user_changed')
    },
    assertCurrent: (generation) => assertCurrent(generation),

    async signIn(tokens, entry, { generation, refreshToken, sessionParams }) {
      assertCurrent(generation, true)
      const known = epochs.read()
      const { sub } = tokens.claims
      const isOther = memory.pinnedSub !== undefined && memory.pinnedSub !== sub
      // Another tab may just be asking who it is, and be told of the user before: that must not end this login.
      const isNew = isOther || memory.userChanged || !isSame(known.sessionParams, sessionParams)
      const next = isNew ? createEpoch(false, sessionParams) : { ...known, loggedOut: false }
      if (isNew || known.loggedOut) epochs.write(next)
      if (isNew && memory.pinnedSub !== undefined) replaceSession(next)
      memory.revision++
      memory.unpin()
      memory.epoch = next
      memory.pinnedSub = sub
      memory.refreshToken = options.keepsRefreshToken ? refreshToken : undefined
      memory.show(tokens, entry)
      await overwrite()
      assertCurrent(next.generation, true)
      announce(next)
    },

    async renewed(tokens, entry, { generation, refreshToken: change }) {
      assertCurrent(generation)
      const { sub } = tokens.claims
      if (memory.pinnedSub !== undefined && memory.pinnedSub !== sub) return refuseUser()
      memory.pinnedSub = sub
      if (options.keepsRefreshToken) memory.refreshToken = applyChange(memory.refreshToken, change)
      memory.show(tokens, entry)
      await merge(change)
      // A logout may have come while it was written: no caller is given a token then.
      assertCurrent(generation)
    },

    async claimRefreshToken(held, marked) {
      const before = memory.revision
      const found = memory.isTokenStored
        ? await stored.change((record) =>
            record && isOurs() && isUnchanged(record.refreshToken, held)
              ? { ...record, refreshToken: marked }
              : record,
          )
        : 'nothing'
      if (typeof found === 'object') {
        adoptChanged(found, before)
        return found.refreshToken === marked ? 'claimed' : 'changed'
      }
      // One that was never stored no other tab has.
      const isAlone = !memory.isTokenStored || !stored.worked()
      if (!isAlone && found !== 'nothing') return 'unknown'
      if (memory.refreshToken === held) memory.refreshToken = isAlone ? marked : undefined
      return isAlone && isOurs() ? 'claimed' : 'changed'
    },

    async settleRefreshToken(change) {
      memory.refreshToken = applyChange(memory.refreshToken, change)
      if (!memory.isTokenStored) return
      await stored.change((record) =>
        record && isOurs() && record.refreshToken?.token === change.sent
          ? { ...record, refreshToken: change.next }
          : record,
      )
    },

    async endIfOver() {
      if (cache.entries().length || (memory.refreshToken && !memory.isTokenStored)) return false
      const before = memory.revision
      const found = await stored.change((record) =>
        record && isOurs() && !(belongs(record) && hasLife(record)) ? undefined : record,
      )
      if (found === 'nothing' && stored.worked()) memory.refreshToken = undefined
      // Another tab has a session that is good.
      adoptChanged(found, before)
      if (cache.entries().length || memory.refreshToken) return false
      snapshot.signOut()
      return true
    },

    async dropTokens(generation, kept) {
      // A logout or another login came in between: what was ended is gone, and the rest is not ours to touch.
      if (epochs.read().generation !== generation) return
      memory.revision++
      memory.epoch = createEpoch(false, memory.epoch.sessionParams)
      epochs.write(memory.epoch)
      cache.clear()
      kept.forEach((entry) => cache.put(entry))
      memory.refreshToken = undefined
      await overwrite()
      announce(memory.epoch)
    },

    async end() {
      const { generation } = memory.epoch
      const ended = createEpoch(true)
      let idToken = snapshot.identity?.idToken
      let refreshToken = memory.refreshToken
      // First of all: whatever is under way, here or in another tab, finds it when it wants to store something.
      epochs.write(ended)
      memory.refreshToken = undefined
      memory.forget(ended, true)
      announce(ended)
      await stored.change((record) => {
        const kept = keepCurrent(record)
        if (kept || !record || (generation && record.generation !== generation)) return kept
        refreshToken = record.refreshToken ?? refreshToken
        idToken ??= record.idToken
        return undefined
      }, true)
      return { idToken, refreshToken }
    },

    leavePage() {
      const { refreshToken } = memory
      if (stored.copied && refreshToken && isOurs()) stored.write(memory.toRecord(refreshToken))
    },
    returnToPage: () => (stored.copied ? takeTokenOut() : Promise.resolve()),
  }
}

function isSame(
  one: Readonly<Record<string, string>> = {},
  other: Readonly<Record<string, string>> = {},
): boolean {
  const text = (params: Readonly<Record<string, string>>): string =>
    JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))
  return text(one) === text(other)
}
