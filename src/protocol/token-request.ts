import { getValidatedIdTokenClaims, processAuthorizationCodeResponse } from 'oauth4webapi'
import { isAuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import { checkIdToken } from './id-token.ts'
import { readOffset } from './server-clock.ts'
import { checkSignature } from './id-token-signature.ts'
import { asTenant } from './issuer.ts'
import {
  checkTokenType,
  clampLife,
  describeClient,
  sendTokenRequest,
  type TokenEndpoint,
} from './token-endpoint.ts'
import { toAuthError } from './token-error.ts'
import { readTokenAnswer, tidyTokenResponse } from './token-response.ts'
import type { IdTokenClaims, TokenSet } from './token-set.ts'
import type { Transaction } from './transaction.ts'

export interface TokenRequestInput extends Omit<TokenEndpoint, 'clientId'> {
  readonly transaction: Transaction
  /** From `readAuthorizationResponse`. */
  readonly code: string
}

/**
 * Exchanges the authorization code, and resolves only when everything about the tokens has been
 * checked.
 *
 * @param now milliseconds since the epoch
 * @throws AuthError `token_error` or what the server's word means, `response_invalid`,
 *   `id_token_invalid`, `token_type_unsupported`, `dpop_downgrade`, `dpop_failed`, or what the
 *   network gave
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3 RFC 6749, section 4.1.3}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#TokenResponseValidation OpenID Connect Core, section 3.1.3.5}
 */
export async function exchangeAuthorizationCode(
  input: TokenRequestInput,
  now: () => number,
): Promise<TokenSet> {
  try {
    const tokens = requestTokens(input, now)
    // While the token request is under way, which has the connection that may be open. A failure is
    // met where the keys are used.
    input.keys?.get().catch(() => {})
    return await tokens
  } catch (error) {
    throw isAuthError(error) ? error : toAuthError(error)
  }
}

async function requestTokens(input: TokenRequestInput, now: () => number): Promise<TokenSet> {
  const { server, transaction } = input
  const { state, redirectUri, codeVerifier, nonce, maxAge, createdAt, resource } = transaction
  const endpoint = {
    ...input,
    ...transaction,
    acrValues: transaction.acrValues,
    authenticatedSince: maxAge === undefined ? undefined : Math.floor(createdAt / 1000) - maxAge,
  }
  const { clock, clockToleranceSeconds } = input
  const response = await sendTokenRequest(endpoint, 'authorization_code', [
    ['code', input.code],
    ['redirect_uri', redirectUri],
    ['code_verifier', codeVerifier],
    ...resource.map((value) => ['resource', value]),
  ])
  // The tokens are as old as this moment, however long it takes to check them.
  const arrival = { wallMs: Date.now(), tickMs: performance.now() }
  const secrets = [input.code, codeVerifier, nonce, state]
  const { answer, idToken } = tidyTokenResponse(readTokenAnswer(response), secrets)
  const body = await processAuthorizationCodeResponse(
    asTenant(server, idToken),
    describeClient(endpoint),
    answer,
    // Without it an ID token would be optional.
    ownFields({ expectedNonce: nonce }),
  )
  const claims = ownFields<IdTokenClaims>(getValidatedIdTokenClaims(body))
  const {
    access_token: accessToken,
    expires_in,
    scope,
    token_type,
    refresh_token,
  } = ownFields<typeof body>(body)
  const tokenType = checkTokenType(input, token_type)
  // It was made for this login, and tells the server's time.
  const offset = readOffset(claims.iat, now() / 1000, clockToleranceSeconds)
  const since = endpoint.authenticatedSince
  const expected = { ...endpoint, authenticatedSince: since === undefined ? since : since + offset }
  const header = await checkIdToken(
    body.id_token!,
    claims,
    accessToken,
    expected,
    now() / 1000 + offset,
  )
  await checkSignature(input.keys, body.id_token!, header, server.issuer)
  clock.learn(offset)
  return {
    accessToken,
    tokenType,
    expiresInSeconds: clampLife(expires_in),
    // An absent scope means: as requested (RFC 6749, section 5.1).
    scope: scope ?? transaction.scope,
    idToken: body.id_token!,
    claims,
    arrival,
    ...(refresh_token && { refreshToken: refresh_token }),
  }
}
