import type { AuthClient } from '../client/auth-client.ts'
import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'

/**
 * Notes who is signed in, for a request that is tried again: what one user has asked for must not
 * be sent as another, who has logged in meanwhile.
 *
 * @returns a check that throws AuthError `user_changed` where it is somebody else by then
 */
export function holdUser(auth: AuthClient<object>): () => void {
  const before = subjectOf(auth)
  return () => {
    const now = subjectOf(auth)
    // Whether somebody is still signed in says the token.
    if (before !== undefined && now !== undefined && now !== before)
      throw new AuthError('user_changed')
  }
}

function subjectOf(auth: AuthClient<object>): string | undefined {
  const snapshot = auth.getSnapshot()
  if (snapshot.status !== 'authenticated') return undefined
  // A `sub` is unique within its issuer only, and of a server for many tenants each has its own.
  const { iss, sub } = ownFields(snapshot.user)
  return `${String(iss)} ${String(sub)}`
}
