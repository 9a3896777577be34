import type { Pair } from './serve.ts'

/** The requests that the server has seen, in order, such as `POST token`. */
export function requestsOf({ control }: Pair): string[] {
  return control.requests().map(({ method, endpoint }) => `${method} ${endpoint}`)
}

/** The same without metadata and keys, which each page asks its cache for. */
export function renewalRequestsOf(pair: Pair): string[] {
  return requestsOf(pair).filter((request) => /authorize|token/.test(request))
}

/** How many authorization requests the server has seen. */
export function countAuthorize({ control }: Pair): number {
  return control.requests({ endpoint: 'authorize' }).length
}

/** One renewal, and nothing besides. */
export const ONE_RENEWAL: readonly string[] = ['GET authorize', 'POST token']
