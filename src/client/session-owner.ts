import { createPageLeaver } from '../authorization/leave-page.ts'
import { createRedirectGuard } from '../authorization/redirect-guard.ts'
import { createTransactionStore } from '../authorization/transaction-store.ts'
import { createBoundedFetch } from '../browser/bounded-fetch.ts'
import { forgetPlace } from '../browser/page-place.ts'
import { createSingleFlight } from '../browser/single-flight.ts'
import { AuthError } from '../errors.ts'
import { subjectOf } from '../protocol/issuer.ts'
import { isRedirectAddress } from '../protocol/redirect-address.ts'
import type { ProofOfPossession } from '../protocol/proof-of-possession.ts'
import { createServerClock } from '../protocol/server-clock.ts'
import { createServerSource } from '../protocol/server-source.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { createCookieWatch } from '../renewal/cookie-watch.ts'
import { createFrameMemory } from '../renewal/frame-memory.ts'
import { createTabHandlers, watchPage, type FollowContext } from '../renewal/follow-tabs.ts'
import { createPause } from '../renewal/pause.ts'
import { createBroadcast } from '../session/broadcast.ts'
import { createSessionEpochs } from '../session/session-epoch.ts'
import { createSession } from '../session/session.ts'
import type { SettledSnapshot } from '../session/auth-snapshot.ts'
import type { HeldRefreshToken } from '../session/stored-refresh-token.ts'
import { createUserReader } from '../session/user.ts'
import { createTokenCache, findMissingScopes } from '../session/token-cache.ts'
import { storageKey, type TransactionStorage } from '../storage/storage.ts'
import type { ClientContext } from './context.ts'
import type { AuthEvents } from './events.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { PageEntry } from './page.ts'

/** The options of a client, with what its tokens are bound to at work. */
export type OpenedOptions = Omit<ResolvedOptions, 'dpop'> & { readonly dpop?: ProofOfPossession }

/** What all clients of a page with the same issuer and client ID share. */
export interface SessionOwner extends FollowContext {
  readonly options: OpenedOptions
  readonly entry: PageEntry
  /** Every client that is not disposed. */
  readonly views: Set<ClientContext>
  /** Whole, once the first client was used in a browser. */
  redirectUri: string
  /** When a user last logged in in this page, in milliseconds since the epoch. */
  loggedInAt: number | undefined
  /** The last `session_state` of the server. */
  sessionState: string | undefined
  /** The `start` that is under way. */
  starting: Promise<SettledSnapshot> | undefined
  /**
   * Has the strategies revoke a refresh token that ends with the session, if there is one. Never
   * rejects.
   */
  endToken(token: HeldRefreshToken): Promise<unknown>
  emit<Type extends keyof AuthEvents>(type: Type, event: AuthEvents[Type]): void
  /** Begins to follow the page and its other tabs, once. */
  open(redirectUri: string): void
  close(): void
}

/** Puts an owner together. No I/O, no access to the window: safe on a server. */
export function createSessionOwner(
  entry: PageEntry,
  given: ResolvedOptions,
  whenCallbacksEnd: SessionOwner['whenCallbacksEnd'],
): SessionOwner {
  const { issuer, clientId, renewal } = given
  const key = (kind: string): string => storageKey(kind, issuer, clientId)
  const clock = createServerClock((aheadSeconds) => warn('clock_skew', String(aheadSeconds)))
  const ended = new AbortController()
  // Own properties, here and below: a polluted prototype must not add one.
  const vaultStrategy = renewal.find((strategy) => Object.hasOwn(strategy, 'openVault'))
  const vaulted = vaultStrategy?.openVault!(given, ended.signal, () => owner) ?? given
  const opened = vaulted.dpop?.open(vaulted, clock, () => session.dropBound())
  const options = ownFields<OpenedOptions>(opened ?? vaulted)
  const fetch = createBoundedFetch(options.fetch, options.timeoutMs)
  const server = createServerSource(options, fetch, () => performance.now(), clock)
  const openTabStorage = (): TransactionStorage => options.transactionStorage ?? sessionStorage
  const broadcast = createBroadcast(
    key('epoch'),
    createTabHandlers(() => owner),
  )
  const tokenStrategy = renewal.find((strategy) => Object.hasOwn(strategy, 'keepRefreshTokens'))
  const keepRefreshTokens = tokenStrategy?.keepRefreshTokens
  const warn: FollowContext['warn'] = (code, reason) => owner.emit('warning', { code, reason })
  const session = createSession({
    epochs: createSessionEpochs(key('epoch')),
    openStore: (memory) =>
      options.tokenStorage.open(memory, {
        key: key('session'),
        issuer,
        clientId,
        keepsRefreshToken: !!keepRefreshTokens,
        dpop: options.dpop,
        signal: ended.signal,
        warn,
      }),
    cache: createTokenCache(options.leewaySeconds),
    scope: options.scope,
    keepRefreshTokens,
    readUser: createUserReader(options.claims),
    subjectOf: subjectOf.bind(undefined, issuer),
    onChange: (snapshot) => owner.emit('session', snapshot),
    onToken(tokens, entry, hasRefreshToken) {
      const { requestedScope, scope, receivedAt, lifeMs, audience } = entry
      const missing = findMissingScopes(requestedScope, tokens.scope, hasRefreshToken)
      if (missing) warn('scope_narrowed', missing)
      const expiresAt = receivedAt + lifeMs
      owner.sessionState = tokens.sessionState ?? owner.sessionState
      owner.emit('token', { ...(audience && { audience }), scope, expiresAt })
    },
    onMisfit: ({ code, reason = '' }) => warn(code, reason),
    announce: broadcast.send,
    onUnneeded: (token) => void owner.endToken(token),
    onEnd(isLogout, isOwn) {
      owner.loginRequired.clear()
      if (!isLogout) return
      void options.dpop?.forget(isOwn)
      owner.cookies.cleared()
      owner.frames.forget()
      owner.transactions.forgetFinished()
      forgetPlace(openTabStorage)
      // It holds tokens, and would sign in the client that processes the same response again.
      entry.callback = undefined
      owner.flights.abort(new AuthError('logged_out'))
    },
  })

  /** Events that not everybody has heard of yet. */
  const untold: (() => void)[] = []

  const owner: SessionOwner = {
    issuer,
    clientId,
    redirectUri: '',
    options,
    entry,
    session,
    sessionKey: key('session'),
    fetch,
    server,
    metadata: async () => (await server.get()).metadata,
    transactions: createTransactionStore(openTabStorage, options),
    openTabStorage,
    redirects: createRedirectGuard(openTabStorage, key('redirects')),
    leaver: createPageLeaver(),
    cookies: createCookieWatch(key('cookies')),
    frames: createFrameMemory(key('frame')),
    pause: createPause(),
    flights: createSingleFlight(),
    loginRequired: new Map(),
    views: new Set(),
    loggedInAt: undefined,
    sessionState: undefined,
    starting: undefined,
    looking: undefined,
    isStarting: () => !!owner.starting,
    whenCallbacksEnd,
    placeToReturn() {
      const { callback } = entry
      if (callback?.pageUrl !== location.href) return location.href
      if (callback.hasTransaction && !callback.isSilent) return undefined
      const isCallbackPage = isRedirectAddress(location.href, owner.redirectUri)
      return callback.returnTo ?? (isCallbackPage ? `${location.origin}/` : location.href)
    },
    isDisposed: () => ended.signal.aborted,
    report: (report) => owner.emit('renewal', report),
    // Without that strategy there is no refresh token.
    endToken: async (token) => token && tokenStrategy?.revokeAll?.(owner, token.token),
    warn,
    emit(type, event) {
      // Who is told may log out: that is told when all have heard what was before it.
      const count = untold.push(() => {
        for (const view of [...owner.views]) view.events.emit(type, event)
      })
      if (count > 1) return
      for (const tell of untold) tell()
      untold.length = 0
    },
    open(redirectUri) {
      if (owner.redirectUri) return
      owner.redirectUri = redirectUri
      session.open()
      broadcast.open()
      watchPage(owner, ended.signal)
    },
    close() {
      const reason = new AuthError('disposed')
      ended.abort(reason)
      session.close()
      broadcast.close()
      owner.flights.abort(reason)
      owner.leaver.abort(reason)
    },
  }
  return owner
}
