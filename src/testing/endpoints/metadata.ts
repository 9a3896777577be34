import { TOKEN_EXCHANGE } from './token.ts'
import { hasFault, override, takeFault, takeFaults } from '../faults/active-faults.ts'
import type { Configuration } from '../server/configuration.ts'
import type { JsonObject } from '../server/encoding.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'

function metadata(configuration: Configuration): JsonObject {
  const { issuer, baseUrl, responseModes, signingAlg } = configuration
  const { acrValues, multiFactorAcrValues, endSession } = configuration
  const { pushedAuthorizationRequests, checkSessionFrame } = configuration
  return {
    issuer,
    authorization_endpoint: `${baseUrl}/authorize`,
    token_endpoint: `${baseUrl}/token`,
    jwks_uri: `${baseUrl}/jwks`,
    userinfo_endpoint: `${baseUrl}/userinfo`,
    revocation_endpoint: `${baseUrl}/revoke`,
    ...(pushedAuthorizationRequests === 'off'
      ? {}
      : { pushed_authorization_request_endpoint: `${baseUrl}/par` }),
    ...(pushedAuthorizationRequests === 'required'
      ? { require_pushed_authorization_requests: true }
      : {}),
    ...(endSession ? { end_session_endpoint: `${baseUrl}/end-session` } : {}),
    ...(checkSessionFrame ? { check_session_iframe: `${baseUrl}/check-session` } : {}),
    scopes_supported: ['openid', 'profile', 'email', 'phone', 'offline_access'],
    response_types_supported: ['code'],
    response_modes_supported: responseModes,
    grant_types_supported: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [signingAlg],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
    acr_values_supported: [...acrValues, ...multiFactorAcrValues],
    prompt_values_supported: ['none', 'login', 'select_account', 'consent'],
    claims_supported: ['sub', 'iss', 'auth_time', 'acr', 'amr', 'sid', 'name', 'email'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  }
}

/** JSON that browsers keep for five minutes, unless a fault made it. */
function cacheableJson(body: JsonObject, isFaulty: boolean): Response {
  const headers = {
    'content-type': 'application/json',
    'cache-control': isFaulty ? 'no-store' : 'public, max-age=300',
  }
  return new Response(JSON.stringify(body), { headers })
}

/**
 * The metadata document.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3 RFC 8414, section 3}
 */
export async function discovery(state: ServerState, { url }: Incoming): Promise<Response> {
  if (!url.pathname.endsWith('/') && hasFault(state, 'discovery', 'trailingSlash')) {
    const headers = { location: `${url.href}/`, 'cache-control': 'no-store' }
    return new Response(null, { status: 301, headers })
  }
  takeFault(state, 'discovery', 'trailingSlash')
  const faults = takeFaults(state, 'discovery', 'metadata')
  return cacheableJson(override(metadata(state.configuration), faults), faults.length > 0)
}

/**
 * The key set.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517, section 5}
 */
export async function jwks(state: ServerState): Promise<Response> {
  const faults = takeFaults(state, 'jwks', 'keySet')
  const keyFaults = takeFaults(state, 'jwks', 'keyMembers')
  const published = await state.keys.published()
  const keys = published.map(({ publicJwk }) => override(publicJwk, keyFaults))
  return cacheableJson(override({ keys }, faults), faults.length + keyFaults.length > 0)
}
