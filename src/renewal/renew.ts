import { isSendable } from '../session/session-record.ts'
import { hasComeAfter, type TokenEntry } from '../session/token-cache.ts'
import type { ClientContext } from '../client/context.ts'
import { LOCK_WAIT_MS, withLock } from '../browser/lock.ts'
import type { Caller } from '../browser/single-flight.ts'
import { AuthError, isAuthError, type AuthErrorCode } from '../errors.ts'
import { needsLogin } from '../protocol/authorization-response.ts'
import type { Target } from '../protocol/transaction.ts'
import type { RenewalOptions } from './renewal-strategy.ts'
import { forgetSession } from '../session/end-session.ts'
import { runStrategies, type RenewalTrace } from './run-strategies.ts'
import { loadSession, reloadSession } from '../session/stored-session.ts'
import { partitionOf, targetKey } from '../authorization/target.ts'

/** How long a `login_required` is believed without asking again. */
const REMEMBER_MS = 5000

/**
 * Gets a new token without the user: one flight for identical calls, one tab at a time where tabs share a storage.
 *
 * @param force do not answer from what is there already
 * @param caller `background` where nobody has asked for it: what is likely to be in vain is left out then; `since`, for `force`: a token
 *   that another tab has got later will do, on the clock of `performance.now()`
 * @throws AuthError `logged_out` and `user_changed` before any request
 */
export async function renew(
  context: ClientContext,
  target: Target,
  force: boolean,
  caller: Caller & { readonly background?: boolean; readonly since?: number } = {},
): Promise<TokenEntry> {
  assertSilentAllowed(context)
  const key = targetKey(target)
  const remembered = context.loginRequired.get(key)
  if (!force && remembered && performance.now() - remembered.at < REMEMBER_MS)
    throw remembered.error
  const cookiesBlocked = !!caller.background && context.cookies.isSuspected()
  return context.renewals.join(
    `${force} ${cookiesBlocked} ${key}`,
    caller,
    async (signal, onGrant) => {
      const startedAt = performance.now()
      const since = force ? (caller.since ?? startedAt) : -Infinity
      const trace: RenewalTrace = { attempts: [] }
      const report = (outcome: 'success' | 'failure', error?: AuthErrorCode): void =>
        context.events.emit('renewal', {
          outcome,
          durationMs: performance.now() - startedAt,
          ...trace,
          ...(error && { error }),
        })
      try {
        const entry = await renewLocked(context, target, {
          ...{ signal, onGrant, since, cookiesBlocked },
          trace,
        })
        report('success')
        return entry
      } catch (error) {
        if (isAuthError(error)) noteFailure(context, key, error)
        report('failure', isAuthError(error) ? error.code : undefined)
        throw error
      }
    },
  )
}

function assertSilentAllowed(context: ClientContext): void {
  const mark = context.marker.read()
  // A hint of another tab may have been lost.
  if (mark.generation !== context.mark.generation) forgetSession(context, mark)
  if (!mark.loggedOut && !context.userChanged) return
  context.session.signOut()
  throw new AuthError(mark.loggedOut ? 'logged_out' : 'user_changed')
}

async function renewLocked(
  context: ClientContext,
  target: Target,
  options: RenewalOptions & { readonly trace: RenewalTrace },
): Promise<TokenEntry> {
  // One deadline: a tab that is frozen may have every lock that is needed.
  const lockUntil = performance.now() + LOCK_WAIT_MS
  const run = (): Promise<TokenEntry> => {
    assertSilentAllowed(context)
    return runStrategies(context, target, { ...options, lockUntil }, options.trace)
  }
  await loadSession(context)
  if (!context.storage.shared) return run()
  const work = async (): Promise<TokenEntry> => {
    // Another tab may have renewed while this one waited.
    await reloadSession(context)
    const entry = context.cache.find(partitionOf(target), target.scope)
    return entry && hasComeAfter(entry, options.since) ? entry : run()
  }
  const lock = `${context.sessionKey} ${targetKey(target)}`
  return withLock(lock, options.signal, work, lockUntil).catch((error: unknown) => {
    // A tab is frozen with the lock. Two hidden frames at once harm nobody.
    if (isAuthError(error, 'lock_timeout')) return work()
    throw error
  })
}

/**
 * Only the server's own word ends a session, and only once nothing is left that is good without it: no token, and no refresh token that
 * may have been out of reach for the moment.
 */
function noteFailure(context: ClientContext, key: string, error: AuthError): void {
  const { session, cache, storage, sessionKey, refreshGrant } = context
  if (needsLogin(error)) {
    // What the server did not say itself may be different for the next caller.
    if (error.oauthError) context.loginRequired.set(key, { error, at: performance.now() })
  } else if (!isAuthError(error, 'logged_out') && !isAuthError(error, 'user_changed'))
    return session.fail(error)
  const isOver =
    /^(login_required|session_expired)$/.test(error.code) &&
    !cache.entries().length &&
    !isSendable(refreshGrant)
  if (session.identity && isOver) void storage.delete(sessionKey)
  if (!session.identity || isOver) session.signOut()
  else session.fail(error)
}
