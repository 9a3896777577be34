import { override, takeFaults } from '../faults/active-faults.ts'
import type { IssuedAccessToken } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { userClaims } from './claims.ts'
import { checkDpop, withNonce } from './dpop.ts'
import { json } from './oauth-error.ts'

/**
 * An error of a protected resource (RFC 6750 section 3); without a code where no token was sent.
 */
function resourceError(status: number, error?: string, description?: string): Response {
  const details = error === undefined ? '' : ` error="${error}", error_description="${description}"`
  const scheme = /_dpop_/.test(error ?? '') ? 'DPoP' : 'Bearer'
  const body = error === undefined ? {} : { error, error_description: description ?? '' }
  const response = json(body, status)
  response.headers.set('www-authenticate', `${scheme}${details}`)
  return response
}

/** The tokens of a request (RFC 6750 section 2, RFC 9449 section 7.1), which must be one. */
function tokensOf({ request, parameters, isForm }: Incoming): readonly string[] {
  const header = request.headers.get('authorization')
  const inHeader = /^(?:Bearer|DPoP) +(.+)$/i.exec(header ?? '')?.[1]
  // One in the query ends up in logs (RFC 9700 section 4.3.2).
  const inForm = request.method === 'POST' && isForm ? parameters.getAll('access_token') : []
  return [...(inHeader === undefined ? [] : [inHeader.trim()]), ...inForm]
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
  const response = await answer(state, incoming)
  const challenge = response.headers.get('www-authenticate') ?? ''
  return withNonce(state, incoming, response, challenge.includes('use_dpop_nonce'))
}

async function answer(state: ServerState, incoming: Incoming): Promise<Response> {
  const [token, ...others] = tokensOf(incoming)
  if (token === undefined) return resourceError(401)
  if (others.length > 0)
    return resourceError(400, 'invalid_request', 'there is more than one token')
  const issued = findAccessToken(state, token)
  if (!issued) {
    return resourceError(401, 'invalid_token', 'the access token is unknown, expired or revoked')
  }
  const { grant, scope, jkt } = issued
  const isDpop = /^DPoP /i.test(incoming.request.headers.get('authorization') ?? '')
  const proof = isDpop ? await checkDpop(state, incoming, token) : {}
  if ('error' in proof) return resourceError(401, proof.error, proof.description)
  if (jkt !== proof.jkt || (isDpop && jkt === undefined)) {
    return resourceError(401, 'invalid_token', 'the access token is bound to another key')
  }
  if (!scope.includes('openid')) {
    return resourceError(403, 'insufficient_scope', 'the access token is without the scope openid')
  }
  const members = { sub: grant.user.sub, ...userClaims(grant.user, scope) }
  return json(override(members, takeFaults(state, 'userinfo', 'userinfoResponse')))
}
