import { whenVisible } from '../browser/environment.ts'
import type { AuthClient } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { AuthSnapshot, User } from '../session/snapshot.ts'
import { settled } from './settled.ts'

/** The snapshot of a user who is signed in. */
export type AuthenticatedSnapshot = AuthSnapshot & {
  readonly status: 'authenticated'
  readonly user: User
}

export interface RequireLoginOptions {
  /** Where the login leads back to: a path or URL of this origin, such as the one that a router is about to show. Default: the current URL. */
  readonly returnTo?: string
  /** Whether this user may come in. Default: every user who is signed in. */
  readonly allow?: (user: User) => boolean
}

/**
 * For guards of routes. Resolves where a user is signed in. Where nobody is, waits until the page is visible, leaves to log in and stays
 * pending, so that nothing of the guarded route is shown; a login in another tab lets it through.
 *
 * @throws AuthError `not_allowed` where `allow` says no; what the snapshot has where its status is `error`, so that a login that fails does
 *   not begin again; what `loginWithRedirect` does
 * @example
 * ```ts
 * // A loader of React Router
 * const loader = ({ request }: { request: Request }) => requireLogin(auth, { returnTo: request.url })
 * ```
 */
export async function requireLogin(
  auth: AuthClient,
  options: RequireLoginOptions = {},
): Promise<AuthenticatedSnapshot> {
  const { returnTo, allow } = ownFields<RequireLoginOptions>(options)
  const snapshot = await settled(auth)
  const { status, user, error } = snapshot
  if (status === 'error') throw error!
  if (status === 'authenticated') {
    if (allow && !allow(user!)) throw new AuthError('not_allowed')
    return snapshot as AuthenticatedSnapshot
  }
  // Nobody would see the login page, and another tab may log in before.
  await whenVisible()
  if (auth.getSnapshot() !== snapshot) return requireLogin(auth, options)
  // It comes back where the user has pressed Back, or where the app's own `navigate` is done.
  await auth.loginWithRedirect(ownFields({ ...(returnTo !== undefined && { returnTo }) }))
  await whenSignedIn(auth)
  return requireLogin(auth, options)
}

function whenSignedIn(auth: AuthClient): Promise<void> {
  return new Promise((resolve) => {
    const end = auth.subscribe(look)
    look()
    function look(): void {
      if (auth.getSnapshot().status !== 'authenticated') return
      end()
      resolve()
    }
  })
}
