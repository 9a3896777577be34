import type { AuthError } from '../errors.ts'

/** Claims that most servers send (OpenID Connect Core, section 5.1). */
interface StandardClaims {
  readonly sub: string
  readonly name?: string
  readonly email?: string
  readonly picture?: string
}

/**
 * What the ID token says of the user. The option `claims` says which claims your server sends, and
 * types them.
 */
export interface User extends StandardClaims {
  readonly [claim: string]: unknown
}

/**
 * The user where the option `claims` has a schema: what the schema makes of the claims, over the
 * claims as they are.
 */
export type UserWith<Claims extends object> = [keyof Claims] extends [never]
  ? User
  : Readonly<Claims> & Omit<StandardClaims, keyof Claims> & { readonly [claim: string]: unknown }

export interface LoadingSnapshot {
  readonly status: 'loading'
}

export interface AuthenticatedSnapshot<U extends object = User> {
  readonly status: 'authenticated'
  readonly user: U
}

export interface AnonymousSnapshot {
  readonly status: 'anonymous'
  /**
   * Why no user is signed in, where there is more to say than that none was: a logout, here or in
   * another tab; the server's word that the session is over; or a frame without an answer where the
   * browser seems to keep the server's cookies from it, so that the user may well have a session.
   */
  readonly reason?: 'logged_out' | 'session_ended' | 'cookies_blocked_suspected'
}

export interface ErrorSnapshot {
  readonly status: 'error'
  /** Why it is not known whether a user is signed in, or why a login has failed. */
  readonly error: AuthError
}

/**
 * What a UI needs to know. Frozen; it is another object exactly when its content has changed.
 * `status` tells which members there are.
 *
 * @example
 * ```ts
 * const snapshot = auth.getSnapshot()
 * if (snapshot.status === 'authenticated') showApp(snapshot.user)
 * ```
 */
export type AuthSnapshot<U extends object = User> =
  LoadingSnapshot | AnonymousSnapshot | AuthenticatedSnapshot<U> | ErrorSnapshot

/** A snapshot that says whether a user is signed in. */
export type SettledSnapshot<U extends object = User> = Exclude<AuthSnapshot<U>, LoadingSnapshot>
