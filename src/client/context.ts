import { createRedirectGuard, type RedirectGuard } from '../authorization/redirect-guard.ts'
import type { RefreshGrant } from '../session/session-record.ts'
import { createTokenCache, type TokenCache, type TokenEntry } from '../session/token-cache.ts'
import {
  createTransactionStore,
  type TransactionStore,
} from '../authorization/transaction-store.ts'
import { createBroadcast, type Broadcast, type BroadcastHandlers } from '../session/broadcast.ts'
import { createCookieWatch, type CookieWatch } from '../renewal/cookie-watch.ts'
import {
  createSessionMarker,
  type SessionMark,
  type SessionMarker,
} from '../session/session-epoch.ts'
import { createSingleFlight, type SingleFlight } from '../browser/single-flight.ts'
import type { AuthError } from '../errors.ts'
import { createEventEmitter, type EventEmitter } from './events.ts'
import type { ResolvedOptions } from './options.ts'
import { discoverServer, type Fetch, type ServerMetadata } from '../protocol/discovery.ts'
import {
  createKeySource,
  createStaticKeySource,
  type KeySource,
} from '../protocol/json-web-keys.ts'
import { createSession, type AuthSnapshot, type Session, type User } from '../session/snapshot.ts'
import { createResilientStorage, type ResilientStorage } from '../storage/resilient-storage.ts'
import { storageKey, type TransactionStorage } from '../storage/storage.ts'
import { createBoundedFetch } from '../browser/bounded-fetch.ts'

export interface Server {
  readonly metadata: ServerMetadata
  /** Absent where signatures are left to TLS. */
  readonly keys: KeySource | undefined
}

/** How a redirect login ended. */
export interface CallbackResult {
  /** As given to `loginWithRedirect`. */
  readonly appState: unknown
  /** Where the login was begun, or the `returnTo` it was given: a whole URL on this origin. */
  readonly returnTo: string | undefined
  readonly user: User
}

/** Everything that belongs to one client. Strategies and functions that take a client work on it. */
export interface ClientContext {
  readonly options: ResolvedOptions
  readonly events: EventEmitter
  readonly session: Session
  readonly cache: TokenCache
  readonly storage: ResilientStorage
  /** The key of the session record, and the name of the lock that guards it. */
  readonly sessionKey: string
  readonly transactions: TransactionStore
  readonly redirects: RedirectGuard
  readonly marker: SessionMarker
  readonly cookies: CookieWatch
  readonly broadcast: Broadcast
  readonly renewals: SingleFlight<TokenEntry>
  /** Whether the page was left. */
  readonly redirections: SingleFlight<boolean>
  readonly fetch: Fetch
  /** The server's metadata, asked for at first need, with the options of that request; a failure is not remembered. */
  readonly getServer: (init?: RequestInit) => Promise<Server>

  disposed: boolean
  /** What else is to be ended with the client. */
  readonly endings: Set<() => void>
  /** The whole redirect URI, once it was resolved at first use in a browser. */
  redirectUri: string
  /** The mark that the memory of this client belongs to. */
  mark: SessionMark
  /** The user that silent requests must bring back, until a logout or a login of a person. */
  pinnedSub: string | undefined
  /** The refresh token of the session, where a strategy uses one. What the record in the storage has is newer. */
  refreshGrant: RefreshGrant | undefined
  /** Another user than the pinned one came back. */
  userChanged: boolean
  /** The one reading of the token storage. */
  loading: Promise<unknown> | undefined
  starting: Promise<AuthSnapshot> | undefined
  /** The last login that was finished here. */
  loginId: string | undefined
  callback: { readonly state: string; readonly result: Promise<CallbackResult> } | undefined
  /** The redirect that is under way: since when, a number to tell it from the next, and the number of the last logout. */
  readonly leaving: { round: number; since: number; logout: number }
  /** Recent `login_required` answers, by target. */
  readonly loginRequired: Map<string, { readonly error: AuthError; readonly at: number }>
}

/** Puts a client together. No I/O, no access to the window: safe on a server. */
export function createContext(
  options: ResolvedOptions,
  handlers: BroadcastHandlers,
): ClientContext {
  const key = (kind: string): string => storageKey(kind, options.issuer, options.clientId)
  const events = createEventEmitter(options.logger)
  const fetch = createBoundedFetch(options.fetch, options.timeoutMs)
  const openTransactions = (): TransactionStorage => options.transactionStorage ?? sessionStorage
  return {
    options,
    events,
    session: createSession((snapshot) => events.emit('session', snapshot)),
    cache: createTokenCache(options.leewaySeconds),
    storage: createResilientStorage(options.tokenStorage, (reason) =>
      events.emit('warning', { code: 'storage_unavailable', reason }),
    ),
    sessionKey: key('session'),
    transactions: createTransactionStore(openTransactions, options),
    redirects: createRedirectGuard(openTransactions, key('redirects')),
    marker: createSessionMarker(key('mark')),
    cookies: createCookieWatch(key('cookies')),
    broadcast: createBroadcast(key('mark'), handlers),
    renewals: createSingleFlight(),
    redirections: createSingleFlight(),
    fetch,
    getServer: createServerSource(options, fetch),
    disposed: false,
    endings: new Set(),
    redirectUri: '',
    mark: { generation: '', loggedOut: false },
    pinnedSub: undefined,
    refreshGrant: undefined,
    userChanged: false,
    loading: undefined,
    starting: undefined,
    callback: undefined,
    loginId: undefined,
    leaving: { round: 1, since: Infinity, logout: 0 },
    loginRequired: new Map(),
  }
}

function createServerSource(
  { issuer, metadata, jwks, idTokenSignature }: ResolvedOptions,
  fetch: Fetch,
): (init?: RequestInit) => Promise<Server> {
  const verify = idTokenSignature !== 'tls'
  let server: Promise<Server> | undefined
  let afterFailure: RequestInit | undefined

  async function discover(init?: RequestInit): Promise<Server> {
    const found = await discoverServer(issuer, metadata, verify && !jwks, (url) => fetch(url, init))
    const keys = jwks
      ? createStaticKeySource(jwks)
      : createKeySource(found.jwks_uri!, fetch, () => performance.now())
    return { metadata: found, keys: verify ? keys : undefined }
  }

  return (init) => {
    server ??= discover(afterFailure ?? init).catch((error: unknown) => {
      server = undefined
      // What failed may lie in the HTTP cache: an answer without CORS headers, or of something on the way.
      afterFailure = { cache: 'reload' }
      throw error
    })
    return server
  }
}
