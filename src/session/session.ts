import { AuthError } from '../errors.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { createEpoch, type SessionEpoch } from './session-epoch.ts'
import { createSessionMemory, type SessionOptions } from './session-memory.ts'
import type { Session } from './session-view.ts'
import type { StoredSession } from './stored-session.ts'
import type { TokenEntry } from './token-cache.ts'

/** How often a call that the cache answers looks at the other tabs' logout. */
const LOOK_INTERVAL_MS = 1000

/** A session: every change of it, in memory and in the storage, is made here. */
export function createSession(options: SessionOptions): Session {
  const { epochs, cache, announce, onUnneeded } = options
  const memory = createSessionMemory(options, () => store)
  const store: StoredSession | undefined = options.openStore(memory)
  const refreshTokens = options.keepRefreshTokens?.(memory, store)
  const { snapshot, look } = memory
  let restoring: Promise<unknown> | undefined
  /** Not at all before it is open: the mark of a logout is no news to a page that begins. */
  let lookedAt = NaN
  let isClosed = false

  /**
   * @param tokens what a login has brought, with its entry. Where the session, or its tokens, were
   *   ended meanwhile, its refresh token would live on, unused: it is ended. That of another user
   *   who came back is left alone
   */
  function assertCurrent(
    generation: string,
    isInteractive = false,
    tokens?: TokenSet,
    entry?: TokenEntry,
  ): void {
    if (isClosed) throw new AuthError('disposed')
    const { loggedOut, generation: current } = look()
    // What was begun when its mark was deleted is of the generation that the record had.
    const isSame = current === generation || (!generation && current === memory.foundGeneration)
    // Nobody is signed in by an answer that was asked for before a logout.
    const isOurs = isSame && (isInteractive || !tokens || !loggedOut)
    if (isOurs && (isInteractive || !memory.userChanged)) return
    if (!isOurs && tokens) onUnneeded(refreshTokens?.ofLogin(tokens, entry!))
    throw new AuthError(loggedOut ? 'logged_out' : 'user_changed')
  }

  async function reload(how: 'restore' | 'reload'): Promise<unknown> {
    return store ? store[how]() : look()
  }

  async function refuseUser(revision = memory.revision): Promise<never> {
    // Unless a person has logged in since it was asked: theirs is the last word.
    if (revision === memory.revision) {
      const { refreshToken: held, pinnedSub: refused } = memory
      memory.dropUser()
      await store?.refuseUser(refused)
      onUnneeded(held)
      announce(memory.epoch)
    }
    throw new AuthError('user_changed')
  }

  /**
   * Ends the session of another user, or of other session parameters, by beginning a new
   * generation.
   */
  function replaceSession(next: SessionEpoch): void {
    const { refreshToken: held } = memory
    memory.refreshToken = undefined
    memory.forget(next, 'login')
    onUnneeded(held)
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
    get revision() {
      return memory.revision
    },
    get isShared() {
      return memory.isShared
    },
    get epoch() {
      return memory.epoch
    },
    get sessionParams() {
      return memory.epoch.sessionParams
    },
    refreshTokens,
    getSnapshot: snapshot.getSnapshot,
    holdFailedLogin: snapshot.holdFailedLogin,
    fail: snapshot.fail,
    showAnonymous: snapshot.signOut,
    open() {
      memory.epoch = epochs.read()
      lookedAt = 0
    },
    close() {
      isClosed = true
    },
    currentGeneration: () => epochs.read().generation,
    find(partition, scope) {
      // `performance.now()` is three times slower to read. If the system clock is changed, we look
      // again.
      const now = Date.now()
      if (Math.abs(now - lookedAt) > LOOK_INTERVAL_MS) {
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
      if (!told.loggedOut) epochs.confirm(told)
      else if (!isOver) epochs.believe(told)
      return look()
    },
    restore: () => (restoring ??= reload('restore')),
    reload: () => reload('reload'),
    assertSilent() {
      if (isClosed) throw new AuthError('disposed')
      const { loggedOut, generation } = look()
      if (!loggedOut && !memory.userChanged) return generation
      // Why a login failed after that says more.
      if (snapshot.getSnapshot().status !== 'error')
        snapshot.signOut(loggedOut ? 'logged_out' : 'session_ended')
      throw new AuthError(loggedOut ? 'logged_out' : 'user_changed')
    },
    assertCurrent,

    async signIn(tokens, entry, { generation, sessionParams, isFallback }) {
      assertCurrent(generation, true, tokens, entry)
      const known = epochs.read()
      memory.readUser(tokens)
      const sub = options.subjectOf(tokens.claims)
      const isOther = memory.pinnedSub !== undefined && memory.pinnedSub !== sub
      // A silent request of another tab may still be answered for the user before: it must not end
      // this login.
      const isNew = isOther || memory.userChanged || !isSame(known.sessionParams, sessionParams)
      const next = isNew ? createEpoch(false, sessionParams) : { ...known, loggedOut: false }
      if (isNew || known.loggedOut) epochs.write(next)
      if (isNew && memory.pinnedSub !== undefined) replaceSession(next)
      memory.revision = {}
      memory.unpin()
      memory.epoch = next
      memory.pinnedSub = sub
      const kept = isFallback && memory.refreshToken
      memory.refreshToken = refreshTokens?.ofLogin(tokens, entry) ?? (kept || undefined)
      memory.takeIn(tokens, entry, !isFallback)
      await store?.overwrite()
      assertCurrent(next.generation, false, tokens, entry)
      announce(next)
    },

    async renewed(tokens, entry, { generation, refreshToken, revision }) {
      assertCurrent(generation, false, tokens, entry)
      const sub = options.subjectOf(tokens.claims)
      if (memory.pinnedSub !== undefined && memory.pinnedSub !== sub) return refuseUser(revision)
      // Before anything is stored. Later, a user who is there already stays as they were.
      if (!snapshot.user) memory.readUser(tokens)
      memory.pinnedSub = sub
      const update = refreshTokens?.renewed(tokens, entry, refreshToken)
      memory.takeIn(tokens, entry)
      await store?.merge(update)
      // A logout may have come while it was written: no caller is given a token then.
      assertCurrent(generation, false, tokens, entry)
    },

    async endIfOver() {
      const countGood = (): number => cache.entries().length
      if (countGood()) return false
      await store?.endIfOver()
      if (countGood() || memory.refreshToken) return false
      snapshot.signOut(snapshot.identity && 'session_ended')
      return true
    },

    dropBound() {
      cache.clear()
      memory.refreshToken = undefined
    },

    async dropTokens(generation, kept) {
      // A logout or another login came in between: what was ended is gone, and the rest is not ours
      // to touch.
      if (epochs.read().generation !== generation) return
      memory.revision = {}
      const { sessionParams, continues = generation } = memory.epoch
      memory.epoch = createEpoch(false, sessionParams, continues)
      epochs.write(memory.epoch)
      cache.clear()
      kept.forEach((entry) => cache.put(entry))
      memory.refreshToken = undefined
      await store?.overwrite()
      announce(memory.epoch)
    },

    async end() {
      const { generation } = memory.epoch
      const ended = createEpoch(true)
      const idToken = snapshot.identity?.idToken
      const { refreshToken } = memory
      // First of all: whatever is under way, here or in another tab, finds it when it wants to
      // store something.
      epochs.write(ended)
      memory.refreshToken = undefined
      memory.forget(ended, 'logout')
      announce(ended)
      const stored = await store?.end(generation)
      return {
        idToken: idToken ?? stored?.idToken,
        refreshToken: stored?.refreshToken ?? refreshToken,
      }
    },

    inTurn: async (name, signal, find, work) =>
      store ? store.inTurn(name, signal, find, work) : work(),
  }
}

function isSame(
  one: Readonly<Record<string, string>> = {},
  other: Readonly<Record<string, string>> = {},
): boolean {
  const text = (params: Readonly<Record<string, string>>): string =>
    JSON.stringify(params, Object.keys(params).sort())
  return text(one) === text(other)
}
