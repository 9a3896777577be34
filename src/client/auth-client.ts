import type { IdTokenClaims } from '../protocol/token-set.ts'
import type { AuthSnapshot, SettledSnapshot, User } from '../session/auth-snapshot.ts'
import type {
  CallbackOptions,
  CallbackResult,
  LoginOptions,
  LogoutOptions,
  StartOptions,
  TokenDetails,
  TokenOptions,
} from './call-options.ts'
import type { AuthEvents } from './events.ts'

/**
 * Signs the users of a single-page app in and keeps them signed in.
 *
 * Every method that returns a promise rejects with an {@link AuthError}, or with the reason of the
 * `signal` it was given. On a server they reject with `not_in_browser`, and all but `start` on
 * a page without https with `insecure_context`; `getServerSnapshot`, `getSnapshot`, `subscribe`, `on`
 * and `dispose` work there too.
 */
export interface AuthClient<U extends object = User> {
  /**
   * To be called once on page load: finishes a login if the URL is its callback, else restores the
   * session without the user. Resolves with the snapshot also when no user is signed in, the
   * callback failed, or the configuration is wrong (`status: 'error'`).
   *
   * @throws AuthError only `disposed`, and `not_in_browser` on a server
   */
  start(options?: StartOptions<U>): Promise<SettledSnapshot<U>>
  /**
   * Sends the user to the authorization server to log in (Authorization Code flow with PKCE, RFC
   * 6749 section 4.1). Stays pending while the page leaves; resolves if it is shown again from the
   * back/forward cache, or when a custom `navigate` is done.
   *
   * @throws AuthError `config_invalid`, `return_to_invalid`, `redirect_loop`,
   *   `storage_unavailable`, `discovery_failed`, `discovery_invalid`, `timeout`, `logged_out` where a
   *   logout overtook it; with the option `par` also what came of the pushed request
   */
  loginWithRedirect(options?: LoginOptions): Promise<void>
  /**
   * Finishes a login, for apps that do not use {@link start}. Safe to call twice: one response
   * gives one outcome.
   *
   * @throws AuthError with `appState` and `returnTo` of the login, where it was one of ours
   */
  handleRedirectCallback(options?: CallbackOptions): Promise<CallbackResult<U>>
  /**
   * Gives an access token: from the cache, or by renewing it without the user.
   *
   * @returns the token, or with `detailed` a {@link TokenDetails}; undefined only for
   *   `cacheMode: 'cache-only'`
   * @throws AuthError `login_required` and its siblings if the user has to log in (and
   *   `onLoginRequired` does not redirect), `logged_out` after a logout, `user_changed`,
   *   `silent_blocked`, `silent_timeout`, `network_error` and others
   */
  getTokenSilently(options?: TokenString & NotCacheOnly): Promise<string>
  getTokenSilently(options: Detailed & NotCacheOnly): Promise<TokenDetails>
  getTokenSilently(options?: TokenOptions & NotCacheOnly): Promise<string | TokenDetails>
  getTokenSilently(options?: TokenString): Promise<string | undefined>
  getTokenSilently(options: Detailed): Promise<TokenDetails | undefined>
  getTokenSilently(options?: TokenOptions): Promise<string | TokenDetails | undefined>
  /**
   * The user, as the ID token describes them, and typed by the option `claims`: frozen, and the
   * same object while nothing about them changes.
   */
  getUser(): Promise<U | undefined>
  /** The ID token and all its claims, for servers that ask for it. Not for calling APIs. */
  getIdToken(): Promise<{ readonly token: string; readonly claims: IdTokenClaims } | undefined>
  /**
   * Whether a user is signed in here, as far as is known without a request: not before a login that
   * is being finished is over. A guard asks `requireLogin`, which waits.
   */
  isAuthenticated(): Promise<boolean>
  /**
   * Signs out in this tab and all others of this origin, and stays signed out over a reload:
   * nothing is asked of the server silently until {@link loginWithRedirect}. Then leaves for the
   * server, to end the session there too (OpenID Connect RP-Initiated Logout); stays pending while
   * the page leaves, as a login does. Where the server cannot do that, a `warning` says
   * `server_session_remains`.
   *
   * @throws AuthError `config_invalid`, before anything else happens
   */
  logout(options?: LogoutOptions): Promise<void>
  /** The state for a UI, without waiting. `loading` until it is first known. */
  getSnapshot(): AuthSnapshot<U>
  /** Always `{ status: 'loading' }`, for rendering on a server. */
  getServerSnapshot(): AuthSnapshot<U>
  /** Calls back when the snapshot changed. Fits `useSyncExternalStore`. */
  subscribe(listener: () => void): () => void
  /** Listens to one type of event. */
  on<Type extends keyof AuthEvents>(
    type: Type,
    listener: (event: AuthEvents<U>[Type]) => void,
  ): () => void
  /**
   * Frees listeners, channels, timers and frames; later calls reject with `disposed`. The session
   * itself stays.
   */
  dispose(): void
}

/** What stands for a page, where a test has several in one process: `new Map()`. */
export type Page = Map<string, object>

type Detailed = TokenOptions & { readonly detailed: true }
type TokenString = TokenOptions & { readonly detailed?: false | undefined }
type NotCacheOnly = { readonly cacheMode?: 'on' | 'off' | undefined }
