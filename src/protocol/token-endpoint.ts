import { type Client, clockTolerance } from 'oauth4webapi'
import { AuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import type { WholeFetch, ServerMetadata, WholeResponse } from './discovery.ts'
import type { KeySource } from './json-web-keys.ts'
import type { ProofOfPossession } from './proof-of-possession.ts'
import { MAX_SKEW_SECONDS, type ServerClock } from './server-clock.ts'

/** What every grant needs: who asks whom, and what is believed of the answer. */
export interface TokenEndpoint {
  readonly server: ServerMetadata
  readonly clientId: string
  readonly fetch: WholeFetch
  /** Absent where the signature is left to TLS (OpenID Connect Core, section 3.1.3.7, rule 6). */
  readonly keys?: KeySource | undefined
  readonly clockToleranceSeconds: number
  readonly clock: ServerClock
  readonly trustedAudiences?: readonly string[] | undefined
  readonly idTokenSigningAlg?: string
  /** What tokens are bound to, where the app wants that. */
  readonly dpop?: ProofOfPossession
}

/**
 * The life of an access token whose server does not say (RFC 6749 section 5.1 lets it), and the
 * longest one believed.
 */
const DEFAULT_EXPIRES_IN_SECONDS = 300
const MAX_EXPIRES_IN_SECONDS = 31_536_000

/** This client as oauth4webapi knows it. */
export function describeClient(endpoint: TokenEndpoint): Client {
  const { clientId, idTokenSigningAlg } = ownFields<TokenEndpoint>(endpoint)
  return ownFields({
    client_id: clientId,
    // Whose clock is right is seen from the token: `checkIdToken` has the app's own tolerance.
    [clockTolerance]: 2 * MAX_SKEW_SECONDS,
    ...(idTokenSigningAlg && { id_token_signed_response_alg: idTokenSigningAlg }),
  })
}

/**
 * The type of an access token, as events and APIs call it. One that is bound to a key is of no use
 * without the key.
 *
 * @throws AuthError `token_type_unsupported`; `dpop_downgrade` where it should be bound
 */
export function checkTokenType(endpoint: Pick<TokenEndpoint, 'dpop'>, tokenType: string): string {
  const { dpop } = ownFields<TokenEndpoint>(endpoint)
  if (dpop) return dpop.checkType(tokenType)
  if (tokenType !== 'bearer') throw new AuthError('token_type_unsupported')
  return tokenType
}

/** Sends one grant. */
export function sendTokenRequest(
  endpoint: TokenEndpoint,
  grantType: string,
  parameters: readonly string[][],
): Promise<WholeResponse> {
  const grant = [['grant_type', grantType], ...parameters]
  // It was checked when the metadata was read.
  return postForm(endpoint.server.token_endpoint, endpoint, grant)
}

/**
 * Posts a form as a public client: by its `client_id` alone. Both headers are such as need no CORS
 * preflight.
 *
 * @throws AuthError what the network gave
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749, section 2.3.1}
 */
export function postForm(
  url: string,
  { clientId, fetch }: Pick<TokenEndpoint, 'clientId' | 'fetch'>,
  parameters: readonly string[][],
): Promise<WholeResponse> {
  return fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    },
    body: new URLSearchParams([['client_id', clientId], ...parameters]),
  })
}

/** The life to believe, in seconds. */
export function clampLife(expiresIn: number = DEFAULT_EXPIRES_IN_SECONDS): number {
  return Math.min(expiresIn, MAX_EXPIRES_IN_SECONDS)
}
