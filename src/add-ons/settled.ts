import type { AuthClient } from '../client/auth-client.ts'
import { findContext } from '../client/context.ts'
import { isAuthError } from '../errors.ts'
import type { SettledSnapshot } from '../session/auth-snapshot.ts'

/**
 * Waits until it is known whether a user is signed in, for guards, loaders and Suspense. Begins
 * `start` where the app has not; an `onCallback` is that of the app's own call of `start`, which
 * may come in the same turn. Waits for no `onCallback`.
 *
 * @returns the first snapshot that is not `loading`. Never rejects: of a client that was disposed,
 *   and on a server, it is `error` with `disposed` or `not_in_browser`
 * @example
 * ```ts
 * const { status } = await settled(auth)
 * ```
 */
export async function settled<U extends object>(auth: AuthClient<U>): Promise<SettledSnapshot<U>> {
  // The app may be about to call `start` with its own `onCallback`.
  await Promise.resolve()
  const snapshot = auth.getSnapshot()
  // One that was disposed of follows nobody: what it shows may be over.
  const isOver = findContext(auth)?.ended.signal.aborted
  if (snapshot.status !== 'loading' && !isOver) return snapshot
  try {
    return await auth.start()
  } catch (error) {
    if (!isAuthError(error)) throw error
    return Object.freeze<SettledSnapshot<U>>({ status: 'error', error })
  }
}
