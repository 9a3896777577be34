import { Location } from '@angular/common'
import { inject } from '@angular/core'
import type { CanActivateFn } from '@angular/router'
import { finalize, from } from 'rxjs'
import { requireLogin } from 'sotto'
import { AUTH, type RegisteredUser } from './provide-auth.ts'

/**
 * Guards a route (`canActivate`, `canActivateChild`): waits until it is known who is signed in, and
 * sends who is anonymous to log in and back to exactly there. On a server it lets every route
 * through: nobody is signed in there.
 *
 * The navigation fails with what `requireLogin` throws; `withNavigationErrorHandler` may show it.
 */
export const requireAuth: CanActivateFn = (_route, { url }) => enter(url)

/**
 * Makes a guard like {@link requireAuth} that lets in only those of whom `allow` says so; the
 * navigation fails with `not_allowed` otherwise.
 *
 * @example
 * ```ts
 * import { requireAuthIf } from 'sotto/angular'
 *
 * const routes = [{ path: 'admin', canActivate: [requireAuthIf(({ email }) => email === 'a@b.example')] }]
 * ```
 */
export function requireAuthIf(allow: (user: RegisteredUser) => boolean): CanActivateFn {
  return (_route, { url }) => enter(url, allow)
}

function enter(url: string, allow?: (user: RegisteredUser) => boolean): ReturnType<CanActivateFn> {
  if (typeof document === 'undefined') return true
  const ended = new AbortController()
  const returnTo = inject(Location).prepareExternalUrl(url)
  const options = { returnTo, signal: ended.signal, allow }
  const entered = requireLogin(inject(AUTH), options).then(() => true)
  // The router lets go of a navigation that another one takes over: it must not leave to log in.
  return from(entered).pipe(finalize(() => ended.abort()))
}
