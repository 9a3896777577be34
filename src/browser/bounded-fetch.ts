import { AuthError, type AuthErrorEvidence } from '../errors.ts'
import type { WholeFetch, WholeResponse } from '../protocol/discovery.ts'
import { bareUrl } from '../protocol/evidence.ts'
import { readRetryAfter } from '../protocol/retry-after.ts'
import { holdsSecret, isError, secretsOf } from '../protocol/secret-text.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { tryOrUndefined } from './try-or-undefined.ts'

/** No metadata, key set or token response comes near it. */
const MAX_BYTES = 1_048_576

/**
 * The one boundary to the network. Every request has a deadline and a size cap, sends no cookie and
 * no referrer, follows no redirect and stays out of the HTTP cache: except one without a `method`,
 * for what is public, which may be cached, and redirected within its origin. Every failure has a
 * code, and its cause where that gives nothing away. What comes back is a response that is
 * complete.
 *
 * @param send the app's `fetch`, or the browser's
 * @param timeoutMs for the whole request, body included
 * @throws AuthError `network_error`, `timeout`, `server_error` (429, 5xx and redirects) or
 *   `response_too_large`
 */
export function createBoundedFetch(send: typeof fetch | undefined, timeoutMs: number): WholeFetch {
  return async (url, init) => {
    const own: RequestInit = ownFields(init)
    const evidence = { asked: bareUrl(url) }
    const deadline = new AbortController()
    const { signal } = deadline
    let timer
    // Not left to `fetch` alone: one that an app brings or a monitoring script has wrapped may not
    // obey its signal.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new AuthError('timeout', { evidence })), timeoutMs)
    })
    const request = async (): Promise<WholeResponse> =>
      readResponse(await (send ?? fetch)(url, createInit(own, signal)), evidence, signal)
    try {
      return await Promise.race([request(), late])
    } catch (error) {
      // Ends a request or a body that is still under way.
      deadline.abort()
      // A missing CORS header looks the same as a missing network: the browser does not tell.
      throw error instanceof AuthError
        ? error
        : new AuthError('network_error', {
            cause: causeOf(error, own),
            evidence: { ...evidence, origin: globalThis.origin, alternative: 'cors_or_csp' },
          })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What a browser may read of the options of a request. */
const INIT_MEMBERS: readonly string[] =
  /* @__PURE__ */ 'method headers body mode cache referrer integrity keepalive duplex priority window'.split(
    ' ',
  )

/**
 * An ordinary object, because an app's `fetch` may ask it for what every object has
 * (`hasOwnProperty`). What somebody put on `Object.prototype` is not read all the same: it meets an
 * own member, and an own `undefined` counts as absent.
 */
function createInit(own: RequestInit, signal: AbortSignal): RequestInit {
  const names = [...INIT_MEMBERS, ...Object.keys(Object.prototype)]
  return {
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    ...own,
    ...(own.method && { cache: 'no-store' }),
    // A redirect would carry the code to another place (RFC 9700, section 4.12). What is public has
    // no method, and some servers tidy its address.
    redirect: own.method ? 'manual' : 'follow',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    signal,
  }
}

/** What was thrown, where it is an error that says nothing secret of the request. */
function causeOf(error: unknown, request: RequestInit): unknown {
  // Not every error lets itself be looked at.
  return tryOrUndefined(() =>
    isError(error) && !holdsSecret(error, secretsOf(request)) ? error : undefined,
  )
}

const STREAM: TextDecodeOptions = { stream: true }

async function readResponse(
  response: Response,
  evidence: AuthErrorEvidence & { readonly asked: string },
  signal: AbortSignal,
): Promise<WholeResponse> {
  // Nobody waits any more for one that comes from a `fetch` that does not obey its signal.
  signal.throwIfAborted()
  const { status, headers, body } = response
  // A redirect that was not followed has status 0 in browsers. One that was, is good on the server's
  // own origin.
  const originOf = (url: string): string => new URL(url, globalThis.location?.href).origin
  const hasLeft = response.redirected && originOf(response.url) !== originOf(evidence.asked)
  if (hasLeft || status < 200 || (status > 299 && status < 400))
    throw new AuthError('server_error', { reason: 'redirect', evidence })
  if (status === 429 || status > 499) {
    const retryAfterSeconds = readRetryAfter(headers)
    throw new AuthError('server_error', {
      status,
      evidence,
      ...(retryAfterSeconds && { retryAfterSeconds }),
    })
  }
  // Text at once: a blob of the parts would go through another process of the browser.
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  const reader = body?.getReader()
  signal.addEventListener('abort', () => void reader?.cancel().catch(() => {}))
  for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) {
    size += part.value.length
    if (size > MAX_BYTES) throw new AuthError('response_too_large')
    text += decoder.decode(part.value, STREAM)
  }
  // A `fetch` made of something else (MirageJS, old polyfills) has texts and no streams: they are
  // whole in memory by then, whatever their size.
  text += body === undefined ? await response.text() : decoder.decode()
  // Rebuilt, so that only what is needed comes in: a WWW-Authenticate header would hide the error
  // in the body from oauth4webapi, which also takes an error body only with exactly this content
  // type.
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '')
  const whole = new Response(text || null, {
    status,
    // One of `Object.prototype` would be read otherwise.
    statusText: '',
    headers: { 'content-type': isJson ? 'application/json' : 'text/plain' },
  })
  return Object.assign(whole, { bodyText: text })
}
