import { isSendable, type RefreshGrant } from '../session/session-record.ts'
import { hasComeAfter, type TokenEntry } from '../session/token-cache.ts'
import type { ClientContext } from '../client/context.ts'
import { withLock } from '../browser/lock.ts'
import { isAuthError } from '../errors.ts'
import { assertGeneration } from '../session/store-tokens.ts'
import { reloadSession } from '../session/stored-session.ts'
import { partitionOf, targetKey } from '../authorization/target.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { decodePart } from '../protocol/id-token.ts'
import type { IdTokenClaims, TokenSet } from '../protocol/token-set.ts'
import type { Target } from '../protocol/transaction.ts'
import { planRefresh } from './refresh-plan.ts'
import { refreshLockOf } from './refresh-lock.ts'
import { sendGrant, type RefreshOptions } from './send-grant.ts'
import type { RenewalResult, RenewalStrategy } from './renewal-strategy.ts'

/**
 * Renews with a refresh token: no frame, no cookie. The server gives one with the login if it is asked to, by most with the scope
 * `offline_access`. It is kept in the token storage, and one tab renews for all that share it. Safe with servers that use a refresh
 * token up (rotation, reuse detection): none is sent twice that may have been used up.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-6 RFC 6749, section 6}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.14 RFC 9700, section 4.14}
 * @example
 * ```ts
 * createAuthClient({
 *   ...{ issuer, clientId, redirectUri },
 *   scope: 'openid profile email offline_access',
 *   renewal: [refreshToken(), silentIframe()],
 * })
 * ```
 */
export function refreshToken(): RenewalStrategy {
  /** Targets that the server has refused this way, for the life of the page. */
  const refusals = new WeakMap<ClientContext, Set<string>>()

  const run: RenewalStrategy = async (context, target, options) => {
    if (!context.refreshGrant) return { notPossible: 'no_refresh_token' }
    const { generation } = context.marker.read()
    const refused = refusals.get(context) ?? new Set()
    refusals.set(context, refused)
    if (refused.has(targetKey(target))) return { notPossible: 'refused_before' }
    const work = (): Promise<RenewalResult> => refresh(context, target, { ...options, generation })
    try {
      const result = await withLock(refreshLockOf(context), options.signal, work, options.lockUntil)
      if (/^(invalid_\w+|audience_mismatch)$/.test(String(ownFields(result)['notPossible'])))
        refused.add(targetKey(target))
      return result
    } catch (error) {
      // Another tab may be frozen in the middle of its own: a refresh token is not sent without the lock.
      if (isAuthError(error, 'lock_timeout')) return { notPossible: 'lock_timeout' }
      throw error
    }
  }

  return Object.assign(run, {
    label: 'refresh_token',
    usesRefreshToken: true,
    onLogin: keepRefreshToken,
  })
}

/** Fills an empty place: a silent login does not replace a refresh token that still works, because that one may be good for more. */
function keepRefreshToken(
  context: ClientContext,
  { refreshToken: token, idToken }: TokenSet,
  { partition, requestedScope, scope }: TokenEntry,
): void {
  if (token && !isSendable(context.refreshGrant))
    context.refreshGrant = { token, partition, requestedScope, scope, idToken }
}

/** Runs with the lock: what the storage says now holds until it is given back. */
async function refresh(
  context: ClientContext,
  target: Target,
  options: RefreshOptions & { readonly since: number },
): Promise<RenewalResult> {
  const found = await reloadSession(context)
  if (context.storage.worked()) {
    if (found === 'failure') return { notPossible: 'storage_unavailable' }
    // It has ended, in another tab, with the session.
    if (found === 'nothing') context.refreshGrant = undefined
  }
  const entry = context.cache.find(partitionOf(target), target.scope)
  if (entry && hasComeAfter(entry, options.since)) return { entry }
  const { refreshGrant } = context
  if (!refreshGrant) return { notPossible: 'no_refresh_token' }
  if (!isSendable(refreshGrant)) return { notPossible: 'outcome_unknown' }
  const plan = planRefresh(refreshGrant, target)
  if (typeof plan === 'string') return { notPossible: plan }
  if (isTooOld(context, target, refreshGrant)) return { notPossible: 'max_age' }
  assertGeneration(context, options.generation)
  return sendGrant(context, target, { ...options, grant: refreshGrant, plan })
}

/** A refresh does not authenticate the user again: past `max_age` only the server can say whether they have to. */
function isTooOld(
  { options }: ClientContext,
  { authorizationParams }: Target,
  { idToken }: RefreshGrant,
): boolean {
  const { max_age } = ownFields({
    ...options.authorizationParams,
    ...authorizationParams,
  }) as { readonly max_age?: string }
  if (!max_age) return false
  const { auth_time } = decodePart(idToken, 1) as IdTokenClaims
  const endsAt = Number(auth_time) + Number(max_age) + options.clockToleranceSeconds
  return !(endsAt * 1000 >= Date.now())
}
