import { takeFault } from '../faults/active-faults.ts'
import { faultyOAuthError } from '../faults/replacement-faults.ts'
import { base64url, randomToken, sha256 } from '../server/encoding.ts'
import type { Grant, IssuedRefreshToken } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { refuseClientRequest } from './client-request.ts'
import { checkDpop, withNonce } from './dpop.ts'
import { json, oauthError, refuse, type AuthorizationError } from './oauth-error.ts'
import { tokenResponse, type Issue } from './token-response.ts'

/** RFC 8693, sections 2.1 and 3. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token'

type GrantHandler = (
  state: ServerState,
  parameters: URLSearchParams,
  jkt: string | undefined,
) => Promise<Issue | AuthorizationError>

const invalidGrant = (description: string) => refuse('invalid_grant', description)

/**
 * The resources asked for at the token endpoint, which must have been granted (RFC 8707 section
 * 2.2).
 */
function narrowResource(
  granted: readonly string[],
  parameters: URLSearchParams,
): readonly string[] | undefined {
  const asked = parameters.getAll('resource')
  if (asked.length === 0) return granted
  return asked.every((uri) => granted.includes(uri)) ? asked : undefined
}

function issueRefreshToken(
  state: ServerState,
  grant: Grant,
  binding: Pick<IssuedRefreshToken, 'expiresAt' | 'jkt'>,
): string {
  const refreshToken = randomToken()
  state.refreshTokens.set(refreshToken, { grant, ...binding })
  return refreshToken
}

const bound = (jkt: string | undefined) => (jkt === undefined ? {} : { jkt })

/** The authorization code grant with PKCE (RFC 6749 section 4.1.3, RFC 7636 section 4.6). */
const authorizationCode: GrantHandler = async (state, parameters, jkt) => {
  const issued = state.codes.get(parameters.get('code') ?? '')
  const challenge = base64url(await sha256(parameters.get('code_verifier') ?? ''))
  if (!issued) return invalidGrant('the code is unknown')
  const { grant, expiresAt } = issued
  const { request, clientId } = grant
  if (clientId !== parameters.get('client_id'))
    return invalidGrant('the code is for another client')
  if (issued.used) {
    grant.revoked = true
    return invalidGrant('the code was used before: what it brought is revoked')
  }
  if (grant.revoked) return invalidGrant('the user has logged out')
  if (expiresAt <= state.now()) return invalidGrant('the code has expired')
  if (request.redirectUri !== parameters.get('redirect_uri')) {
    return invalidGrant('the redirect_uri is not that of the authorization request')
  }
  if (!/^[\w.~-]{43,128}$/.test(parameters.get('code_verifier') ?? '')) {
    return invalidGrant('the code_verifier is missing or malformed')
  }
  if (challenge !== request.codeChallenge) return invalidGrant('the code_verifier is wrong')
  if (request.dpopJkt !== undefined && request.dpopJkt !== jkt) {
    return invalidGrant('the code is tied to another key')
  }
  const resource = narrowResource(request.resource, parameters)
  if (!resource) return refuse('invalid_target', 'the resource was not granted')
  issued.used = true
  const { scope, nonce, client } = request
  const isRefreshable =
    scope.includes('offline_access') || client.grantTypes.includes('refresh_token')
  const expiresInMs = state.lives.refreshTokenSeconds * 1000
  const binding = { expiresAt: state.now() + expiresInMs, ...bound(jkt) }
  return {
    grant,
    scope,
    resource,
    ...(nonce === undefined ? {} : { nonce }),
    ...(isRefreshable ? { refreshToken: issueRefreshToken(state, grant, binding) } : {}),
    ...bound(jkt),
  }
}

/** Whether a refresh token comes again after its grace period: no lost answer explains that. */
function isReused({ lives, now }: ServerState, usedAt: number | undefined): boolean {
  return usedAt !== undefined && now() >= usedAt + lives.rotationGraceSeconds * 1000
}

/** The refresh grant, with rotation and reuse detection (RFC 9700 section 4.14.2). */
const refreshToken: GrantHandler = async (state, parameters, jkt) => {
  const issued = state.refreshTokens.get(parameters.get('refresh_token') ?? '')
  if (!issued) return invalidGrant('the refresh token is unknown')
  const { grant, expiresAt } = issued
  if (grant.clientId !== parameters.get('client_id')) {
    return invalidGrant('the refresh token is for another client')
  }
  // Of a public client it is bound to the key (RFC 9449 section 5).
  if (issued.jkt !== undefined && issued.jkt !== jkt) {
    return invalidGrant('the refresh token is bound to another key')
  }
  if (isReused(state, issued.usedAt)) grant.revoked = true
  if (grant.revoked) return invalidGrant('the refresh token is revoked')
  if (expiresAt <= state.now()) return invalidGrant('the refresh token has expired')
  const asked = parameters.get('scope')?.split(' ').filter(Boolean) ?? grant.request.scope
  if (!asked.every((scope) => grant.request.scope.includes(scope))) {
    return refuse('invalid_scope', 'the scope was not granted')
  }
  const resource = narrowResource(grant.request.resource, parameters)
  if (!resource) return refuse('invalid_target', 'the resource was not granted')
  const issue = { grant, scope: asked, resource, ...bound(jkt) }
  if (!state.refreshTokenRotation) return issue
  issued.usedAt ??= state.now()
  return {
    ...issue,
    refreshToken: issueRefreshToken(state, grant, { expiresAt, ...bound(issued.jkt) }),
  }
}

/** Token exchange (RFC 8693), of an access token of this server for one for another API. */
const tokenExchange: GrantHandler = async (state, parameters, jkt) => {
  if (parameters.get('subject_token_type') !== ACCESS_TOKEN_TYPE)
    return refuse('invalid_request', 'the subject_token_type is unknown')
  if (![null, ACCESS_TOKEN_TYPE].includes(parameters.get('requested_token_type')))
    return refuse('invalid_request', 'the requested_token_type is unknown')
  const issued = state.accessTokens.get(parameters.get('subject_token') ?? '')
  if (!issued || issued.revoked || issued.grant.revoked || issued.expiresAt <= state.now())
    return refuse('invalid_request', 'the subject_token is not valid')
  if (issued.grant.clientId !== parameters.get('client_id'))
    return refuse('invalid_request', 'the subject_token is for another client')
  if (issued.jkt !== undefined && issued.jkt !== jkt)
    return refuse('invalid_request', 'the subject_token is bound to another key')
  const asked = parameters.get('scope')?.split(' ').filter(Boolean)
  if (asked?.some((scope) => !issued.scope.includes(scope)))
    return refuse('invalid_scope', 'the scope was not granted')
  const audience = parameters.get('audience') ?? undefined
  return {
    grant: issued.grant,
    scope: (asked ?? issued.scope).filter((scope) => scope !== 'openid'),
    resource: parameters.getAll('resource'),
    issuedTokenType: ACCESS_TOKEN_TYPE,
    ...(audience === undefined ? {} : { audience }),
    ...bound(jkt),
  }
}

const grantHandlers: ReadonlyMap<string, GrantHandler> = new Map([
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  [TOKEN_EXCHANGE, tokenExchange],
])

/**
 * The token endpoint, for public clients.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 RFC 6749, section 3.2}
 */
export async function token(state: ServerState, incoming: Incoming): Promise<Response> {
  const refused = refuseClientRequest(state, incoming)
  if (refused) return refused
  const proof = await checkDpop(state, incoming)
  const isAsked = 'error' in proof && proof.error === 'use_dpop_nonce'
  const response = 'error' in proof ? oauthError(proof) : await issue(state, incoming, proof.jkt)
  return withNonce(state, incoming, response, isAsked)
}

async function issue(
  state: ServerState,
  { parameters }: Incoming,
  jkt: string | undefined,
): Promise<Response> {
  const grantType = parameters.get('grant_type')
  if (!grantType) return oauthError(refuse('invalid_request', 'grant_type is missing'))
  const handler = grantHandlers.get(grantType)
  if (!handler) return oauthError(refuse('unsupported_grant_type', 'unknown grant_type'))
  const fault = grantType === 'refresh_token' && takeFault(state, 'token', 'refreshError')
  if (fault) return faultyOAuthError(fault)
  const issued = await handler(state, parameters, jkt)
  if ('error' in issued) return oauthError(issued)
  return json(await tokenResponse(state, issued))
}
