import { waitFor } from '../browser/single-flight.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { finishCallback, takeCallback, type CallbackResult } from './callback.ts'
import type { ClientContext } from './context.ts'

export interface CallbackOptions {
  /** The callback, if it is not the page's own address. */
  readonly url?: string
  readonly signal?: AbortSignal
}

/** Explicit processing of a redirect response. See `AuthClient.handleRedirectCallback`. */
export async function handleRedirectCallback(
  context: ClientContext,
  { url, signal }: CallbackOptions = {},
): Promise<CallbackResult> {
  signal?.throwIfAborted()
  try {
    const callback = takeCallback(context, url)
    if (!callback) throw new AuthError('state_unknown')
    return await waitFor(finishCallback(context, callback), { signal, timeoutMs: undefined })
  } catch (error) {
    if (isAuthError(error)) context.session.fail(error)
    throw error
  }
}
