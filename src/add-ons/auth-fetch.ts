import type { AuthClient } from '../client/auth-client.ts'
import { waitFor } from '../browser/single-flight.ts'
import { AuthError } from '../errors.ts'
import { readRetryAfter } from '../protocol/retry-after.ts'
import type { TokenOptions } from '../client/call-options.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import type { ProofHeaders } from '../protocol/proof-of-possession.ts'
import { findContext } from '../client/context.ts'
import { createOriginCheck } from './allowed-origins.ts'
import { createTokenFinder } from './find-token.ts'
import { holdUser } from './hold-user.ts'
import { replaceToken } from './replace-token.ts'
import { createStepUp, createStepUpError, readStepUpChallenge, type OnStepUp } from './step-up.ts'

/** Longer than that a page seems to be stuck. */
const MAX_RETRY_AFTER_SECONDS = 10

/** Where the token may go, and what it is asked for, as for `getTokenSilently`. */
export interface AuthFetchOptions extends Pick<
  TokenOptions,
  'scope' | 'audience' | 'resource' | 'authorizationParams' | 'onLoginRequired'
> {
  /**
   * The exact origins of the APIs, such as `https://api.example.com`, or `'self'` for the page's
   * own; http for localhost only.
   */
  readonly allowedOrigins: readonly string[]
  /**
   * What happens where no user is signed in: the call rejects, or the request is sent without a
   * token, for APIs that answer everyone. Default: `reject`.
   */
  readonly anonymous?: 'reject' | 'send' | undefined
  /**
   * Called where an API asks for a stronger or newer authentication of the user (RFC 9470), and the
   * server does not give it without them. Logs the user in with what it is given, by a popup or a
   * redirect; the request is sent once more when it resolves. Default: none; the answer of the API
   * is given back as it is.
   */
  readonly onStepUp?: OnStepUp | undefined
  /**
   * How long the `Retry-After` of a 429 is waited for at most, in seconds; what is longer is given
   * back as it is. Default: 10; 0 waits for none.
   */
  readonly maxRetryAfterSeconds?: number | undefined
  /** Sends the requests. Default: the browser's. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/**
 * Makes a `fetch` that sends the user's access token along: to the allowed origins only, and never
 * on with a redirect. Where its body can be sent again, a request is tried once more
 *
 * - after a 401, with a new token;
 * - after a 401 that asks for another authentication of the user (RFC 9470), with the token of a
 *   step-up: a silent one, or that of `onStepUp`;
 * - after a 429, when the time of its `Retry-After` is over.
 *
 * Any other answer is given back as it is. An API tells a page these headers only if its
 * `Access-Control-Expose-Headers` names `WWW-Authenticate` and `Retry-After`.
 *
 * The function rejects as `fetch` and `getTokenSilently` do, and with an AuthError:
 * `config_invalid` for a URL of another origin (reason `allowedOrigins`) or a request that has an
 * `Authorization` header already (reason `authorization`), before anything is sent; `server_error`
 * with the reason `redirect` where the API redirects; `interaction_required` with the reason
 * `insufficient_user_authentication` where it is not content with a step-up; `user_changed` where
 * somebody else has logged in before the request could be sent once more.
 *
 * @throws AuthError `config_invalid` for an entry that is no such origin, and for other options that
 *   are not as described
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.10 RFC 9700, section 4.10}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470 RFC 9470}
 * @example
 * ```ts
 * const authFetch = createAuthFetch(auth, {
 *   allowedOrigins: ['https://api.example.com'],
 *   onStepUp: (login) => auth.loginWithRedirect(login),
 * })
 * const response = await authFetch('https://api.example.com/orders')
 * ```
 */
export function createAuthFetch(
  auth: AuthClient<object>,
  options: AuthFetchOptions,
): typeof globalThis.fetch {
  const {
    allowedOrigins,
    anonymous,
    fetch: send,
    onStepUp,
    maxRetryAfterSeconds = MAX_RETRY_AFTER_SECONDS,
    ...tokenOptions
  } = ownFields<AuthFetchOptions>(options)
  const isAllowed = createOriginCheck(allowedOrigins)
  const findToken = createTokenFinder(anonymous, tokenOptions)
  if (send != null && typeof send !== 'function') throw configInvalid('fetch')
  if (onStepUp != null && typeof onStepUp !== 'function') throw configInvalid('onStepUp')
  if (!(maxRetryAfterSeconds >= 0)) throw configInvalid('maxRetryAfterSeconds')
  const { onLoginRequired: _, ...target } = tokenOptions
  const stepUp = onStepUp && createStepUp(auth, target, onStepUp)

  async function attempt(request: Request, headers: ProofHeaders): Promise<Response> {
    for (const [name, value] of headers) request.headers.set(name, value)
    const response = await (send ?? fetch)(request)
    if (isRedirect(response)) throw new AuthError('server_error', { reason: 'redirect' })
    return response
  }

  return async (input, init) => {
    const prepare = (): Request => prepareRequest(input, init, isAllowed)
    const first = prepare()
    const { signal, method, url } = first
    const unsent = [first]
    const take = (): Request => unsent.pop() ?? prepare()
    const isRepeatable = canRepeat(input, init)
    const tried = new Set<'renewal' | 'step-up' | 'pause'>()
    const getToken = async (): Promise<string | undefined> =>
      (await stepUp?.find()) ?? findToken(auth, signal)
    let token = await getToken()
    const assertSameUser = holdUser(auth)

    function sendWith(accessToken: string | undefined): Promise<Response> {
      const dpop = findContext(auth)?.options.dpop
      if (accessToken === undefined) return attempt(take(), [])
      if (!dpop) return attempt(take(), [['authorization', `Bearer ${accessToken}`]])
      const proven = { method, url, accessToken, isRepeatable }
      return dpop.send((headers) => attempt(take(), headers), proven)
    }

    /** What makes another attempt worth while; false where nothing does. */
    async function remedy(response: Response): Promise<boolean> {
      const { status } = response
      const challenge = readStepUpChallenge(response)
      if (challenge) {
        if (!stepUp || token === undefined) return false
        if (tried.has('step-up')) throw createStepUpError()
        tried.add('step-up')
        token = await stepUp.answer(challenge, token, signal)
        return true
      }
      if (status === 401 && token !== undefined && !tried.has('renewal')) {
        tried.add('renewal')
        stepUp?.forget(token)
        const next = await replaceToken(auth, token, { ...tokenOptions, signal })
        token = next ?? token
        return next !== undefined
      }
      const seconds = status === 429 ? readRetryAfter(response.headers) : undefined
      // Also where the app waits for as long as an API says (`Infinity`).
      if (seconds === undefined || seconds > maxRetryAfterSeconds || tried.has('pause'))
        return false
      tried.add('pause')
      await pause(seconds * 1000, signal)
      // It may have ended meanwhile, and the session, too.
      token = await getToken()
      return true
    }

    for (;;) {
      const response = await sendWith(token)
      if (!isRepeatable || !(await remedy(response))) return response
      assertSameUser()
      // An app's `fetch` may have read it, or it was cut off.
      response.body?.cancel().catch(() => {})
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const isOver = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return waitFor(isOver, { signal, timeoutMs: undefined }).finally(() => clearTimeout(timer))
}

function prepareRequest(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  isAllowed: (url: URL) => boolean,
): Request {
  // Its members are not its own: the browser reads them.
  const isWhole = isRequest(init)
  const source = isWhole ? init : input
  // A redirect that is followed takes the header along: in some browsers to other origins too.
  // What was answered for one user is not taken from the HTTP cache for the next; the server may
  // say that it still holds.
  const given = isRequest(source) && source.cache !== 'default' ? source.cache : 'no-cache'
  // Outside of browsers nothing else resolves it: jsdom's `fetch` is Node's.
  const whole = typeof input === 'string' ? new URL(input, globalThis.document?.baseURI) : input
  const own = ownFields<RequestInit>(isWhole ? {} : init)
  // Undefined is as good as absent for `fetch`, too.
  Object.assign(own, { cache: own.cache ?? given, redirect: 'manual' })
  const request = new Request(isWhole ? new Request(whole, init) : whole, own)
  if (!isAllowed(new URL(request.url))) throw configInvalid('allowedOrigins')
  if (request.headers.has('authorization')) throw configInvalid('authorization')
  return request
}

/** A redirect that was not followed has no status in browsers. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(status)
}

/** A body that is a stream, or that was in a `Request`, is gone once it was sent. */
function canRepeat(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  const body = init?.body as Partial<ReadableStream> | null | undefined
  return !(body?.getReader || (input as Partial<Request>).bodyUsed)
}

/** Not `instanceof`: what another frame or a test environment has made is of another type. */
function isRequest(input: RequestInfo | URL | RequestInit | undefined): input is Request {
  return Object.prototype.toString.call(input) === '[object Request]'
}
