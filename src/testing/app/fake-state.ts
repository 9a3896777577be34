import type { AuthSnapshot, CallbackResult, IdTokenClaims, LoginOptions } from 'sotto'
import type { FakeAuthState } from './fake-auth.ts'

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

/** Where a login leads back to. */
export function describeReturn({ returnTo, appState }: LoginOptions = {}): Omit<
  CallbackResult,
  'user'
> {
  const { pathname, search, hash } = new URL(returnTo ?? '/', 'http://localhost')
  return { path: pathname + search + hash, returnTo, appState }
}

/** The claims of an ID token that nobody has signed. */
export function claimsOf(user: object): IdTokenClaims {
  const iat = Math.floor(Date.now() / 1000)
  const made = { iss: 'https://login.example.com', sub: 'fake', aud: 'app', iat, exp: iat + 300 }
  return { ...made, ...user }
}
