import { waitFor } from '../browser/single-flight.ts'
import { AuthError, isAuthError } from '../errors.ts'
import type { CallbackOptions, CallbackResult } from './call-options.ts'
import { finishCallback, leaveCallback, takeCallback } from './take-callback.ts'
import type { ClientContext } from './context.ts'

/** Explicit processing of a redirect response. See `AuthClient.handleRedirectCallback`. */
export async function handleRedirectCallback(
  context: ClientContext,
  { url, signal }: CallbackOptions = {},
): Promise<CallbackResult> {
  signal?.throwIfAborted()
  let callback
  try {
    callback = takeCallback(context, url)
    if (!callback) throw new AuthError('state_unknown')
    const finished = finishCallback(context, callback)
    const result = await waitFor(finished, { signal, timeoutMs: undefined })
    leaveCallback(context)
    return result
  } catch (error) {
    // Without one, the page may be finishing the response of another client.
    if (callback) leaveCallback(context, error)
    // Where a logout overtook it, it is known that nobody is signed in.
    if (isAuthError(error) && error.code !== 'logged_out') {
      const { session } = context
      // Whoever is signed in by what is stored stays so.
      await session.restore()
      if (!callback?.hasTransaction && session.epoch.loggedOut) session.showAnonymous('logged_out')
      else session.fail(error)
    }
    throw error
  }
}
