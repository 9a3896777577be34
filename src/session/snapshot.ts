import { isAuthError, type AuthError } from '../errors.ts'
import type { IdTokenClaims } from '../protocol/token-set.ts'
import type { AnonymousSnapshot, AuthSnapshot, ErrorSnapshot, User } from './auth-snapshot.ts'
import type { ReadUser } from './user.ts'

/** Who is signed in, and what proves it. */
export interface Identity {
  readonly idToken: string
  readonly claims: IdTokenClaims
  /** What else is known of the user. */
  readonly userInfo?: Readonly<Record<string, unknown>> | undefined
}

export interface SnapshotHolder {
  readonly identity: Identity | undefined
  /** The user of {@link identity}: its claims without those that belong to one ID token only. */
  readonly user: User | undefined
  getSnapshot(): AuthSnapshot
  /**
   * Shows it at once, or, if that is not certain yet, when the next renewal has not contradicted
   * it. Where the claims are not as the app's schema has them, a user who is there already stays as
   * they were.
   *
   * @throws AuthError `claims_invalid` where no user is there to stay
   */
  signIn(identity: Identity, isCertain?: boolean): void
  /** Forgets the identity, and shows it until another one follows. */
  drop(): void
  /** @param reason default: the one that is shown already */
  signOut(reason?: AnonymousSnapshot['reason']): void
  /**
   * While a failed login is looked after, its error is shown in place of `anonymous`, so that nobody
   * begins the same login again; not in place of a logout.
   */
  holdFailedLogin(error: AuthError | undefined): void
  /** Ends `loading` with an error. A session is not touched: a failed renewal never ends it. */
  fail(error: AuthError): void
}

/** The snapshot of a client that has not looked yet, and of every client on a server. */
export const LOADING: AuthSnapshot = /* @__PURE__ */ Object.freeze({ status: 'loading' })

/** Any snapshot, to compare two. */
interface Members
  extends Omit<Partial<ErrorSnapshot>, 'status'>, Omit<AnonymousSnapshot, 'status'> {
  readonly status: AuthSnapshot['status']
  readonly user?: User
}

/** Holds the one snapshot of a session; the only place that changes it. */
export function createSnapshotHolder(
  onChange: (snapshot: AuthSnapshot) => void,
  readUser: ReadUser,
  onMisfit: (error: AuthError) => void,
): SnapshotHolder {
  let snapshot = LOADING
  let identity: Identity | undefined
  let user: User | undefined
  let failedLogin: AuthError | undefined

  function publish(next: AuthSnapshot): void {
    const [one, other]: Members[] = [next, snapshot]
    const isSame = (name: keyof Members): boolean => one?.[name] === other?.[name]
    if ((['status', 'user', 'reason', 'error'] as const).every(isSame)) return
    snapshot = Object.freeze(next)
    onChange(snapshot)
  }

  function drop(): void {
    identity = user = undefined
  }

  function fail(error: AuthError): void {
    publish(user ? { status: 'authenticated', user } : { status: 'error', error })
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
      try {
        user = readUser(next)
      } catch (error) {
        if (!user || !isAuthError(error)) throw error
        onMisfit(error)
      }
      identity = Object.freeze(next)
      if (isCertain) publish({ status: 'authenticated', user })
    },
    drop,
    signOut(reason) {
      drop()
      const shown = reason ?? (snapshot as Partial<AnonymousSnapshot>).reason
      if (failedLogin && shown !== 'logged_out') fail(failedLogin)
      else publish({ status: 'anonymous', ...(shown && { reason: shown }) })
    },
    holdFailedLogin(error) {
      failedLogin = error
    },
    fail,
  }
}
