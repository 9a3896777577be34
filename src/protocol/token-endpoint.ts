import {
  allowInsecureRequests,
  type Client,
  clockTolerance,
  customFetch,
  genericTokenEndpointRequest,
  type JWKS,
  jwksCache,
  None,
  validateApplicationLevelSignature,
} from 'oauth4webapi'
import { ownFields } from './without-prototype.ts'
import type { Fetch, ServerMetadata } from './discovery.ts'
import type { KeySource } from './json-web-keys.ts'

/** What every grant needs: who asks whom, and what is believed of the answer. */
export interface TokenEndpoint {
  readonly server: ServerMetadata
  readonly clientId: string
  readonly fetch: Fetch
  /** Absent where the signature is left to TLS (OpenID Connect Core, section 3.1.3.7, rule 6). */
  readonly keys?: KeySource | undefined
  readonly clockToleranceSeconds: number
  readonly trustedAudiences: readonly string[]
  readonly idTokenSigningAlg?: string
}

/** The life of an access token whose server does not say (RFC 6749 section 5.1 lets it), and the longest one believed. */
const DEFAULT_EXPIRES_IN_SECONDS = 300
const MAX_EXPIRES_IN_SECONDS = 31_536_000

/** This client as oauth4webapi knows it. */
export function describeClient(endpoint: TokenEndpoint): Client {
  const { clientId, clockToleranceSeconds, idTokenSigningAlg } = ownFields<TokenEndpoint>(endpoint)
  return ownFields({
    client_id: clientId,
    [clockTolerance]: clockToleranceSeconds,
    ...(idTokenSigningAlg && { id_token_signed_response_alg: idTokenSigningAlg }),
  })
}

/** Sends one grant, as a public client. */
export function sendTokenRequest(
  endpoint: TokenEndpoint,
  client: Client,
  grantType: string,
  parameters: string[][],
): Promise<Response> {
  return genericTokenEndpointRequest(
    endpoint.server,
    client,
    None(),
    grantType,
    parameters,
    ownFields({
      [customFetch]: endpoint.fetch,
      // Every endpoint was checked when the metadata was read: http is there only for this very machine.
      [allowInsecureRequests]: true,
    }),
  )
}

/** The life to believe, in seconds. */
export function clampLife(expiresIn: number = DEFAULT_EXPIRES_IN_SECONDS): number {
  return Math.min(expiresIn, MAX_EXPIRES_IN_SECONDS)
}

/** Checks the signature; if it fails, once more with fresh keys, because the server may have changed them. */
export async function checkSignature(
  { server, fetch, keys }: TokenEndpoint,
  response: Response,
  now: () => number,
): Promise<void> {
  if (!keys) return
  const check = (jwks: JWKS): Promise<void> =>
    // oauth4webapi keeps keys by the identity of the metadata object, and for 300 s only: always a new object and a new date.
    validateApplicationLevelSignature(
      ownFields({ jwks_uri: server.issuer, ...server }),
      response,
      ownFields({
        [jwksCache]: { jwks, uat: Math.floor(now() / 1000) },
        // Not to be used, as the keys are there; but if ever, within our bounds.
        [customFetch]: (url: string) => fetch(url),
      }),
    )
  const known = await keys.get()
  try {
    await check(known)
  } catch (error) {
    const fresh = await keys.refresh()
    if (!fresh) throw error
    await check(fresh)
  }
}
