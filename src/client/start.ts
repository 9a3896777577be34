import type { CallbackResult, ClientContext } from './context.ts'
import { waitFor } from '../browser/single-flight.ts'
import { isAuthError, type AuthError } from '../errors.ts'
import { needsLogin } from '../protocol/authorization-response.ts'
import type { AuthSnapshot } from '../session/snapshot.ts'
import { isPrerendering, whenActivated } from '../browser/environment.ts'
import { finishCallback, takeCallback } from './handle-redirect-callback.ts'
import { cleanLogoutUrl } from './logout.ts'
import { renew } from '../renewal/renew.ts'
import { loadSession } from '../session/stored-session.ts'
import { resolveTarget } from '../authorization/target.ts'

export interface StartOptions {
  /** Called when a login was finished. Default: the address bar goes to `returnTo`, without a reload. */
  readonly onCallback?: (result: CallbackResult) => void | Promise<void>
  readonly signal?: AbortSignal
}

/** What a page does first. See `AuthClient.start`. */
export async function start(
  context: ClientContext,
  { onCallback, signal }: StartOptions = {},
): Promise<AuthSnapshot> {
  signal?.throwIfAborted()
  context.starting ??= run(context, onCallback).finally(() => (context.starting = undefined))
  return waitFor(context.starting, { signal })
}

async function run(
  context: ClientContext,
  onCallback: StartOptions['onCallback'],
): Promise<AuthSnapshot> {
  // Nothing is asked of the server for a visit that may never come.
  if (isPrerendering()) await whenActivated()
  const callback = takeCallback(context)
  cleanLogoutUrl(context)
  // One that was settled before this call belongs to an earlier `start`.
  if (callback && callback.settledAt === undefined) {
    try {
      const result = await finishCallback(context, callback)
      if (onCallback) await onCallback(result)
      else if (result.returnTo) history.replaceState(null, '', result.returnTo)
      return context.session.getSnapshot()
    } catch (error) {
      if (!isAuthError(error)) throw error
      if (callback.isSilent) return endSilently(context, error)
      context.events.emit('warning', { code: error.code, reason: 'callback' })
      // A reload of a callback is a visit like any other. For the rest, a session that was there before still holds.
      if (error.code !== 'state_unknown') {
        context.session.fail(error)
        return context.session.getSnapshot()
      }
    }
  }
  try {
    await restore(context)
  } catch (error) {
    // What went wrong is in the snapshot.
    if (!isAuthError(error) || error.code === 'config_invalid') throw error
  }
  return context.session.getSnapshot()
}

/** The page asked the server silently and is back: nobody has logged in, so nothing is a failed login. */
function endSilently(context: ClientContext, error: AuthError): AuthSnapshot {
  const { session } = context
  if (error.returnTo) history.replaceState(null, '', error.returnTo)
  if (needsLogin(error) || /^(logged_out|user_changed)$/.test(error.code)) session.signOut()
  else session.fail(error)
  return session.getSnapshot()
}

/** Restores the session: from the token storage without a request, else by asking the server silently. */
async function restore(context: ClientContext): Promise<void> {
  await loadSession(context)
  if (!context.session.identity || !context.cache.entries().length)
    await renew(context, resolveTarget(context, {}), false, { background: true })
}
