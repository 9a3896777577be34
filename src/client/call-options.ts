import type { AuthError } from '../errors.ts'
import type { ExtraParameters, TargetOptions } from '../protocol/target.ts'
import type { User } from '../session/auth-snapshot.ts'
import type { OnLoginRequired } from './options.ts'

/** Options of `start`. */
export interface StartOptions<U extends object = User> {
  /**
   * Leads away from the callback page, for instance by an app's router; is not waited for. Default:
   * the address bar goes to `returnTo` without a reload, and a `popstate` event tells routers.
   */
  readonly onCallback?: ((outcome: CallbackOutcome<U>) => unknown) | undefined
  /**
   * Aborted, this call rejects with the signal's reason; the work goes on for other calls. Default:
   * none.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * What became of a callback: of a login that was finished or failed, or of one that was finished
 * before and comes once more.
 */
export interface CallbackOutcome<U extends object = User> {
  /** Where to go, as a router takes it: path, query and fragment. `/` where unknown. */
  readonly path: string
  /** The same as a whole URL on this origin. */
  readonly returnTo: string | undefined
  /** As given to `loginWithRedirect`. */
  readonly appState: unknown
  /** Who is signed in now: also after a failed login, if a session was there before. */
  readonly user?: U
  /** Why the login failed. */
  readonly error?: AuthError
}

/** Options of `loginWithRedirect`. */
export interface LoginOptions extends TargetOptions {
  /** Anything that JSON can hold; given back when the login ends, well or not. Default: none. */
  readonly appState?: unknown
  /** Where to go afterwards, on this origin. Default: where the page is now. */
  readonly returnTo?: string | undefined
  /**
   * How old the user's authentication may be, in seconds; enforced on return. `0`: the user is
   * asked. Default: any age.
   */
  readonly maxAge?: number | undefined
  /** Authentication contexts, space-separated, one of which is required on return. Default: any. */
  readonly acrValues?: string | undefined
  /**
   * Parameters like `authorizationParams` that every silent request of the session repeats: an
   * organization, a tenant. They are kept until a logout; `{}` clears them. Default: those of the
   * session.
   */
  readonly sessionParams?: ExtraParameters | undefined
  /**
   * Aborted before the page leaves, it stays, and the call rejects with the signal's reason.
   * Default: none.
   */
  readonly signal?: AbortSignal | undefined
}

/** Options of `handleRedirectCallback`. */
export interface CallbackOptions {
  /** The address with the response. Default: the page's own. */
  readonly url?: string | undefined
  /**
   * Aborted, this call rejects with the signal's reason; the login is finished all the same.
   * Default: none.
   */
  readonly signal?: AbortSignal | undefined
}

/** How a redirect login ended. */
export interface CallbackResult<U extends object = User> {
  /**
   * Where the login was begun, or the `returnTo` it was given, as a router takes it: path, query
   * and fragment. `/` where unknown.
   */
  readonly path: string
  /** The same as a whole URL on this origin. */
  readonly returnTo: string | undefined
  /** As given to `loginWithRedirect`. */
  readonly appState: unknown
  readonly user: U
}

/** Options of `getTokenSilently`. */
export interface TokenOptions extends TargetOptions {
  /** `off` asks for a new token in any case; `cache-only` sends no request. Default: `on`. */
  readonly cacheMode?: 'on' | 'off' | 'cache-only' | undefined
  /** True for a {@link TokenDetails} instead of the token alone. Default: false. */
  readonly detailed?: boolean | undefined
  /** What happens when the user has to log in. Default: the client's option. */
  readonly onLoginRequired?: OnLoginRequired | undefined
  /** How long this caller waits, in milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number | undefined
  /** Aborted, this caller stops waiting, and rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** An access token with what is known of it. */
export interface TokenDetails {
  readonly accessToken: string
  readonly tokenType: string
  /** The granted scope. */
  readonly scope: string
  readonly audience: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Seconds left. */
  readonly expiresIn: number
}

/** Options of `logout`. */
export interface LogoutOptions {
  /**
   * Where the server sends the user afterwards, registered there; a relative one is resolved.
   * Default: the client's option.
   */
  readonly postLogoutRedirectUri?: string | undefined
  /**
   * Extra parameters of the request to end the server's session, for servers that want their own:
   * Cognito's `logout_uri`, Auth0's `federated`. Default: none.
   */
  readonly logoutParams?: ExtraParameters | undefined
  /** Signs out here and in all tabs, and leaves the server's session alone. Default: false. */
  readonly localOnly?: boolean | undefined
  /** Aborted, the page is not left; the user is signed out here all the same. Default: none. */
  readonly signal?: AbortSignal | undefined
}
