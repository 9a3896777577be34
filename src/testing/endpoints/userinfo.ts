import { override, takeFaults } from '../faults/active-faults.ts'
import type { IssuedAccessToken } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { userClaims } from './claims.ts'
import { json } from './oauth-error.ts'

/**
 * An error of a protected resource (RFC 6750 section 3); without a code where no token was sent.
 */
function bearerError(status: number, error?: string, description?: string): Response {
  const details = error === undefined ? '' : ` error="${error}", error_description="${description}"`
  const body = error === undefined ? {} : { error, error_description: description ?? '' }
  const response = json(body, status)
  response.headers.set('www-authenticate', `Bearer${details}`)
  return response
}

/** The tokens of a request (RFC 6750 section 2), which must be one. */
function tokensOf({ request, parameters, isForm }: Incoming): readonly string[] {
  const header = request.headers.get('authorization')
  const bearer = /^Bearer +(.+)$/i.exec(header ?? '')?.[1]
  // One in the query ends up in logs (RFC 9700 section 4.3.2).
  const inForm = request.method === 'POST' && isForm ? parameters.getAll('access_token') : []
  return [...(bearer === undefined ? [] : [bearer.trim()]), ...inForm]
}

function findAccessToken(state: ServerState, token: string): IssuedAccessToken | undefined {
  const issued = state.accessTokens.get(token)
  if (!issued || issued.revoked || issued.grant.revoked) return undefined
  return issued.expiresAt > state.now() ? issued : undefined
}

/**
 * The userinfo endpoint.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#UserInfo OpenID Connect Core, section 5.3}
 */
export async function userinfo(state: ServerState, incoming: Incoming): Promise<Response> {
  const [token, ...others] = tokensOf(incoming)
  if (token === undefined) return bearerError(401)
  if (others.length > 0) return bearerError(400, 'invalid_request', 'there is more than one token')
  const issued = findAccessToken(state, token)
  if (!issued) {
    return bearerError(401, 'invalid_token', 'the access token is unknown, expired or revoked')
  }
  const { grant, scope } = issued
  if (!scope.includes('openid')) {
    return bearerError(403, 'insufficient_scope', 'the access token is without the scope openid')
  }
  const members = { sub: grant.user.sub, ...userClaims(grant.user, scope) }
  return json(override(members, takeFaults(state, 'userinfo', 'userinfoResponse')))
}
