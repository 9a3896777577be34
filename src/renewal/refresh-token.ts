import { withKeys, type KeyedTarget } from '../authorization/resolve-target.ts'
import { isOffline } from '../browser/environment.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { readClaims } from '../protocol/id-token.ts'
import { revokeToken } from '../protocol/revocation-request.ts'
import type { WholeFetch } from '../protocol/discovery.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { keepRefreshTokens } from '../session/refresh-tokens.ts'
import type { Session } from '../session/session-view.ts'
import { dueInMs, markSent, type StoredRefreshToken } from '../session/stored-refresh-token.ts'
import { hasComeAfter } from '../session/token-cache.ts'
import { revokeByStrategies } from './revoke-by-strategies.ts'
import { chooseRefreshParameters } from './refresh-parameters.ts'
import { withRefreshLock } from './refresh-lock.ts'
import {
  IN_DOUBT,
  type InternalContext,
  type InternalOptions,
  type InternalResult,
  type InternalStrategy,
} from './internal-strategy.ts'
import type { RenewalStrategy } from './renewal-strategy.ts'
import { exchangeRefreshToken, type Refresh } from './exchange-refresh-token.ts'

/** Why a target is not asked for again in this way. */
const REFUSALS: readonly unknown[] = ['invalid_scope', 'invalid_target', 'audience_mismatch']

/** The grace periods of servers, in which a refresh token may be used again, are short. */
const FIRST_RETRY_MS = 10_000

/**
 * Renews with a refresh token: no frame, no cookie. The server gives one with the login if it is
 * asked to, by most with the scope `offline_access`. It is kept in the token storage, and one tab
 * renews for all that share it. Only the server's answer ends it: where an answer was lost, the
 * token is sent again, at once and then with pauses (decision 0012). A logout revokes it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-6 RFC 6749, section 6}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.14 RFC 9700, section 4.14}
 * @example
 * ```ts
 * createAuthClient({
 *   issuer,
 *   clientId,
 *   redirectUri,
 *   scope: 'openid profile email offline_access',
 *   renewal: [refreshToken(), silentIframe()],
 * })
 * ```
 */
export function refreshToken(): RenewalStrategy {
  /** Targets that the server has refused this way, for the life of the page. */
  const refusals = new WeakMap<Session, Set<string>>()

  const run: InternalStrategy = async (context, request, options) => {
    const target = withKeys(request)
    const { session } = context
    // A storage may have been silent when the session was restored.
    if (!session.refreshToken && !session.identity) await session.reload()
    if (!session.refreshToken) return withoutToken(session)
    const { generation = session.currentGeneration() } = options as Partial<InternalOptions>
    const refused = refusals.get(session) ?? new Set()
    refusals.set(session, refused)
    if (refused.has(target.key)) return { notPossible: 'refused_before' }
    // Before the lock, under which nothing else goes over the network.
    const { metadata, keys } = await context.server.get()
    await context.options.dpop?.ready()
    const { clock } = context.server
    const endpoint = { ...context.options, fetch: context.fetch, server: metadata, keys, clock }
    const result = await withRefreshLock(context, options.signal, () =>
      refresh(context, { endpoint, target, generation }, options),
    )
    if (REFUSALS.includes(ownFields(result)['notPossible'])) refused.add(target.key)
    return result
  }

  const parts = {
    label: 'refresh_token',
    keepRefreshTokens,
    revokeAll: revokeByStrategies,
    onLogout: revoke,
  }
  return Object.assign(run, parts) as InternalStrategy as RenewalStrategy
}

/**
 * The end of a token is told again until new ones come: what was good meanwhile may have ended, and
 * other pages have to know.
 */
function withoutToken({ refreshToken: held }: Session): InternalResult {
  if (held === null) throw new AuthError('session_expired')
  return { notPossible: 'no_refresh_token' }
}

/** How often what another tab has done meanwhile is looked at anew. */
const MAX_ROUNDS = 3

/** Runs with the lock: what is read under it holds until it is given back. */
async function refresh(
  context: InternalContext,
  input: Omit<Refresh, 'sent' | 'plan'>,
  options: InternalOptions,
): Promise<InternalResult> {
  const { session } = context
  const { target, generation } = input
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let held = session.refreshToken
    // A token that does not rotate is not claimed in the storage, and the claim is how renewals of
    // other tabs are noticed.
    if (held?.rotates === false) {
      await session.reload()
      held = session.refreshToken
    }
    if (round) session.assertCurrent(generation)
    const entry = session.find(target.partition, target.scope)
    if (entry && hasComeAfter(entry, options.since)) return { entry }
    if (!held) return withoutToken(session)
    const plan = chooseRefreshParameters(held, target)
    if (typeof plan === 'string') return { notPossible: plan }
    if (isTooOld(context, target, held)) return { notPossible: 'max_age' }
    if (!mayBeSent(context, held, options)) return { notPossible: IN_DOUBT }
    const result = await send(context, { ...input, plan }, held, options)
    if (result !== 'changed') return result
  }
  throw new AuthError('lock_timeout')
}

/**
 * Sends a token that is marked in the storage until an answer is known; once more where the network
 * lost it.
 *
 * @returns `changed` where another tab came first, and nothing was sent
 */
async function send(
  context: InternalContext,
  refreshWith: Omit<Refresh, 'sent'>,
  held: StoredRefreshToken,
  { hasNext, onTokenRequest }: InternalOptions,
): Promise<InternalResult | 'changed'> {
  const { session, cookies, options } = context
  const now = Date.now()
  const sent = markSent(held, now)
  const claim = sent === held ? 'claimed' : await session.refreshTokens!.claim(held, sent)
  if (claim === 'changed') return claim
  if (claim === 'unknown')
    throw new AuthError('storage_unavailable', { reason: 'refresh_token', retryable: true })
  // This tab was suspended meanwhile, and another one may have taken the lock away from it.
  if (Date.now() - now > options.timeoutMs) throw new AuthError('lock_timeout')
  const sendOnce = (): Promise<InternalResult | AuthError> => {
    // A logout may have come while something was written.
    session.assertCurrent(refreshWith.generation)
    onTokenRequest()
    return exchangeRefreshToken(context, { ...refreshWith, sent })
  }
  const first = await sendOnce()
  const frameGoesFirst = hasNext && cookies.hasSucceeded()
  const isLost = isAuthError(first, 'network_error') && session.refreshToken?.token === sent.token
  // Where the browser says that it is offline, the second would fail as the first did.
  const isRetried = isLost && !held.doubt && !frameGoesFirst && !isOffline()
  const result = isRetried ? await sendOnce() : first
  if (isAuthError(result)) throw result
  return result
}

/**
 * Whether a token whose last use had no known outcome is sent now. The first retry comes at once,
 * but after a frame where frames work; later ones when everything else has failed, no token is left
 * that is good, and the pause is over.
 *
 * @throws AuthError retryable, where it may be sent later
 */
function mayBeSent(
  { session, cookies }: InternalContext,
  held: StoredRefreshToken,
  { hasNext, isLastResort }: InternalOptions,
): boolean {
  const { doubt } = held
  if (!doubt) return true
  const now = Date.now()
  const isFirst = doubt.tries === 1 && now < doubt.nextAt + FIRST_RETRY_MS
  if (isFirst && !(hasNext && cookies.hasSucceeded())) return true
  if (!isLastResort) return false
  const waitMs = dueInMs(held, now)
  if (!waitMs && !session.entries().length) return true
  throw new AuthError('network_error', {
    reason: 'outcome_unknown',
    ...(waitMs && { retryAfterSeconds: Math.ceil(waitMs / 1000) }),
  })
}

/**
 * A refresh does not authenticate the user again: past `max_age` only the server can say whether
 * they have to.
 */
function isTooOld(
  { options, session, server }: InternalContext,
  { authorizationParams }: KeyedTarget,
  { idToken }: StoredRefreshToken,
): boolean {
  const { max_age } = {
    __proto__: null,
    ...options.authorizationParams,
    ...session.sessionParams,
    ...authorizationParams,
  } as { readonly max_age?: string }
  if (!max_age) return false
  const { auth_time } = readClaims(idToken)
  const endsAt = Number(auth_time) + Number(max_age) + options.clockToleranceSeconds
  return !(endsAt >= Date.now() / 1000 + server.clock.offsetSeconds)
}

/** Asks for nothing that is not in hand: a page that is signing out must not wait for metadata. */
async function revoke(given: object, token: string): Promise<void> {
  const { server, options, fetch } = given as InternalContext
  const { metadata } = server.inHand ?? {}
  if (!metadata?.revocation_endpoint) return
  const endpoint = {
    ...options,
    server: metadata,
    // It has to arrive although the page leaves.
    fetch: ((url, init) => fetch(url, { ...init, keepalive: true })) satisfies WholeFetch,
  }
  await revokeToken(endpoint, token, 'refresh_token')
}
