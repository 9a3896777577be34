import type { AuthError } from '../errors.ts'
import type { IdTokenClaims } from '../protocol/token-set.ts'

/** What the ID token says of the user. Extend it with the claims of your server: `getUser<MyClaims>()`. */
export interface User {
  readonly sub: string
  readonly name?: string
  readonly email?: string
  readonly picture?: string
  readonly [claim: string]: unknown
}

/** What a UI needs to know, frozen. Its identity changes exactly when its content does. */
export interface AuthSnapshot {
  readonly status: 'loading' | 'authenticated' | 'anonymous' | 'error'
  readonly user?: User
  readonly error?: AuthError
}

/** Who is signed in, and what proves it. */
export interface Identity {
  readonly idToken: string
  readonly claims: IdTokenClaims
}

export interface SnapshotHolder {
  readonly identity: Identity | undefined
  /** The user of {@link identity}: its claims without those that belong to one ID token only. */
  readonly user: User | undefined
  getSnapshot(): AuthSnapshot
  /** Shows it at once, or, if that is not certain yet, when the next renewal has not contradicted it. */
  signIn(identity: Identity, isCertain?: boolean): void
  signOut(): void
  /** Ends `loading` with an error. A session is not touched: a failed renewal never ends it. */
  fail(error: AuthError): void
}

/** The snapshot of a client that has not looked yet, and of every client on a server. */
export const LOADING: AuthSnapshot = /* @__PURE__ */ Object.freeze({ status: 'loading' })

// These describe one ID token rather than the user, and differ in each renewal.
const TOKEN_CLAIMS = new Set(['iat', 'exp', 'nbf', 'nonce', 'at_hash', 'c_hash', 'jti'])

/** Holds the one snapshot of a session; the only place that changes it. */
export function createSnapshotHolder(onChange: (snapshot: AuthSnapshot) => void): SnapshotHolder {
  let snapshot = LOADING
  let identity: Identity | undefined
  let user: User | undefined

  function publish(next: AuthSnapshot): void {
    if (
      next.status === snapshot.status &&
      next.user === snapshot.user &&
      next.error === snapshot.error
    )
      return
    snapshot = Object.freeze(next)
    onChange(snapshot)
  }

  return {
    get identity() {
      return identity
    },
    get user() {
      return user
    },
    getSnapshot: () => snapshot,
    signIn(next, isCertain = true) {
      identity = deepFreeze(next)
      const described = describeUser(next.claims)
      if (JSON.stringify(user) !== JSON.stringify(described)) user = described
      if (isCertain) publish({ status: 'authenticated', user: user! })
    },
    signOut() {
      identity = user = undefined
      publish({ status: 'anonymous' })
    },
    fail(error) {
      publish(user ? { status: 'authenticated', user } : { status: 'error', error })
    },
  }
}

function describeUser(claims: IdTokenClaims): User {
  return deepFreeze(
    Object.fromEntries(
      Object.entries(claims)
        .filter(([name]) => !TOKEN_CLAIMS.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ) as User,
  )
}

/** Freezes a value and everything in it. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
