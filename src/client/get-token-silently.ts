import { partitionOf, resolveTarget, type KeyedTarget } from '../authorization/resolve-target.ts'
import { whenVisible } from '../browser/environment.ts'
import { waitFor } from '../browser/single-flight.ts'
import { AuthError, hasCode, isAuthError } from '../errors.ts'
import { needsLogin } from '../protocol/authorization-response.ts'
import {
  checkAuthorizationParams,
  checkResource,
  checkText,
  configInvalid,
  isDuration,
} from '../protocol/request-parameters.ts'
import { canonicalScope } from '../protocol/scope.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { renew } from '../renewal/renew.ts'
import { remainingMs, type TokenEntry } from '../session/token-cache.ts'
import type { TokenDetails, TokenOptions } from './call-options.ts'
import type { ClientContext } from './context.ts'
import { handleLoginRequired } from './login-required.ts'

/**
 * A token from the cache, without a request; undefined where there is none that is good for this.
 */
export function findToken(
  { options, session, redirects }: ClientContext,
  call: TokenOptions,
): TokenEntry | undefined {
  if (call.cacheMode === 'off') return undefined
  const { resource } = call
  const scope = checkText('scope', call.scope ?? options.scope)
  const audience = checkText('audience', call.audience ?? options.audience ?? '')
  const partition = partitionOf({
    audience,
    resource: resource ? checkResource(resource) : options.resource,
    authorizationParams: checkAuthorizationParams(call.authorizationParams),
  })
  const entry = session.find(partition, scope)
  if (entry) redirects.serve(() => JSON.stringify([partition, canonicalScope(scope)]))
  return entry
}

/** What `getTokenSilently` does when the cache in memory has no answer. */
export async function obtainToken(
  context: ClientContext,
  call: TokenOptions,
): Promise<TokenEntry | undefined> {
  if (Object.hasOwn(call.authorizationParams ?? {}, 'prompt'))
    throw configInvalid('authorizationParams.prompt')
  const { timeoutMs } = call
  if (timeoutMs !== undefined && !isDuration(timeoutMs)) throw configInvalid('timeoutMs')
  const target = resolveTarget(context.options, call)
  const until = performance.now() + timeoutMs!
  /** The call with what is left of its time: it waits several times. */
  const rest = (): TokenOptions =>
    timeoutMs === undefined
      ? call
      : ownFields<TokenOptions>({ ...call, timeoutMs: Math.max(0, until - performance.now()) })
  await waitFor(context.session.restore(), call)
  const entry = findToken(context, call)
  if (entry || call.cacheMode === 'cache-only') return entry
  const { entry: ofPage, session, starting } = context.owner
  const entered = ofPage.callback?.entered
  // Who is logging in at this moment is not anonymous, nor sent to log in once more; nor where that
  // login has failed after a logout: `start` says so. Else it may wait for a strategy that is calling
  // here.
  if (entered && (starting ?? !entered.isOver)) {
    const failing = session.epoch.loggedOut && starting
    await waitFor(Promise.allSettled([entered.result, failing]), rest())
    const brought = findToken(context, call)
    if (brought) return brought
  }
  try {
    const renewed = await renewInTime(context, target, rest())
    context.redirects.serve(() => target.key)
    return renewed
  } catch (error) {
    const isDisposed = (): boolean => context.ended.signal.aborted
    if (!isAuthError(error) || !needsLogin(error) || isDisposed()) throw error
    const policy = call.onLoginRequired ?? context.options.onLoginRequired
    if (policy !== 'redirect' || document.visibilityState === 'visible')
      return handleLoginRequired(context, target, error, policy, call.signal)
    // Nobody would see the login page; and by the time the page is visible, another tab may have
    // logged in.
    await waitFor(whenVisible(), rest())
    if (isDisposed()) throw new AuthError('disposed')
    return obtainToken(context, rest())
  }
}

/**
 * A new token; or, where it does not come in half the time that is left to the old one, the old
 * one, which is still good. The renewal goes on. The server's word on the session is never ignored.
 */
async function renewInTime(
  { owner, session }: ClientContext,
  target: KeyedTarget,
  call: TokenOptions,
): Promise<TokenEntry> {
  const isForced = call.cacheMode === 'off'
  const findGood = (): TokenEntry | undefined =>
    isForced ? undefined : session.findUnexpired(target.partition, target.scope)
  const good = findGood()
  const renewal = renew(owner, target, isForced, call)
  if (!good) return renewal
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), remainingMs(good) / 2)
  })
  try {
    return (await Promise.race([renewal, late])) ?? findGood() ?? (await renewal)
  } catch (error) {
    const isServersWord = isAuthError(error) && needsLogin(error) && error.oauthError !== undefined
    const isOver =
      isServersWord || !isAuthError(error) || hasCode(error, 'disposed', 'config_invalid')
    const rest = isOver ? undefined : findGood()
    if (!rest) throw error
    return rest
  } finally {
    clearTimeout(timer)
    // Its outcome is in the cache, and in the `renewal` event.
    renewal.catch(() => {})
  }
}

export function describeToken(entry: TokenEntry): TokenDetails {
  const { accessToken, tokenType, scope, audience } = entry
  const leftMs = remainingMs(entry)
  return {
    accessToken,
    tokenType,
    scope,
    audience,
    expiresAt: Math.round(Date.now() + leftMs),
    expiresIn: Math.max(0, Math.floor(leftMs / 1000)),
  }
}
