import { getValidatedIdTokenClaims, processAuthorizationCodeResponse } from 'oauth4webapi'
import { AuthError, isAuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import { checkIdToken } from './id-token.ts'
import {
  checkSignature,
  clampLife,
  describeClient,
  sendTokenRequest,
  type TokenEndpoint,
} from './token-endpoint.ts'
import { toAuthError } from './token-error.ts'
import type { IdTokenClaims, TokenSet } from './token-set.ts'
import type { Transaction } from './transaction.ts'

export interface TokenRequestInput extends Omit<TokenEndpoint, 'clientId'> {
  readonly transaction: Transaction
  /** From `readAuthorizationResponse`. */
  readonly code: string
}

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
  const { server, transaction } = input
  const { redirectUri, codeVerifier, nonce, maxAge, resource } = transaction
  const endpoint = { ...input, ...transaction, acrValues: transaction.acrValues }
  const client = describeClient(endpoint)
  const response = await sendTokenRequest(endpoint, client, 'authorization_code', [
    ['code', input.code],
    ['redirect_uri', redirectUri],
    ['code_verifier', codeVerifier],
    ...resource.map((value) => ['resource', value]),
  ])
  const body = await processAuthorizationCodeResponse(
    server,
    client,
    response,
    ownFields({
      // Without it an ID token would be optional.
      expectedNonce: nonce,
      ...(maxAge !== undefined && { maxAge }),
    }),
  )
  const claims = getValidatedIdTokenClaims(body) as IdTokenClaims
  const {
    access_token: accessToken,
    id_token,
    expires_in,
    scope,
    token_type,
    refresh_token,
  } = ownFields<typeof body>(body)
  const idToken = id_token!
  // A token that is bound to a key is of no use without the key.
  if (token_type !== 'bearer') throw new AuthError('token_type_unsupported')
  await checkIdToken(idToken, claims, accessToken, endpoint, now() / 1000)
  await checkSignature(endpoint, response, now)
  return {
    accessToken,
    tokenType: token_type,
    expiresInSeconds: clampLife(expires_in),
    // An absent scope means: as requested (RFC 6749, section 5.1).
    scope: scope ?? transaction.scope,
    idToken,
    claims,
    ...(refresh_token && { refreshToken: refresh_token }),
  }
}
