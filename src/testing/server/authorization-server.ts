import { controlEndpoint } from '../control/control-endpoint.ts'
import { checkedOperations } from '../control/control-shapes.ts'
import type { AuthorizationServerControl } from '../control/control.ts'
import { createOperations } from '../control/operations.ts'
import type { Exchange } from '../faults/replacement-faults.ts'
import { configure } from './configuration.ts'
import type { AuthorizationServerOptions } from './options.ts'
import { exchange } from './routes.ts'
import { createState } from './state.ts'

/** An OpenID provider in one function. */
export interface AuthorizationServer {
  /** The issuer identifier, exactly as configured. */
  readonly issuer: string
  /**
   * Answers a request, as `fetch` would: it may stand in for `fetch` in a client's options. Of
   * redirects it follows those of the metadata and the keys. The fault `drop` rejects with a
   * TypeError; `hang` waits until the request's signal aborts.
   */
  readonly fetch: (input: Request | URL | string, init?: RequestInit) => Promise<Response>
  /** What a transport needs: the answer, or that the connection drops or hangs. */
  readonly exchange: (request: Request) => Promise<Exchange>
  /** What a test can look at and change. */
  readonly control: AuthorizationServerControl
}

/** Settles as the promise does, or rejects once the signal aborts. */
function untilAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  const settled = new AbortController()
  return new Promise<Value>((resolve, reject) => {
    signal.throwIfAborted()
    signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal })
    promise.then(resolve, reject)
  }).finally(() => settled.abort())
}

type Answer = (request: Request) => Promise<Exchange>

async function asFetch(answer: Answer, request: Request): Promise<Response> {
  const response = await answer(request)
  if (response === 'hang') return new Promise(() => {})
  if (response === 'drop') throw new TypeError('fetch failed')
  const { redirect, url } = request
  if (redirect === 'error' && response.headers.has('location')) throw new TypeError('fetch failed')
  return Object.defineProperty(response, 'url', { value: url })
}

/** Whether an answer leads to another address of the metadata or the keys, on the same origin. */
function isMoved({ status, headers }: Response, { url, method, redirect }: Request): boolean {
  const location = headers.get('location')
  const isDocument = /\/\.well-known\/|\/jwks$/.test(new URL(url).pathname)
  if (redirect !== 'follow' || method !== 'GET' || !isDocument || location === null) return false
  return status < 400 && new URL(location, url).origin === new URL(url).origin
}

const maxRedirects = 20

/**
 * Follows as `fetch` does where it is the metadata or the keys; other redirects are for a browser.
 */
async function followed(answer: Answer, first: Request): Promise<Response> {
  let request = first
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const response = await asFetch(answer, request)
    if (!isMoved(response, request)) {
      return Object.defineProperty(response, 'redirected', { value: redirects > 0 })
    }
    request = new Request(new URL(response.headers.get('location') ?? '', request.url), request)
  }
  throw new TypeError('fetch failed')
}

/**
 * Creates an OpenID provider for tests: correct by itself, wrong on demand (see `Fault`).
 * It keeps everything in memory and must not be reachable by anybody but tests.
 *
 * @example
 * ```ts
 * const server = createAuthorizationServer({ issuer: 'https://login.example.com' })
 * const auth = createAuthClient({ issuer: server.issuer, clientId: 'app', redirectUri, fetch:
 * server.fetch })
 * ```
 */
export function createAuthorizationServer(
  options: AuthorizationServerOptions,
): AuthorizationServer {
  const state = createState(configure(options))
  const control = checkedOperations(createOperations(state))
  const answer: Answer = async (request) =>
    (await controlEndpoint(state, control, request)) ?? exchange(state, request)
  return {
    issuer: options.issuer,
    control,
    exchange: answer,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      return untilAborted(request.signal, followed(answer, request))
    },
  }
}
