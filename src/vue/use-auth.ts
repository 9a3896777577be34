import { getCurrentScope, onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { AuthClient, AuthSnapshot, User } from 'sotto'

/**
 * The session of a client, as a ref. In a component, or another effect scope, it follows the client
 * until that ends. On a server it stays `loading`.
 *
 * @example
 * ```ts
 * import { useAuth } from 'sotto/vue'
 *
 * const session = useAuth(auth)
 * // in the template: session.status === 'authenticated' && session.user.name
 * ```
 */
export function useAuth<U extends object = User>(
  auth: AuthClient<U>,
): Readonly<ShallowRef<AuthSnapshot<U>>> {
  const session = shallowRef(auth.getSnapshot())
  // Vue never ends the scopes of what it has rendered on a server.
  if (typeof document === 'undefined') return session
  const end = auth.subscribe(() => (session.value = auth.getSnapshot()))
  if (getCurrentScope()) onScopeDispose(end)
  return session
}
