import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import type { AuthClient } from '../client/auth-client.ts'
import { contextOf, type ClientContext } from '../client/context.ts'
import type { AuthErrorEvidence } from '../errors.ts'
import { bareUrl } from '../protocol/evidence.ts'
import { remainingMs } from '../session/token-cache.ts'
import { recognizeProvider } from './checks/provider.ts'
import { version } from './docs-link.ts'
import { recordedEvents, type RecordedEvent } from './record-events.ts'

/** What a bug report needs, as JSON that may be shown to anybody. */
export interface DebugReport {
  readonly sotto: string
  readonly createdAt: string
  /** The options: of what may be secret or personal, only that it is there. */
  readonly options: Readonly<Record<string, unknown>>
  readonly session: {
    readonly status: string
    readonly reason?: string
    readonly error?: {
      readonly code: string
      readonly reason?: string
      readonly status?: number
      readonly oauthError?: string
      readonly evidence?: AuthErrorEvidence
    }
    /** Access tokens in memory, by how long each has left. */
    readonly tokensExpireInSeconds: readonly number[]
    readonly hasRefreshToken: boolean
    readonly cookies: 'confirmed_blocked' | 'suspected_blocked' | 'not_suspected'
  }
  readonly server: {
    readonly isKnown: boolean
    readonly product?: string
    readonly clockOffsetSeconds: number
  }
  readonly environment: Readonly<Record<string, string | boolean | undefined>>
  /** What {@link recordEvents} has kept. */
  readonly events: readonly RecordedEvent[]
}

/**
 * What a bug report needs: the version, the options without what may be secret or personal, the
 * session without the user, the last events, and what the browser is like. Nothing is sent.
 *
 * @throws AuthError `config_invalid` where `auth` is no client
 * @example
 * ```ts
 * import { debugReport } from 'sotto/explain'
 *
 * console.log(JSON.stringify(debugReport(auth), undefined, 2))
 * ```
 */
export function debugReport(auth: AuthClient<object>): DebugReport {
  const context = contextOf(auth)
  const { owner, options } = context
  const metadata = owner.server.inHand?.metadata
  const product = recognizeProvider(options.issuer, { ...metadata })?.name
  return {
    sotto: version(),
    createdAt: new Date().toISOString(),
    options: describeOptions(options),
    session: describeSession(context),
    server: {
      isKnown: metadata !== undefined,
      ...(product && { product }),
      clockOffsetSeconds: owner.server.clock.offsetSeconds,
    },
    environment: describeEnvironment(),
    events: recordedEvents(auth),
  }
}

/** Options whose values are configuration that a browser's network panel shows anyway. */
const SHOWN = [
  ...(['issuer', 'clientId', 'scope', 'audience', 'resource', 'idTokenSignature'] as const),
  ...(['idTokenSigningAlg', 'requireIss', 'trustedAudiences', 'responseMode'] as const),
  ...(['leewaySeconds', 'clockToleranceSeconds', 'timeoutMs'] as const),
]

function describeOptions(options: ClientContext['options']): DebugReport['options'] {
  const { metadata, onLoginRequired, redirectUri, postLogoutRedirectUri } = options
  const shown = SHOWN.flatMap((name) =>
    options[name] === undefined ? [] : [[name, options[name]]],
  )
  const described = {
    ...(Object.fromEntries(shown) as Readonly<Record<string, unknown>>),
    redirectUri: bareUrl(redirectUri),
    ...(postLogoutRedirectUri && { postLogoutRedirectUri: bareUrl(postLogoutRedirectUri) }),
    onLoginRequired: typeof onLoginRequired === 'string' ? onLoginRequired : 'function',
    ...(metadata && { metadata: typeof metadata === 'string' ? bareUrl(metadata) : 'object' }),
    // Their values may name a user.
    authorizationParams: Object.keys(options.authorizationParams),
    renewal: options.renewal.map(({ label }) => label ?? 'custom'),
    tokenStorage: options.tokenStorage.kind,
    transactionStorage: options.transactionStorage ? 'custom' : 'sessionStorage',
  }
  // Of all others, that they are there: also one that nobody knows, as where it is misspelled.
  const others = Object.entries(options).filter(
    ([name, value]) => value !== undefined && !Object.hasOwn(described, name),
  )
  return { ...described, given: others.map(([name]) => name) }
}

function describeSession({ session, owner }: ClientContext): DebugReport['session'] {
  const snapshot = session.getSnapshot()
  const { cookies } = owner
  const known = {
    status: snapshot.status,
    tokensExpireInSeconds: session.entries().map((entry) => Math.round(remainingMs(entry) / 1000)),
    hasRefreshToken: !!session.refreshToken,
    cookies: cookies.isConfirmed()
      ? ('confirmed_blocked' as const)
      : cookies.isSuspected()
        ? ('suspected_blocked' as const)
        : ('not_suspected' as const),
  }
  if (snapshot.status === 'anonymous')
    return { ...known, ...(snapshot.reason && { reason: snapshot.reason }) }
  if (snapshot.status !== 'error') return known
  // Not its description, nor its appState: they may name a user.
  const { code, reason, status, oauthError, evidence } = snapshot.error
  const error = {
    code,
    ...(reason !== undefined && { reason }),
    ...(status !== undefined && { status }),
    ...(oauthError !== undefined && { oauthError }),
    ...(evidence && { evidence }),
  }
  return { ...known, error }
}

function describeEnvironment(): DebugReport['environment'] {
  const has = (look: () => unknown): boolean => !!tryOrUndefined(look)
  return {
    page: globalThis.location && bareUrl(location.href),
    userAgent: globalThis.navigator?.userAgent,
    isSecureContext: globalThis.isSecureContext,
    isCrossOriginIsolated: globalThis.crossOriginIsolated,
    isOnline: globalThis.navigator?.onLine,
    isFramed: globalThis.top !== globalThis.self,
    visibility: globalThis.document?.visibilityState,
    hasServiceWorker: has(() => navigator.serviceWorker.controller),
    hasLocks: has(() => navigator.locks),
    hasSessionStorage: has(() => sessionStorage),
    hasLocalStorage: has(() => localStorage),
    hasIndexedDb: has(() => indexedDB),
  }
}
