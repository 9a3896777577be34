import { whenVisible } from '../browser/environment.ts'
import { waitFor, type Caller } from '../browser/single-flight.ts'
import type { AuthClient } from '../client/auth-client.ts'
import type { LoginOptions } from '../client/call-options.ts'
import { findContext } from '../client/context.ts'
import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { AuthenticatedSnapshot, User } from '../session/auth-snapshot.ts'
import { settled } from './settled.ts'

/** Options of `requireLogin`. */
export interface RequireLoginOptions<U extends object = User> {
  /**
   * Where the login leads back to: a path or URL of this origin, such as the one that a router is
   * about to show. Default: the current URL.
   */
  readonly returnTo?: string | undefined
  /** Whether this user may come in. Default: every user who is signed in. */
  readonly allow?: ((user: U) => boolean) | undefined
  /**
   * Aborted where the navigation was given up, such as the `signal` of a loader's request: the page
   * does not leave to log in then. Default: none.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * For guards of routes. Resolves where a user is signed in. Where nobody is, waits until the page
 * is visible, leaves to log in and stays pending, so that nothing of the guarded route is shown; a
 * login in another tab lets it through.
 *
 * @throws AuthError `not_allowed` where `allow` says no; what the snapshot has where its status is
 *   `error`, so that a login that fails does not begin again; what `loginWithRedirect` does; the
 *   reason of `signal`
 * @example
 * ```ts
 * // A loader of React Router
 * const loader = ({ request: { url, signal } }: { request: Request }) =>
 *   requireLogin(auth, { returnTo: url, signal })
 * ```
 */
export async function requireLogin<U extends object>(
  auth: AuthClient<U>,
  options: RequireLoginOptions<U> = {},
): Promise<AuthenticatedSnapshot<U>> {
  const { returnTo, allow, signal } = ownFields<RequireLoginOptions<U>>(options)
  const snapshot = await settled(auth)
  if (snapshot.status === 'error') throw snapshot.error
  if (snapshot.status === 'authenticated') {
    if (allow && !allow(snapshot.user)) throw new AuthError('not_allowed')
    return snapshot
  }
  const whileWanted = { signal, timeoutMs: undefined }
  // Nobody would see the login page, and another tab may log in before.
  await waitFor(whenSeen(auth), whileWanted)
  if (auth.getSnapshot() !== snapshot) return requireLogin(auth, options)
  // It comes back where the user has pressed Back, or where the app's own `navigate` is done.
  const login = { ...(returnTo !== undefined && { returnTo }), ...(signal && { signal }) }
  await auth.loginWithRedirect(ownFields<LoginOptions>(login))
  await waitWhileAnonymous(auth, whileWanted)
  return requireLogin(auth, options)
}

/** Once the page is visible, and what it was told of other tabs meanwhile has been looked at. */
async function whenSeen(auth: AuthClient<object>): Promise<void> {
  await whenVisible()
  await findContext(auth)?.owner.looking
}

/** Until somebody is signed in, or the login has failed. */
async function waitWhileAnonymous(auth: AuthClient<object>, caller: Caller): Promise<void> {
  let end = (): void => {}
  const over = new Promise<void>((resolve) => {
    const look = (): void => {
      if (auth.getSnapshot().status !== 'anonymous') resolve()
    }
    end = auth.subscribe(look)
    look()
  })
  // It hears nothing of a client that is disposed of.
  const ended = findContext(auth)?.ended.signal
  await waitFor(waitFor(over, caller), { signal: ended, timeoutMs: undefined }).finally(end)
}
