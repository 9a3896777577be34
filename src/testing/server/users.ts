import type { JsonObject } from './encoding.ts'
import type { RegisteredUser } from './options.ts'

/** A user as the server knows them now; sessions and grants refer to this very object. */
export interface User extends Required<RegisteredUser> {
  password: string
  claims: JsonObject
  /** Claims that were changed here: a login at a provider does not take them back. */
  changedClaims: JsonObject
  /** Who they are at an identity provider. */
  readonly identity?: { readonly issuer: string; readonly sub: string }
}

/** The users of a server that has just started. */
export function createUsers(registered: readonly Required<RegisteredUser>[]): User[] {
  return registered.map((user) => ({ ...user, changedClaims: {} }))
}

/** Whether a user is the one of that name or `sub`; everybody is if none is named. */
export function isUser({ sub, username }: RegisteredUser, name: string | undefined): boolean {
  return name === undefined || name === sub || name === username
}

/** The user of that name or `sub`; throws a TypeError if there is none. */
export function findUser({ users }: { readonly users: readonly User[] }, name: string): User {
  const user = users.find((known) => isUser(known, name))
  if (!user) throw new TypeError(`there is no user "${name}"`)
  return user
}

/** What to call a user on a page. */
export function displayName({ username, claims: { name } }: Required<RegisteredUser>): string {
  return typeof name === 'string' && name !== '' ? name : username
}
