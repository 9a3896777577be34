import type { KeyedTarget } from '../authorization/resolve-target.ts'
import type { Caller, SingleFlight } from '../browser/single-flight.ts'
import { hasCode, isAuthError, type AuthError } from '../errors.ts'
import { needsLogin } from '../protocol/authorization-response.ts'
import type { AnonymousSnapshot } from '../session/auth-snapshot.ts'
import type { Session } from '../session/session-view.ts'
import { hasComeAfter, type TokenEntry } from '../session/token-cache.ts'
import type { Pause } from './pause.ts'
import type { InternalContext, RunOptions } from './internal-strategy.ts'
import type { RenewalReport } from './renewal-report.ts'
import { runStrategies, type Renewed } from './run-strategies.ts'

/** What a renewal needs of a client. */
export interface RenewContext extends InternalContext {
  readonly flights: SingleFlight<TokenEntry>
  readonly pause: Pause
  /** Recent `login_required` answers, by target. */
  readonly loginRequired: Map<string, { readonly error: AuthError; readonly at: number }>
  readonly report: (report: RenewalReport) => void
}

/** Every member is its own, or it has no prototype. */
export interface RenewCaller extends Caller {
  /** Where no call of the app waits for it: what is likely to be in vain is left out then. */
  readonly background?: boolean
  /**
   * For a forced renewal: a token that another tab has got later will do, on the clock of
   * `performance.now()`.
   */
  readonly since?: number | undefined
}

/** Where no call of the app waits for a renewal. */
export const IN_BACKGROUND: RenewCaller = {
  background: true,
  signal: undefined,
  timeoutMs: undefined,
}

/** How long a `login_required` is believed without asking again. */
const REMEMBER_MS = 5000

/**
 * Gets a new token without the user: one flight for identical calls, one tab at a time where tabs
 * share a storage.
 *
 * @param force do not answer from what is there already
 * @throws AuthError `logged_out` and `user_changed` before any request; in a pause, the failure
 *   that began it
 */
export async function renew(
  context: RenewContext,
  target: KeyedTarget,
  force: boolean,
  caller: RenewCaller,
): Promise<TokenEntry> {
  const { session, loginRequired, pause, cookies, flights } = context
  // What is stored is known first: another user may be in it.
  await session.restore()
  const tried = session.refreshToken?.token
  const { revision } = session
  const generation = session.assertSilent()
  const remembered = loginRequired.get(target.key)
  if (!force && remembered && performance.now() - remembered.at < REMEMBER_MS)
    throw remembered.error
  pause.assertOver(force)
  const isInBackground = !!caller.background
  const cookiesBlocked = isInBackground && cookies.isConfirmed()
  return flights.join(
    `${force} ${cookiesBlocked} ${target.key}`,
    caller,
    async (signal, onTokenRequest) => {
      const startedAt = performance.now()
      const since = force ? (caller.since ?? startedAt) : -Infinity
      const own = { since, generation, revision, isInBackground }
      const options = { ...own, signal, onTokenRequest, cookiesBlocked }
      const report = (story: Omit<RenewalReport, 'durationMs'>): void =>
        context.report({ durationMs: performance.now() - startedAt, ...story })
      try {
        const { entry, ...story } = await renewOrTakeOver(context, target, options, tried)
        pause.succeeded()
        loginRequired.delete(target.key)
        report({ outcome: 'success', ...story })
        return entry
      } catch (error) {
        // What went wrong after the logout that overtook it is no error of anybody's.
        signal.throwIfAborted()
        if (!isAuthError(error)) throw error
        noteFailure(context, error)
        report({ outcome: 'failure', attempts: error.attempts ?? [], error: error.code })
        throw error
      }
    },
  )
}

/**
 * Where the server knows no session, and another tab has one that is good, that one is the answer.
 * Where a login has come since it was asked, it is asked again.
 */
async function renewOrTakeOver(
  context: InternalContext & Pick<RenewContext, 'loginRequired'>,
  target: KeyedTarget,
  options: RunOptions,
  tried: string | undefined,
): Promise<Renewed> {
  const { session, loginRequired } = context
  try {
    return await runStrategies(context, target, options)
  } catch (error) {
    if (!isAuthError(error) || !needsLogin(error)) throw error
    const mayBeOver = hasCode(error, 'login_required', 'session_expired')
    if (mayBeOver && !(await session.endIfOver())) {
      const entry = session.find(target.partition, target.scope)
      const { attempts = [] } = error
      if (entry && hasComeAfter(entry, options.since)) return { entry, attempts }
      const { refreshToken } = session
      if ((refreshToken && refreshToken.token !== tried) || session.revision !== options.revision)
        return await runStrategies(context, target, options)
    }
    // Only the server's own answer is remembered: the next caller may fare differently.
    if (error.oauthError) loginRequired.set(target.key, { error, at: performance.now() })
    throw error
  }
}

/** A failed renewal ends no session. It tells who is signed in only where that was not known. */
function noteFailure({ session, pause, cookies }: RenewContext, error: AuthError): void {
  pause.failed(error)
  showFailure(session, error, cookies.isSuspected() ? SUSPECTED : undefined)
}

export const SUSPECTED = 'cookies_blocked_suspected'

/** @param reason why no user is signed in, where that is what the error says */
export function showFailure(
  session: Session,
  error: AuthError,
  reason?: AnonymousSnapshot['reason'],
): void {
  if (!session.identity && needsLogin(error)) session.showAnonymous(reason)
  // What fails later is no news of somebody who was not signed in.
  else if (session.identity ?? session.getSnapshot().status !== 'anonymous') session.fail(error)
}
