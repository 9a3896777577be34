import { readable, type Readable } from 'svelte/store'
import type { AuthClient, AuthSnapshot, User } from 'sotto'

/**
 * The session of a client, as a store: `$session` in a component, or with runes
 * `fromStore(session).current`. It follows the client while somebody is subscribed. On a server it
 * is `loading`.
 *
 * @example
 * ```ts
 * import { sessionStore } from 'sotto/svelte'
 *
 * const session = sessionStore(auth)
 * // in the template: {#if $session.status === 'authenticated'}{$session.user.name}{/if}
 * ```
 */
export function sessionStore<U extends object = User>(
  auth: AuthClient<U>,
): Readable<AuthSnapshot<U>> {
  return readable(auth.getSnapshot(), (set) => {
    const look = (): void => set(auth.getSnapshot())
    // It may have changed while nobody was subscribed.
    look()
    return auth.subscribe(look)
  })
}
