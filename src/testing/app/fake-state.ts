import type {
  AuthError,
  AuthSnapshot,
  CallbackResult,
  IdTokenClaims,
  LoginOptions,
  User,
} from 'sotto'

/** What a fake client shows at first. */
export interface FakeAuthState<U extends object = User> {
  /** Who is signed in. Default: nobody. */
  readonly user?: U | undefined
  /**
   * Default: `error` with an `error`, `authenticated` with a `user`, else `anonymous`. `loading`
   * stays until `show` is called.
   */
  readonly status?: AuthSnapshot['status'] | undefined
  /** What went wrong. Default: nothing. */
  readonly error?: AuthError | undefined
  /** The access token. Default: `fake-access-token`. */
  readonly token?: string | undefined
}

/** @throws TypeError for a `status` whose `user` or `error` is missing */
export function firstSnapshot<U extends object>({
  user,
  error,
  status = error ? 'error' : user ? 'authenticated' : 'anonymous',
}: FakeAuthState<U>): AuthSnapshot<U> {
  if (status === 'authenticated') return { status, user: present('user', user, status) }
  if (status === 'error') return { status, error: present('error', error, status) }
  return { status }
}

function present<Value>(name: string, value: Value | undefined, status: string): Value {
  if (value === undefined) throw new TypeError(`fakeAuth: the status "${status}" needs ${name}`)
  return value
}

/** Where a login leads back to; without one that is not known. */
export function describeReturn(login: LoginOptions | undefined): Omit<CallbackResult, 'user'> {
  if (!login) return { path: '/', returnTo: undefined, appState: undefined }
  const here = globalThis.location?.href
  const base = here !== undefined && URL.canParse('/', here) ? here : 'http://localhost/'
  const { href, pathname, search, hash } = new URL(login.returnTo ?? base, base)
  return { path: pathname + search + hash, returnTo: href, appState: login.appState }
}

/** The claims of an ID token that nobody has signed: of one user, the same object. */
export function createClaims(): (user: object) => IdTokenClaims {
  const known = new WeakMap<object, IdTokenClaims>()
  return (user) => {
    const iat = Math.floor(Date.now() / 1000)
    const made = { iss: 'https://login.example.com', sub: 'fake', aud: 'app', iat, exp: iat + 300 }
    const claims = known.get(user) ?? Object.freeze({ ...made, ...user })
    known.set(user, claims)
    return claims
  }
}
