import { liveSessions } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import type { User } from '../server/users.ts'

/** What a user can change at the account page. */
export type AccountField = 'password' | 'email' | 'phone'

/**
 * Ends every session of a user, and every code and refresh token with them; says how many sessions
 * it were.
 */
function endEverything(state: ServerState, user: User): number {
  const ended = liveSessions(state).filter((session) => session.user === user)
  for (const { id } of ended) state.sessions.delete(id)
  for (const { grant } of [...state.codes.values(), ...state.refreshTokens.values()]) {
    if (grant.user === user) grant.revoked = true
  }
  return ended.length
}

const claimsOf = (field: Exclude<AccountField, 'password'>, value: string) =>
  field === 'email'
    ? { email: value, email_verified: false }
    : { phone_number: value, phone_number_verified: false }

/**
 * Changes what a user is known by, and ends everything that was begun with the old; says how many
 * sessions it were.
 */
export function changeAccount(
  state: ServerState,
  user: User,
  { field, value }: { readonly field: AccountField; readonly value: string },
): number {
  if (field === 'password') {
    user.password = value
  } else {
    user.changedClaims = { ...user.changedClaims, ...claimsOf(field, value) }
    user.claims = { ...user.claims, ...user.changedClaims }
  }
  return endEverything(state, user)
}
