import { redirect } from '../authorization/redirect.ts'
import type { KeyedTarget } from '../authorization/resolve-target.ts'
import type { AuthError } from '../errors.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import type { ClientContext } from './context.ts'
import { withoutResponse } from './login-with-redirect.ts'
import type { OnLoginRequired } from './options.ts'

/**
 * Does what the app chose for a silent request that met `login_required`. A login goes for exactly
 * what was asked silently, so that its token answers the same call, and comes back to the same
 * place.
 *
 * @throws AuthError the one given, unless the page leaves; `redirect_loop` where leaving would lead
 *   in a circle; `config_invalid` for a policy of a call that is none
 */
export async function handleLoginRequired(
  context: ClientContext,
  target: KeyedTarget,
  error: AuthError,
  policy: OnLoginRequired,
  signal: AbortSignal | undefined,
): Promise<never> {
  let leaving: Promise<never> | undefined
  const login = (): Promise<never> => (leaving = leave())

  async function leave(): Promise<never> {
    context.redirects.check(target.key)
    const { responseMode } = context.options
    const returnTo = withoutResponse(context, location.href)
    await redirect(context, target, { kind: 'fallback', responseMode, returnTo }, signal)
    // The page is still there: shown again from the back/forward cache, or led elsewhere by the
    // app's own `navigate`.
    throw error
  }

  if (policy === 'redirect') return login()
  if (policy === 'throw') throw error
  if (typeof policy !== 'function') throw configInvalid('onLoginRequired')
  policy(error, login)
  if (leaving) return leaving
  throw error
}
