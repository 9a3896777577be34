import { assertBrowser, isOwnFrame, isPrerendering, whenActivated } from '../browser/environment.ts'
import { createListeners } from '../browser/listeners.ts'
import { waitFor } from '../browser/single-flight.ts'
import { AuthError, hasCode, isAuthError } from '../errors.ts'
import { resolveRedirectUri } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { SettledSnapshot, UserWith } from '../session/auth-snapshot.ts'
import { LOADING, type Identity } from '../session/snapshot.ts'
import type { AuthClient, Page } from './auth-client.ts'
import type {
  CallbackOptions,
  LoginOptions,
  LogoutOptions,
  StartOptions,
  TokenDetails,
  TokenOptions,
} from './call-options.ts'
import { createContext } from './context.ts'
import { describeToken, findToken, obtainToken } from './get-token-silently.ts'
import { handleRedirectCallback } from './handle-redirect-callback.ts'
import { loginWithRedirect } from './login-with-redirect.ts'
import { logout } from './logout.ts'
import { resolveOptions } from './resolve-options.ts'
import type { ClientOptions } from './options.ts'
import {
  findIgnored,
  isRedirectUriShared,
  ownerOf,
  releaseOwner,
  type PageEntries,
} from './page.ts'
import { start } from './start.ts'

/**
 * Creates a client. Does nothing else: no request, no access to the window. It may be created on a
 * server.
 *
 * @param page what stands for the page, where a test has several in one process. Default: the one
 *   there is.
 * @throws AuthError `config_invalid`, with the name of the option as its `reason`
 * @example
 * ```ts
 * const auth = createAuthClient({
 *   issuer: 'https://login.example.com',
 *   clientId: 'my-spa',
 *   redirectUri: '/callback',
 * })
 * const { status } = await auth.start()
 * if (status === 'anonymous') await auth.loginWithRedirect()
 * ```
 */
export function createAuthClient<Claims extends object = NoClaims>(
  options: ClientOptions<Claims>,
  page: Page = THIS_PAGE,
): AuthClient<UserWith<Claims>> {
  const given = resolveOptions(options)
  const entries = page as PageEntries
  const owner = ownerOf(entries, given)
  const { renewal, tokenStorage, dpop } = owner.options
  const context = createContext(ownFields({ ...given, renewal, tokenStorage, dpop }), owner)
  const { session, events, ended } = context
  const listeners = createListeners<void>()
  owner.views.add(context)
  events.on('session', () => listeners.notify())

  /**
   * What holds for every call: a living client, in a browser, not in a frame of our own; then the
   * tabs are listened to.
   */
  async function enter<Result>(work: () => Promise<Result>): Promise<Result> {
    if (ended.signal.aborted) throw new AuthError('disposed')
    try {
      assertBrowser()
      // A server that ignored `response_mode` has loaded the app into our hidden frame: it must not
      // begin anything there. The page outside takes the frame away.
      if (isOwnFrame()) return await new Promise<never>(() => {})
      if (!context.redirectUri) begin()
    } catch (error) {
      // A wrong configuration, or an insecure context: no guard may wait for ever. Once: who is told
      // may call again.
      const isLoading = session.getSnapshot() === LOADING
      if (isLoading && !isAuthError(error, 'not_in_browser')) session.fail(error as AuthError)
      throw error
    }
    // Nothing is asked of the server for a visit that may never come, no frame is loaded before it
    // does, and what is stored for the tab is a copy until then.
    const done = isPrerendering() ? whenActivated().then(work) : work()
    return waitFor(done, { signal: ended.signal, timeoutMs: undefined })
  }

  function begin(): void {
    context.redirectUri = resolveRedirectUri(context.options.redirectUri)
    owner.open(context.redirectUri)
    for (const reason of findIgnored(owner, given))
      events.emit('warning', { code: 'config_invalid', reason })
    // What the servers say of themselves is known only then.
    const warn = (): void => {
      if (isRedirectUriShared(entries, context))
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

  async function startOrFail(call?: StartOptions): Promise<SettledSnapshot> {
    try {
      return await enter(() => start(context, ownFields<StartOptions>(call)))
    } catch (error) {
      if (!isAuthError(error) || hasCode(error, 'disposed', 'not_in_browser')) throw error
      return session.getSnapshot() as SettledSnapshot
    }
  }

  const client: AuthClient = {
    start: startOrFail,
    loginWithRedirect: (call) =>
      enter(() => loginWithRedirect(context, ownFields<LoginOptions>(call))),
    handleRedirectCallback: (call) =>
      enter(() => handleRedirectCallback(context, ownFields<CallbackOptions>(call))),
    getTokenSilently: getTokenSilently as AuthClient['getTokenSilently'],
    getUser: () => enter(async () => (await getIdentity()) && session.user),
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
      releaseOwner(entries, context)
      listeners.clear()
      events.clear()
    },
  }
  // The schema of the options has made its users.
  return client as unknown as AuthClient<UserWith<Claims>>
}

type NoClaims = Record<never, never>

/** The page that this copy of the library was loaded into. */
const THIS_PAGE: Page = /* @__PURE__ */ new Map()
