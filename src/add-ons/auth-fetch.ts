import type { AuthClient } from '../client/auth-client.ts'
import { AuthError } from '../errors.ts'
import type { TokenOptions } from '../client/call-options.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import type { ProofHeaders } from '../protocol/proof-of-possession.ts'
import { findContext } from '../client/context.ts'
import { createOriginCheck } from './allowed-origins.ts'
import { createTokenFinder } from './find-token.ts'
import { replaceToken } from './replace-token.ts'

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
  readonly anonymous?: 'reject' | 'send'
  /** Sends the requests. Default: the browser's. */
  readonly fetch?: typeof globalThis.fetch
}

/**
 * Makes a `fetch` that sends the user's access token along: to the allowed origins only, and never
 * on with a redirect. After a 401 it gets a new token and tries once more, where the body can be
 * sent again; the answer is given back as it is.
 *
 * The function rejects as `fetch` and `getTokenSilently` do, and with an AuthError:
 * `config_invalid` for a URL of another origin (reason `allowedOrigins`) or a request that has an
 * `Authorization` header already (reason `authorization`), before anything is sent; `server_error`
 * with the reason `redirect` where the API redirects.
 *
 * @throws AuthError `config_invalid` for an entry that is no such origin, and for a `fetch` that is
 *   no function
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.10 RFC 9700, section 4.10}
 * @example
 * ```ts
 * const authFetch = createAuthFetch(auth, { allowedOrigins: ['https://api.example.com'] })
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
    ...tokenOptions
  } = ownFields<AuthFetchOptions>(options)
  const isAllowed = createOriginCheck(allowedOrigins)
  const findToken = createTokenFinder(anonymous, tokenOptions)
  if (send != null && typeof send !== 'function') throw configInvalid('fetch')

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
    const token = await findToken(auth, signal)
    const unsent = [first]
    const take = (): Request => unsent.pop() ?? prepare()
    const sendWith = (accessToken: string): Promise<Response> => {
      const dpop = findContext(auth)?.options.dpop
      if (!dpop) return attempt(take(), [['authorization', `Bearer ${accessToken}`]])
      return dpop.send((headers) => attempt(take(), headers), {
        method,
        url,
        accessToken,
        isRepeatable: canRepeat(input, init),
      })
    }
    if (token === undefined) return attempt(take(), [])
    const response = await sendWith(token)
    if (response.status !== 401 || !canRepeat(input, init)) return response
    const renewed = await replaceToken(auth, token, { ...tokenOptions, signal })
    await response.body?.cancel()
    return sendWith(renewed)
  }
}

function prepareRequest(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  isAllowed: (url: URL) => boolean,
): Request {
  // A redirect that is followed takes the header along: in some browsers to other origins too.
  // What was answered for one user is not taken from the HTTP cache for the next; the server may
  // say that it still holds.
  const given = isRequest(input) && input.cache !== 'default' ? input.cache : 'no-cache'
  // Outside of browsers nothing else resolves it: jsdom's `fetch` is Node's.
  const whole = typeof input === 'string' ? new URL(input, globalThis.document?.baseURI) : input
  const own: RequestInit = ownFields({ cache: given, ...init, redirect: 'manual' })
  const request = new Request(whole, own)
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
function isRequest(input: RequestInfo | URL): input is Request {
  return Object.prototype.toString.call(input) === '[object Request]'
}
