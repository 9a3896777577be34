import {
  allowInsecureRequests,
  type Client,
  clockTolerance,
  customFetch,
  genericTokenEndpointRequest,
  getValidatedIdTokenClaims,
  type JWKS,
  jwksCache,
  None,
  processAuthorizationCodeResponse,
  validateApplicationLevelSignature,
} from 'oauth4webapi'
import { AuthError, isAuthError } from '../errors.ts'
import type { Fetch, ServerMetadata } from './discovery.ts'
import { checkIdToken } from './id-token.ts'
import type { KeySource } from './json-web-keys.ts'
import { toAuthError } from './token-error.ts'
import type { IdTokenClaims, TokenSet } from './token-set.ts'
import type { Transaction } from './transaction.ts'

export interface TokenRequestInput {
  readonly server: ServerMetadata
  readonly transaction: Transaction
  /** From `readAuthorizationResponse`. */
  readonly code: string
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

/**
 * Exchanges the authorization code, and resolves only when everything about the tokens has been checked.
 *
 * @param now milliseconds since the epoch
 * @throws AuthError `token_error`, `response_invalid`, `id_token_invalid`, `token_type_unsupported`, or what the network gave
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3 RFC 6749, section 4.1.3}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#TokenResponseValidation OpenID Connect Core, section 3.1.3.5}
 */
export async function exchangeAuthorizationCode(
  input: TokenRequestInput,
  now: () => number,
): Promise<TokenSet> {
  // In parallel with the token request; its failure is met below, where the keys are used.
  input.keys?.get().catch(() => {})
  try {
    return await requestTokens(input, now)
  } catch (error) {
    throw isAuthError(error) ? error : toAuthError(error)
  }
}

async function requestTokens(input: TokenRequestInput, now: () => number): Promise<TokenSet> {
  const { server, transaction, idTokenSigningAlg } = input
  const { clientId, redirectUri, codeVerifier, nonce, maxAge, resource } = transaction
  const client: Client = {
    client_id: clientId,
    [clockTolerance]: input.clockToleranceSeconds,
    ...(idTokenSigningAlg && { id_token_signed_response_alg: idTokenSigningAlg }),
  }
  const response = await genericTokenEndpointRequest(
    server,
    client,
    None(),
    'authorization_code',
    [
      ['code', input.code],
      ['redirect_uri', redirectUri],
      ['code_verifier', codeVerifier],
      ...resource.map((value) => ['resource', value]),
    ],
    {
      [customFetch]: input.fetch,
      // Every endpoint was checked when the metadata was read: http is there only for this very machine.
      [allowInsecureRequests]: true,
    },
  )
  const body = await processAuthorizationCodeResponse(server, client, response, {
    // Without it an ID token would be optional.
    expectedNonce: nonce,
    ...(maxAge !== undefined && { maxAge }),
  })
  const claims = getValidatedIdTokenClaims(body) as IdTokenClaims
  const { access_token: accessToken, id_token, expires_in, scope, token_type } = body
  const idToken = id_token!
  // A token that is bound to a key is of no use without the key.
  if (token_type !== 'bearer') throw new AuthError('token_type_unsupported')
  await checkIdToken(idToken, claims, accessToken, { ...input, ...transaction }, now() / 1000)
  if (input.keys) await checkSignature(input, response, input.keys, now)
  return {
    accessToken,
    tokenType: token_type,
    expiresInSeconds: Math.min(expires_in ?? DEFAULT_EXPIRES_IN_SECONDS, MAX_EXPIRES_IN_SECONDS),
    // An absent scope means: as requested (RFC 6749, section 5.1).
    scope: scope ?? transaction.scope,
    idToken,
    claims,
  }
}

/** Checks the signature; if it fails, once more with fresh keys, because the server may have changed them. */
async function checkSignature(
  { server, fetch }: TokenRequestInput,
  response: Response,
  keys: KeySource,
  now: () => number,
): Promise<void> {
  const check = (jwks: JWKS): Promise<void> =>
    // oauth4webapi keeps keys by the identity of the metadata object, and for 300 s only: always a new object and a new date.
    validateApplicationLevelSignature({ jwks_uri: server.issuer, ...server }, response, {
      [jwksCache]: { jwks, uat: Math.floor(now() / 1000) },
      // Not to be used, as the keys are there; but if ever, within our bounds.
      [customFetch]: (url) => fetch(url),
    })
  const known = await keys.get()
  try {
    await check(known)
  } catch (error) {
    const fresh = await keys.refresh()
    if (!fresh) throw error
    await check(fresh)
  }
}
