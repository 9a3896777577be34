import type { ClientContext } from './context.ts'
import type { Target } from '../protocol/transaction.ts'
import { checkText, configInvalid } from '../protocol/request-parameters.ts'
import { checkReturnTo } from '../protocol/url.ts'
import {
  beginAuthorization,
  type AuthorizationOptions,
} from '../authorization/begin-authorization.ts'
import { leave } from '../authorization/leave-page.ts'
import { resolveTarget, type TargetOptions } from '../authorization/target.ts'

export interface LoginOptions extends TargetOptions {
  /** Anything that JSON can hold; given back when the login ends, well or not. */
  readonly appState?: unknown
  /** Where to go afterwards, on this origin. Default: where the page is now. */
  readonly returnTo?: string
  /** How old the user's authentication may be, in seconds; enforced on return. */
  readonly maxAge?: number
  /** Authentication contexts, space-separated, one of which is required on return. */
  readonly acrValues?: string
  readonly signal?: AbortSignal
}

/** Sends the user to the authorization server. See `AuthClient.loginWithRedirect`. */
export async function loginWithRedirect(
  context: ClientContext,
  options: LoginOptions = {},
): Promise<void> {
  const { appState, returnTo = location.href, maxAge, acrValues, signal } = options
  signal?.throwIfAborted()
  if (maxAge !== undefined && !(Number.isInteger(maxAge) && maxAge >= 0))
    throw configInvalid('maxAge')
  await redirect(
    context,
    resolveTarget(context, options),
    {
      kind: 'login',
      responseMode: context.options.responseMode,
      returnTo: checkReturnTo(returnTo),
      ...(appState !== undefined && { appState: copyAppState(appState) }),
      ...(maxAge !== undefined && { maxAge }),
      ...(checkText('acrValues', acrValues) && { acrValues }),
    },
    signal,
  )
}

/** Leaves for an authorization request. */
export function redirect(
  context: ClientContext,
  target: Target,
  options: AuthorizationOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { transactions } = context
  return leave(context, false, signal, async (go, aborted) => {
    const { transaction, url } = await beginAuthorization(context, target, options)
    aborted.throwIfAborted()
    if (options.kind !== 'login') context.redirects.count()
    transactions.save(transaction)
    try {
      await go(url)
    } catch (error) {
      transactions.take(transaction.state)
      throw error
    }
  })
}

function copyAppState(appState: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(appState)) as unknown
  } catch {
    throw configInvalid('appState')
  }
}
