import {
  AuthError,
  type AuthClient,
  type AuthSnapshot,
  type CallbackOptions,
  type LoadingSnapshot,
  type LoginOptions,
  type LogoutOptions,
  type StartOptions,
  type TokenDetails,
  type TokenOptions,
  type User,
} from 'sotto'
import { createFakeSession } from './fake-session.ts'
import { createClaims, describeReturn, firstSnapshot, type FakeAuthState } from './fake-state.ts'
import { followPolicy, giveToken } from './fake-token.ts'

/** The options of each call, oldest first; `{}` where none were given. */
export interface FakeAuthCalls<U extends object = User> {
  readonly start: readonly StartOptions<U>[]
  readonly loginWithRedirect: readonly LoginOptions[]
  readonly handleRedirectCallback: readonly CallbackOptions[]
  readonly getTokenSilently: readonly TokenOptions[]
  readonly logout: readonly LogoutOptions[]
}

/** A client that a test tells what to show. */
export type FakeAuth<U extends object = User> = AuthClient<U> & {
  /** Shows another snapshot, and lets calls go on that wait for one. */
  readonly show: (snapshot: AuthSnapshot<U>) => void
  readonly calls: FakeAuthCalls<U>
}

const LOADING: LoadingSnapshot = Object.freeze({ status: 'loading' })

/**
 * A client for tests of components and guards: no server, no window, nothing to wait for. It does
 * what a real one does with the state that it was given. A login stays pending, as it does while
 * the page leaves, until `show` is called; a logout signs the user out at once.
 *
 * Functions that ask the server themselves (`fetchUserInfo`, `revokeTokens`, `autoRenew`) refuse it
 * with `config_invalid`: for those there is {@link signedIn}.
 *
 * @throws TypeError for a `status` whose `user` or `error` is missing
 * @example
 * ```ts
 * const auth = fakeAuth({ user: { sub: 'a', name: 'Alice' } })
 * await auth.logout()
 * auth.getSnapshot() // { status: 'anonymous', reason: 'logged_out' }
 * ```
 */
export function fakeAuth<U extends object = User>(state: FakeAuthState<U> = {}): FakeAuth<U> {
  const session = createFakeSession(firstSnapshot(state))
  const { getSnapshot, show, listen } = session
  const claimsOf = createClaims()
  const calls = {
    start: [] as StartOptions<U>[],
    loginWithRedirect: [] as LoginOptions[],
    handleRedirectCallback: [] as CallbackOptions[],
    getTokenSilently: [] as TokenOptions[],
    logout: [] as LogoutOptions[],
  }
  const currentUser = (): U | undefined => {
    const snapshot = getSnapshot()
    return snapshot.status === 'authenticated' ? snapshot.user : undefined
  }

  async function loginWithRedirect(options: LoginOptions = {}): Promise<void> {
    calls.loginWithRedirect.push({ ...options })
    await session.shown(options.signal)
  }

  async function getTokenSilently(
    options: TokenOptions = {},
  ): Promise<string | TokenDetails | undefined> {
    calls.getTokenSilently.push({ ...options })
    try {
      return await giveToken(session, state.token ?? 'fake-access-token', options)
    } catch (error) {
      return followPolicy(error, options.onLoginRequired ?? 'throw', loginWithRedirect)
    }
  }

  return {
    show,
    calls,
    async start(options = {}) {
      calls.start.push({ ...options })
      return session.settled(options.signal)
    },
    loginWithRedirect,
    async handleRedirectCallback(options = {}) {
      calls.handleRedirectCallback.push({ ...options })
      const snapshot = await session.settled(options.signal)
      if (snapshot.status === 'error') throw snapshot.error
      if (snapshot.status === 'anonymous') {
        const error = new AuthError('state_unknown')
        show({ status: 'error', error })
        throw error
      }
      return { ...describeReturn(calls.loginWithRedirect.at(-1)), user: snapshot.user }
    },
    getTokenSilently: getTokenSilently as AuthClient<U>['getTokenSilently'],
    async getUser() {
      session.assertOpen()
      return currentUser()
    },
    async getIdToken() {
      session.assertOpen()
      const user = currentUser()
      return user && { token: 'fake-id-token', claims: claimsOf(user) }
    },
    async isAuthenticated() {
      session.assertOpen()
      return !!currentUser()
    },
    async logout(options = {}) {
      calls.logout.push({ ...options })
      session.assertOpen(options.signal)
      show({ status: 'anonymous', reason: 'logged_out' })
    },
    getSnapshot,
    getServerSnapshot: () => LOADING,
    subscribe: (listener) => listen(() => listener()),
    on: (type, listener) =>
      type === 'session' ? listen(listener as (event: AuthSnapshot<U>) => void) : () => {},
    dispose: session.close,
  }
}
