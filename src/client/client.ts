import { rememberContext } from './client-context.ts'
import { createContext, type CallbackResult, type ClientContext } from './context.ts'
import { AuthError } from '../errors.ts'
import type { AuthEvents } from './events.ts'
import { createTabHandlers } from '../renewal/follow-tabs.ts'
import {
  describeToken,
  findToken,
  obtainToken,
  type TokenDetails,
  type TokenOptions,
} from './get-token-silently.ts'
import { handleRedirectCallback, type CallbackOptions } from './handle-redirect-callback.ts'
import { loadSession } from '../session/stored-session.ts'
import { loginWithRedirect, type LoginOptions } from './login-with-redirect.ts'
import { logout, type LogoutOptions } from './logout.ts'
import { start, type StartOptions } from './start.ts'
import type { IdTokenClaims } from '../protocol/token-set.ts'
import { resolveRedirectUri } from '../protocol/url.ts'
import { resolveOptions, type ClientOptions } from './options.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { LOADING, type AuthSnapshot, type Identity, type User } from '../session/snapshot.ts'
import { assertBrowser, isOwnFrame } from '../browser/environment.ts'

/**
 * Signs the users of a single-page app in and keeps them signed in.
 *
 * Every method that returns a promise rejects with an {@link AuthError}, or with the reason of the `signal` it was given. On a server
 * they reject with `not_in_browser`; `getServerSnapshot`, `getSnapshot`, `subscribe`, `on` and `dispose` work there too.
 */
export interface AuthClient {
  /**
   * To be called once on page load: finishes a login if the URL is its callback, else restores the session without the user. Resolves
   * with the snapshot also when nobody is logged in or the callback failed.
   *
   * @throws AuthError only `config_invalid`
   */
  start(options?: StartOptions): Promise<AuthSnapshot>
  /**
   * Sends the user to the authorization server to log in (Authorization Code flow with PKCE, RFC 6749 section 4.1). Stays pending while
   * the page leaves; resolves if it is shown again from the back/forward cache, or when a custom `navigate` is done.
   *
   * @throws AuthError `config_invalid`, `return_to_invalid`, `storage_unavailable`, `discovery_failed`, `discovery_invalid`, `timeout`,
   *   `logged_out` where a logout overtook it
   */
  loginWithRedirect(options?: LoginOptions): Promise<void>
  /**
   * Finishes a login, for apps that do not use {@link start}. Safe to call twice: one response gives one outcome.
   *
   * @throws AuthError with `appState` and `returnTo` of the login, where it was one of ours
   */
  handleRedirectCallback(options?: CallbackOptions): Promise<CallbackResult>
  /**
   * Gives an access token: from the cache, or by renewing it without the user.
   *
   * @returns the token, or with `detailed` a {@link TokenDetails}; undefined only for `cacheMode: 'cache-only'`
   * @throws AuthError `login_required` and its siblings if the user has to log in (and `onLoginRequired` does not redirect),
   *   `logged_out` after a logout, `user_changed`, `silent_blocked`, `silent_timeout`, `network_error` and others
   */
  getTokenSilently(
    options: TokenOptions & { readonly detailed: true; readonly cacheMode: 'cache-only' },
  ): Promise<TokenDetails | undefined>
  getTokenSilently(options: TokenOptions & { readonly detailed: true }): Promise<TokenDetails>
  getTokenSilently(
    options: TokenOptions & { readonly cacheMode: 'cache-only' },
  ): Promise<string | undefined>
  getTokenSilently(options?: TokenOptions): Promise<string>
  /** The user, as the ID token describes them: frozen, and the same object while nothing about them changes. */
  getUser<Claims extends object = User>(): Promise<Readonly<Claims & User> | undefined>
  /** The ID token and all its claims, for servers that ask for it. Not for calling APIs. */
  getIdToken(): Promise<{ readonly token: string; readonly claims: IdTokenClaims } | undefined>
  isAuthenticated(): Promise<boolean>
  /**
   * Signs out in this tab and all others of this origin, and stays signed out over a reload: nothing is asked of the server silently
   * until {@link loginWithRedirect}. Then leaves for the server, to end the session there too (OpenID Connect RP-Initiated Logout);
   * stays pending while the page leaves, as a login does. Where the server cannot do that, a `warning` says `server_session_remains`.
   *
   * @throws AuthError `config_invalid`, before anything else happens
   */
  logout(options?: LogoutOptions): Promise<void>
  /** The state for a UI, without waiting. `loading` until it is first known. */
  getSnapshot(): AuthSnapshot
  /** Always `{ status: 'loading' }`, for rendering on a server. */
  getServerSnapshot(): AuthSnapshot
  /** Calls back when the snapshot changed. Fits `useSyncExternalStore`. */
  subscribe(listener: () => void): () => void
  /** Listens to one type of event. */
  on<Type extends keyof AuthEvents>(
    type: Type,
    listener: (event: AuthEvents[Type]) => void,
  ): () => void
  /** Frees listeners, channels, timers and frames; later calls reject with `disposed`. The session itself stays. */
  dispose(): void
}

/**
 * Creates a client. Does nothing else: no request, no access to the window. It may be created on a server.
 *
 * @throws AuthError `config_invalid`, with the name of the option as its `reason`
 * @example
 * ```ts
 * const auth = createAuthClient({ issuer: 'https://login.example.com', clientId: 'my-spa', redirectUri: '/callback' })
 * const { status } = await auth.start()
 * if (status === 'anonymous') await auth.loginWithRedirect()
 * ```
 */
export function createAuthClient(options: ClientOptions): AuthClient {
  const context: ClientContext = createContext(
    resolveOptions(options),
    createTabHandlers(() => context),
  )
  const { session, events } = context
  const call = <Result>(work: () => Promise<Result>): Promise<Result> => enter(context, work)

  async function getIdentity(): Promise<Identity | undefined> {
    await loadSession(context)
    return session.identity
  }

  async function getTokenSilently(
    given?: TokenOptions,
  ): Promise<string | TokenDetails | undefined> {
    const options = own(given)
    options.signal?.throwIfAborted()
    // The path of nearly every call: no I/O, no lock.
    const found = context.disposed ? undefined : findToken(context, options)
    const entry = found ?? (await call(() => obtainToken(context, options)))
    return entry && (options.detailed ? describeToken(entry) : entry.accessToken)
  }

  const client: AuthClient = {
    start: (options) => call(() => start(context, own(options))),
    loginWithRedirect: (options) => call(() => loginWithRedirect(context, own(options))),
    handleRedirectCallback: (options) => call(() => handleRedirectCallback(context, own(options))),
    getTokenSilently: getTokenSilently as AuthClient['getTokenSilently'],
    getUser: <Claims extends object>() =>
      call(async () => (await getIdentity()) && (session.user as Readonly<Claims & User>)),
    getIdToken: () =>
      call(async () => {
        const identity = await getIdentity()
        return identity && { token: identity.idToken, claims: identity.claims }
      }),
    isAuthenticated: () => call(async () => !!(await getIdentity())),
    logout: (options) => call(() => logout(context, own(options))),
    getSnapshot: session.getSnapshot,
    getServerSnapshot: () => LOADING,
    subscribe: session.subscribe,
    on: events.on,
    dispose() {
      context.disposed = true
      for (const end of context.endings) end()
      context.broadcast.close()
      context.renewals.abort(new AuthError('disposed'))
      context.redirections.abort(new AuthError('disposed'))
      session.clear()
      events.clear()
    },
  }
  return rememberContext(client, context)
}

/** The options of a call. What someone put on `Object.prototype` is none of them. */
const own = ownFields as <Options extends object>(options: Options | undefined) => Options

/** What holds for every call: a living client, in a browser, not in a frame of our own; then the tabs are listened to. */
async function enter<Result>(context: ClientContext, work: () => Promise<Result>): Promise<Result> {
  if (context.disposed) throw new AuthError('disposed')
  assertBrowser()
  // A server that ignored `response_mode` has loaded the app into our hidden frame: it must not begin anything there. The
  // page outside takes the frame away.
  if (isOwnFrame()) return new Promise<never>(() => {})
  if (!context.redirectUri) {
    context.redirectUri = resolveRedirectUri(context.options.redirectUri)
    context.mark = context.marker.read()
    context.broadcast.open()
  }
  return work()
}
