import type { WholeFetch, ServerMetadata } from '../protocol/discovery.ts'

/**
 * Hands the parameters of an authorization request to the server ahead of it: what
 * `pushedAuthorizationRequest` gives.
 *
 * @returns the request that refers to them
 */
export type PushRequest = (
  context: {
    readonly clientId: string
    readonly fetch: WholeFetch
    readonly metadata: ServerMetadata
  },
  request: URL,
) => Promise<URL>
