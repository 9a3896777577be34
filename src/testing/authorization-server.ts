import type { AuthorizationServerControl } from './control.ts'
import { controlEndpoint } from './control-endpoint.ts'
import { checkedOperations } from './control-shapes.ts'
import { exchange } from './endpoints.ts'
import { createOperations } from './operations.ts'
import { configure, type AuthorizationServerOptions } from './options.ts'
import { createState } from './state.ts'
import type { Exchange } from './transport-faults.ts'

/** An OpenID provider in one function. */
export interface AuthorizationServer {
  /** The issuer identifier, exactly as configured. */
  readonly issuer: string
  /**
   * Answers a request, as `fetch` would: it may stand in for `fetch` in a client's options. The fault `drop`
   * rejects with a TypeError; `hang` waits until the request's signal aborts.
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

async function asFetch(answered: Promise<Exchange>, { redirect }: Request): Promise<Response> {
  const answer = await answered
  if (answer === 'hang') return new Promise(() => {})
  if (answer === 'drop') throw new TypeError('fetch failed')
  if (redirect === 'error' && answer.headers.has('location')) throw new TypeError('fetch failed')
  return answer
}

/**
 * Creates an OpenID provider for tests: correct by itself, wrong on demand (see `Fault`).
 * It keeps everything in memory and must not be reachable by anybody but tests.
 *
 * @example
 * ```ts
 * const server = createAuthorizationServer({ issuer: 'https://login.example.com' })
 * const auth = createAuthClient({ issuer: server.issuer, clientId: 'app', redirectUri, fetch: server.fetch })
 * ```
 */
export function createAuthorizationServer(
  options: AuthorizationServerOptions,
): AuthorizationServer {
  const state = createState(configure(options))
  const control = checkedOperations(createOperations(state))
  const answer = async (request: Request) =>
    (await controlEndpoint(state, control, request)) ?? exchange(state, request)
  return {
    issuer: options.issuer,
    control,
    exchange: answer,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      return untilAborted(request.signal, asFetch(answer(request), request))
    },
  }
}
