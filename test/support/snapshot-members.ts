import type { AuthError, AuthSnapshot, User } from 'sotto'

interface Members {
  readonly status: AuthSnapshot['status']
  readonly user?: User
  readonly error?: AuthError
  readonly reason?: string
}

/** Any snapshot, with the members that it has or has not, for tests that compare several. */
export function membersOf(snapshot: AuthSnapshot): Members {
  return snapshot
}
