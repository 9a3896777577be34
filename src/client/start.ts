import { whenVisible } from '../browser/environment.ts'
import { scrollBack, takePlace } from '../browser/page-place.ts'
import { replaceAddress } from '../browser/replace-address.ts'
import { waitFor } from '../browser/single-flight.ts'
import { isAuthError, type AuthError } from '../errors.ts'
import { isRedirectAddress } from '../protocol/redirect-address.ts'
import { pathOf } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { IN_BACKGROUND, renew, showFailure, SUSPECTED } from '../renewal/renew.ts'
import type { SettledSnapshot } from '../session/auth-snapshot.ts'
import type { CallbackOutcome, StartOptions } from './call-options.ts'
import {
  cleanAddress,
  finishCallback,
  leaveCallback,
  takeCallback,
  type Callback,
} from './take-callback.ts'
import { targetOf, type ClientContext } from './context.ts'
import { cleanLogoutUrl } from './logout.ts'

/** What a page does first. See `AuthClient.start`. */
export async function start(
  context: ClientContext,
  { onCallback, signal }: StartOptions = {},
): Promise<SettledSnapshot> {
  signal?.throwIfAborted()
  const { owner } = context
  owner.starting ??= run(context, onCallback).finally(() => (owner.starting = undefined))
  return waitFor(owner.starting, { signal, timeoutMs: undefined })
}

async function run(
  context: ClientContext,
  onCallback: StartOptions['onCallback'],
): Promise<SettledSnapshot> {
  const { owner, session } = context
  const callback = takeCallback(context)
  // Nobody is asked then, and a router that was made before would still come later.
  if (cleanLogoutUrl(context)) await new Promise((resolve) => setTimeout(resolve))
  // One that an earlier call has brought into this session is not finished again.
  const isToFinish = callback && !(callback.entered?.owner === owner && callback.entered.isOver)
  const failure = isToFinish ? await finish(context, callback) : undefined
  if (!isToFinish || failure) await restoreOrAsk(context, callback, failure)
  cleanAgain(context, callback)
  if (isToFinish) {
    leadAway(context, callback, failure, onCallback)
    leaveCallback(context, failure)
  }
  startAgainWhenSeen(context)
  // A login that was finished or failed, or a session that was restored or not, ends `loading`.
  return session.getSnapshot() as SettledSnapshot
}

/**
 * A tab that was opened in the background is not sent away while the user cannot see it, and asks
 * once they do.
 */
function startAgainWhenSeen(context: ClientContext): void {
  const { owner } = context
  const snapshot = owner.session.getSnapshot()
  const isSuspect = snapshot.status === 'anonymous' && snapshot.reason === SUSPECTED
  if (!isSuspect || document.visibilityState === 'visible') return
  void whenVisible().then(() => {
    if (owner.isDisposed()) return
    owner.loginRequired.clear()
    // What goes wrong is in the snapshot.
    start(context).catch(() => {})
  })
}

/** @returns the AuthError that it failed with */
async function finish(context: ClientContext, callback: Callback): Promise<AuthError | undefined> {
  try {
    await finishCallback(context, callback)
    return undefined
  } catch (error) {
    if (!isAuthError(error)) throw error
    if (!callback.isSilent && !callback.isRepeated)
      context.owner.emit('warning', { code: error.code, reason: 'callback' })
    return error
  }
}

/**
 * Restores the session: from the token storage without a request, else by asking the server
 * silently. A failed callback says nothing about the session. But where a login failed and there is
 * no session, the app is told why the login failed, so that it does not begin the same one again.
 */
async function restoreOrAsk(
  context: ClientContext,
  callback: Callback | undefined,
  failure: AuthError | undefined,
): Promise<void> {
  const { owner, session } = context
  const isFailedLogin = callback?.hasTransaction && !callback.isSilent
  if (isFailedLogin) session.holdFailedLogin(failure)
  try {
    await session.restore()
    if (session.identity && session.entries().length) return
    if (failure && failure.code !== 'logged_out') {
      // A logout before that login does not say why it failed, and nothing would be asked.
      if (isFailedLogin && session.epoch.loggedOut) return session.fail(failure)
      // The whole page has just asked by a silent redirect.
      if (callback?.isSilent) return showFailure(session, failure)
    }
    await renew(owner, targetOf(context, ownFields({})), false, IN_BACKGROUND)
  } catch (error) {
    if (!isAuthError(error) || error.code === 'disposed') throw error
    // What went wrong is in the snapshot, save where it went wrong before anything was asked. The
    // user is led away from the callback page all the same.
    if (error.code === 'config_invalid') session.fail(error)
  } finally {
    session.holdFailedLogin(undefined)
  }
  if (failure && isFailedLogin && !session.identity && !session.epoch.loggedOut)
    session.fail(failure)
}

/** Leads to where the login was begun, well or not: no user is left on the callback page. */
function leadAway(
  { owner, session, redirectUri }: ClientContext,
  callback: Callback,
  failure: AuthError | undefined,
  onCallback: StartOptions['onCallback'],
): void {
  const { hasTransaction, isRepeated, isSilent } = callback
  const isKnown = hasTransaction || isRepeated
  const place = isSilent ? takePlace(owner.openTabStorage, callback.returnTo ?? '') : undefined
  // Any link may have a response in it that nobody asked for. Only the callback page is no place to
  // stay.
  if (!isKnown && !isRedirectAddress(callback.pageUrl, redirectUri)) return
  const returnTo = isKnown ? callback.returnTo : `${location.origin}/`
  if (place) scrollBack(place)
  if (!onCallback) {
    replaceAddress(history.state ?? place?.state ?? null, returnTo)
    return tellRouters()
  }
  const { user } = session
  const error = isSilent || !hasTransaction || isRepeated ? undefined : failure
  const warn = (): void => owner.emit('warning', { code: 'callback_invalid', reason: 'onCallback' })
  const outcome: CallbackOutcome = {
    path: pathOf(returnTo),
    returnTo: callback.returnTo,
    appState: callback.appState,
    ...(user && { user }),
    ...(error && { error }),
  }
  try {
    Promise.resolve(onCallback(outcome)).catch(warn)
  } catch {
    warn()
  }
}

/** A router that was made before may have put the response back into the address bar. */
function cleanAgain(context: ClientContext, callback: Callback | undefined): void {
  const isBack = callback && location.href.includes(callback.state)
  if (isBack) cleanAddress(new URL(location.href))
  if (cleanLogoutUrl(context) || isBack) tellRouters()
}

/**
 * Without a state: vue-router believes the address in it, which is that of the response, and would
 * put it back as soon as the user goes on.
 */
function tellRouters(): void {
  dispatchEvent(new PopStateEvent('popstate'))
}
