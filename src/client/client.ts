import { assertBrowser, isOwnFrame } from '../browser/environment.ts'
import { createListeners } from '../browser/listeners.ts'
import { waitFor } from '../browser/single-flight.ts'
import { AuthError, isAuthError } from '../errors.ts'
import type { IdTokenClaims } from '../protocol/token-set.ts'
import { resolveRedirectUri } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { LOADING, type AuthSnapshot, type Identity, type User } from '../session/snapshot.ts'
import type { CallbackResult } from './callback.ts'
import { createContext, rememberContext } from './context.ts'
import type { AuthEvents } from './events.ts'
import {
  describeToken,
  findToken,
  obtainToken,
  type TokenDetails,
  type TokenOptions,
} from './get-token-silently.ts'
import { handleRedirectCallback, type CallbackOptions } from './handle-redirect-callback.ts'
import { loginWithRedirect, type LoginOptions } from './login-with-redirect.ts'
import { logout, type LogoutOptions } from './logout.ts'
import { resolveOptions, type ClientOptions } from './options.ts'
import { findIgnored, isRedirectUriShared, ownerOf, releaseOwner, type Page } from './page.ts'
import { start, type StartOptions } from './start.ts'

/**
 * Signs the users of a single-page app in and keeps them signed in.
 *
 * Every method that returns a promise rejects with an {@link AuthError}, or with the reason of the `signal` it was given. On a server
 * they reject with `not_in_browser`; `getServerSnapshot`, `getSnapshot`, `subscribe`, `on` and `dispose` work there too.
 */
export interface AuthClient {
  /**
   * To be called once on page load: finishes a login if the URL is its callback, else restores the session without the user. Resolves
   * with the snapshot also when no user is signed in, the callback failed, or the configuration is wrong (`status: 'error'`).
   *
   * @throws AuthError only `disposed`, and `not_in_browser` on a server
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
 * @param page what stands for the page, where a test has several in one process. Default: the one there is.
 * @throws AuthError `config_invalid`, with the name of the option as its `reason`
 * @example
 * ```ts
 * const auth = createAuthClient({ issuer: 'https://login.example.com', clientId: 'my-spa', redirectUri: '/callback' })
 * const { status } = await auth.start()
 * if (status === 'anonymous') await auth.loginWithRedirect()
 * ```
 */
export function createAuthClient(options: ClientOptions, page: Page = THIS_PAGE): AuthClient {
  const given = resolveOptions(options)
  const owner = ownerOf(page, given)
  const { renewal, tokenStorage } = owner.options
  const context = createContext(ownFields({ ...given, renewal, tokenStorage }), owner)
  const { session, events, ended } = context
  const listeners = createListeners<void>()
  owner.views.add(context)
  events.on('session', () => listeners.notify())

  /** What holds for every call: a living client, in a browser, not in a frame of our own; then the tabs are listened to. */
  async function enter<Result>(work: () => Promise<Result>): Promise<Result> {
    if (ended.signal.aborted) throw new AuthError('disposed')
    assertBrowser()
    // A server that ignored `response_mode` has loaded the app into our hidden frame: it must not begin anything there. The
    // page outside takes the frame away.
    if (isOwnFrame()) return new Promise<never>(() => {})
    if (!context.redirectUri) begin()
    return waitFor(work(), { signal: ended.signal, timeoutMs: undefined })
  }

  function begin(): void {
    context.redirectUri = resolveRedirectUri(context.options.redirectUri)
    owner.open(context.redirectUri)
    for (const reason of findIgnored(owner, given))
      events.emit('warning', { code: 'config_invalid', reason })
    // What the servers say of themselves is known only then.
    const warn = (): void => {
      if (isRedirectUriShared(page, context))
        events.emit('warning', { code: 'issuer_mismatch', reason: 'redirect_uri' })
    }
    owner.server.whenInHand(warn)
  }

  async function getIdentity(): Promise<Identity | undefined> {
    await session.restore()
    return session.identity
  }

  async function getTokenSilently(call?: TokenOptions): Promise<string | TokenDetails | undefined> {
    const own = ownFields<TokenOptions>(call)
    own.signal?.throwIfAborted()
    // The path of nearly every call: no I/O, no lock.
    const found = ended.signal.aborted ? undefined : findToken(context, own)
    const entry = found ?? (await enter(() => obtainToken(context, own)))
    return entry && (own.detailed ? describeToken(entry) : entry.accessToken)
  }

  async function startOrFail(call?: StartOptions): Promise<AuthSnapshot> {
    try {
      return await enter(() => start(context, ownFields<StartOptions>(call)))
    } catch (error) {
      // A wrong configuration, or an insecure context: no guard may wait for ever.
      if (!isAuthError(error) || /^(disposed|not_in_browser)$/.test(error.code)) throw error
      session.fail(error)
      return session.getSnapshot()
    }
  }

  const client: AuthClient = {
    start: startOrFail,
    loginWithRedirect: (call) =>
      enter(() => loginWithRedirect(context, ownFields<LoginOptions>(call))),
    handleRedirectCallback: (call) =>
      enter(() => handleRedirectCallback(context, ownFields<CallbackOptions>(call))),
    getTokenSilently: getTokenSilently as AuthClient['getTokenSilently'],
    getUser: <Claims extends object>() =>
      enter(async () => (await getIdentity()) && (session.user as Readonly<Claims & User>)),
    getIdToken: () =>
      enter(async () => {
        const identity = await getIdentity()
        return identity && { token: identity.idToken, claims: identity.claims }
      }),
    isAuthenticated: () => enter(async () => !!(await getIdentity())),
    logout: (call) => enter(() => logout(context, ownFields<LogoutOptions>(call))),
    getSnapshot: session.getSnapshot,
    getServerSnapshot: () => LOADING,
    subscribe: (listener) => listeners.add(() => listener()),
    on: events.on,
    dispose() {
      ended.abort(new AuthError('disposed'))
      owner.views.delete(context)
      releaseOwner(page, context)
      listeners.clear()
      events.clear()
    },
  }
  return rememberContext(client, context)
}

/** The page that this copy of the library was loaded into. */
const THIS_PAGE: Page = /* @__PURE__ */ new Map()
