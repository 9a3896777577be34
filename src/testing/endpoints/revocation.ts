import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { refuseClientRequest } from './client-request.ts'
import { oauthError, refuse } from './oauth-error.ts'

/**
 * The revocation endpoint. A refresh token takes everything with it that came of the same login; an
 * access token goes alone.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, section 2}
 */
export async function revocation(state: ServerState, incoming: Incoming): Promise<Response> {
  const refused = refuseClientRequest(state, incoming)
  if (refused) return refused
  const { parameters } = incoming
  const token = parameters.get('token')
  if (!token) return oauthError(refuse('invalid_request', 'token is missing'))
  const refreshToken = state.refreshTokens.get(token)
  const accessToken = state.accessTokens.get(token)
  const grant = (refreshToken ?? accessToken)?.grant
  if (grant && grant.clientId !== parameters.get('client_id')) {
    return oauthError(refuse('invalid_grant', 'the token is for another client'))
  }
  if (refreshToken) refreshToken.grant.revoked = true
  if (accessToken) accessToken.revoked = true
  return new Response(null, { headers: { 'cache-control': 'no-store' } })
}
