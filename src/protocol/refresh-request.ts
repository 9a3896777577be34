import type { WholeResponse } from './discovery.ts'
import { getValidatedIdTokenClaims, processRefreshTokenResponse } from 'oauth4webapi'
import { AuthError, isAuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import { checkIdToken } from './id-token.ts'
import { checkRefreshedClaims } from './refreshed-id-token.ts'
import { checkSignature } from './id-token-signature.ts'
import { asTenant } from './issuer.ts'
import {
  checkTokenType,
  clampLife,
  describeClient,
  sendTokenRequest,
  type TokenEndpoint,
} from './token-endpoint.ts'
import { MAX_SKEW_SECONDS } from './server-clock.ts'
import { toAuthError } from './token-error.ts'
import { tidyTokenResponse, type TokenAnswer } from './token-response.ts'
import type { IdTokenClaims, TokenSet } from './token-set.ts'

/** What an answer is held against. */
export interface RefreshExpectations {
  /** What was sent; a description of an error that quotes it is not passed on. */
  readonly refreshToken: string
  /** Claims of the ID token that came with the refresh token at the login. */
  readonly original: IdTokenClaims
  /** The identity that stands where the answer has no ID token. */
  readonly identity: Pick<TokenSet, 'idToken' | 'claims'>
  /** What an answer without a scope means. */
  readonly scope: string
  /**
   * Authentication contexts that were asked for at the login, one of which a new `acr` must name.
   */
  readonly acrValues?: string | undefined
}

/**
 * Sends a refresh token. Never to be repeated: whoever calls it has seen to that.
 *
 * @param parameters `scope`, `audience` and `resource`, where they are not as at the login
 * @throws AuthError what the network gave
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-6 RFC 6749, section 6}
 */
export function sendRefreshRequest(
  endpoint: TokenEndpoint,
  refreshToken: string,
  parameters: readonly (readonly [string, string])[],
): Promise<WholeResponse> {
  const response = sendTokenRequest(endpoint, 'refresh_token', [
    ['refresh_token', refreshToken],
    ...parameters.map((pair) => [...pair]),
  ])
  // Meanwhile; a failure is met where the keys are used.
  endpoint.keys?.get().catch(() => {})
  return response
}

/**
 * The refresh token of a successful answer, before anything else of it is looked at: it is the only
 * one that still works, even if the rest is of no use.
 */
export function readNewRefreshToken({ status, body }: TokenAnswer): string | undefined {
  const token = body['refresh_token']
  return status < 300 && typeof token === 'string' && token ? token : undefined
}

/**
 * Reads an answer, and resolves only when everything about the tokens has been checked.
 *
 * @param now milliseconds since the epoch
 * @throws AuthError `token_error` or what the server's word means, `response_invalid` (reason
 *   `content_type` for a page that something on the way has sent), `id_token_invalid`,
 *   `token_type_unsupported`, `dpop_downgrade`, `dpop_failed`, or what the network gave for the
 *   keys
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse OpenID Connect Core, section 12.2}
 */
export async function readRefreshResponse(
  endpoint: TokenEndpoint,
  response: TokenAnswer,
  expected: RefreshExpectations,
  now: () => number,
): Promise<TokenSet> {
  try {
    return await readTokens(endpoint, response, expected, now)
  } catch (error) {
    const known = isAuthError(error) ? error : toAuthError(error)
    if (known.code !== 'response_invalid' || known.reason !== 'format') throw known
    const isPage = response.headers.get('content-type') !== 'application/json'
    throw new AuthError('response_invalid', {
      reason: isPage ? 'content_type' : 'format',
      status: response.status,
      // Something on the way, that is gone in a while, or has cut the answer off.
      retryable: true,
    })
  }
}

async function readTokens(
  endpoint: TokenEndpoint,
  response: TokenAnswer,
  { refreshToken, original, identity, scope, acrValues }: RefreshExpectations,
  now: () => number,
): Promise<TokenSet> {
  const { server, clockToleranceSeconds } = endpoint
  const { answer, idToken } = tidyTokenResponse(response, [refreshToken])
  const tenant = asTenant(server, idToken)
  const body = await processRefreshTokenResponse(tenant, describeClient(endpoint), answer)
  const found = getValidatedIdTokenClaims(body)
  const claims = found && ownFields<IdTokenClaims>(found)
  const fields = ownFields<typeof body>(body)
  const { access_token: accessToken, token_type, id_token } = fields
  const tokenType = checkTokenType(endpoint, token_type)
  if (claims) {
    checkRefreshedClaims(original, claims, clockToleranceSeconds)
    // The server has just sent it, so it holds, whatever the device's clock was set to meanwhile.
    const deviceNow = now() / 1000
    const isToday = Math.abs(claims.iat - deviceNow) <= MAX_SKEW_SECONDS
    const serverNow = isToday ? claims.iat : deviceNow
    // A new ID token need not say how the user was authenticated: the original one did.
    const expected = { ...endpoint, acrValues: claims['acr'] == null ? undefined : acrValues }
    const header = await checkIdToken(id_token!, claims, accessToken, expected, serverNow)
    await checkSignature(endpoint.keys, id_token!, header, server.issuer)
  }
  return {
    ...(claims ? { idToken: id_token!, claims } : identity),
    accessToken,
    tokenType,
    expiresInSeconds: clampLife(fields.expires_in),
    scope: fields.scope ?? scope,
  }
}
