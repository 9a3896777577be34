import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import {
  AuthError,
  isAuthError,
  requireLogin,
  type AuthClient,
  type AuthSnapshot,
  type User,
} from 'sotto'

/** Props of `RequireAuth`. */
export interface RequireAuthProps<U extends object = User> {
  /** What only a user sees who is signed in, and allowed in. */
  readonly children?: ReactNode
  /**
   * Shown until it is known who is signed in, and while the page leaves to log in. Default: nothing.
   */
  readonly pending?: ReactNode
  /**
   * Shows what went wrong, in place of the children. Default: the error is thrown, for the nearest
   * error boundary.
   */
  readonly failed?: ((error: AuthError) => ReactNode) | undefined
  /** Whether this user may come in; `failed` is told `not_allowed` if not. Default: every user. */
  readonly allow?: ((user: U) => boolean) | undefined
  /** Where the login leads back to: a path or URL of this origin. Default: the current URL. */
  readonly returnTo?: string | undefined
}

/** Props of `AuthProvider`. */
export interface AuthProviderProps<U extends object = User> {
  /** The client that the components below use. */
  readonly client: AuthClient<U>
  readonly children?: ReactNode
}

/** What `createReactAuth` makes of a client. */
export interface ReactAuth<U extends object = User> {
  /** The session. Renders again exactly when it changes; `loading` while rendered on a server. */
  readonly useAuth: () => AuthSnapshot<U>
  /**
   * The user who is signed in, for components inside of `RequireAuth`.
   *
   * @throws AuthError `config_invalid` (reason `useUser`) where no user is signed in
   */
  readonly useUser: () => U
  /** The client, for its methods. A token is asked for when it is needed, not while rendering. */
  readonly useClient: () => AuthClient<U>
  /**
   * Shows its children to a user who is signed in, and sends others to log in and back here, once
   * and after rendering. Where a login fails it shows the error and begins no other by itself.
   */
  readonly RequireAuth: (props: RequireAuthProps<U>) => ReactNode
  /** Gives another client to the components below: in tests and stories, or where there are two. */
  readonly AuthProvider: (props: AuthProviderProps<U>) => ReactNode
}

/**
 * Makes the hooks and components of a client. They need no provider, and the user has the type of
 * the client's `claims`. It starts nothing: call `auth.start()` where the app begins.
 *
 * @example
 * ```ts
 * import { createReactAuth } from 'sotto/react'
 *
 * const { useAuth, useUser, RequireAuth } = createReactAuth(auth)
 * ```
 */
export function createReactAuth<U extends object>(auth: AuthClient<U>): ReactAuth<U> {
  const Client = createContext(auth)
  const useClient = (): AuthClient<U> => useContext(Client)

  function useAuth(): AuthSnapshot<U> {
    const { subscribe, getSnapshot, getServerSnapshot } = useClient()
    return useSyncExternalStore(subscribe, getSnapshot, getServerSnapshot)
  }

  function useUser(): U {
    const session = useAuth()
    if (session.status === 'authenticated') return session.user
    throw new AuthError('config_invalid', { reason: 'useUser' })
  }

  /** Leaves to log in while that is needed; says why it could not. */
  function useLogin(isNeeded: boolean, returnTo: string | undefined): Error | undefined {
    const client = useClient()
    const [failure, setFailure] = useState<Error>()
    useEffect(() => {
      if (!isNeeded) return
      // One that is over leaves nothing behind, nor the page: StrictMode runs each effect twice,
      // and a user may go elsewhere while a login is prepared.
      const ended = new AbortController()
      const { signal } = ended
      requireLogin(client, { signal, ...(returnTo !== undefined && { returnTo }) }).catch(
        (error: Error) => signal.aborted || setFailure(error),
      )
      return () => {
        ended.abort()
        setFailure(undefined)
      }
    }, [client, isNeeded, returnTo])
    return failure
  }

  function RequireAuth(props: RequireAuthProps<U>): ReactNode {
    const { children, pending = null, failed, allow, returnTo } = props
    const session = useAuth()
    const isKnown = session.status === 'authenticated' || session.status === 'error'
    const failure = useLogin(!isKnown, returnTo)
    const isRefused = session.status === 'authenticated' && !!allow && !allow(session.user)
    const refusal = useMemo(
      () => (isRefused ? new AuthError('not_allowed') : undefined),
      [isRefused],
    )
    const error = session.status === 'error' ? session.error : isKnown ? refusal : failure
    if (!error) return isKnown ? children : pending
    if (failed && isAuthError(error)) return failed(error)
    throw error
  }

  return {
    useAuth,
    useUser,
    useClient,
    RequireAuth,
    AuthProvider: ({ client, children }) =>
      createElement(Client.Provider, { value: client }, children),
  }
}
