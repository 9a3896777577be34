import { override, takeFault, takeFaults } from '../faults/active-faults.ts'
import {
  base64url,
  fromBase64url,
  randomToken,
  sha256,
  utf8,
  type JsonObject,
  type JsonValue,
} from '../server/encoding.ts'
import { hs256, signJwt, signWith, type Signer, type SigningKey } from '../server/keys.ts'
import type { Grant } from '../server/records.ts'
import type { ServerState } from '../server/state.ts'
import { userClaims } from './claims.ts'

/** What one token request is given. */
export interface Issue {
  readonly grant: Grant
  readonly scope: readonly string[]
  readonly resource: readonly string[]
  readonly nonce?: string
  readonly refreshToken?: string
  /** Of an exchange: what the access token is for, and what it is. */
  readonly audience?: string
  readonly issuedTokenType?: string
  /** The thumbprint of the key that the tokens are bound to. */
  readonly jkt?: string
}

function audienceOf(state: ServerState, { grant, resource, audience }: Issue): JsonValue {
  const [first, ...others] = resource
  if (first === undefined) return audience ?? grant.request.audience ?? state.configuration.issuer
  return others.length > 0 ? resource : first
}

/** A JWT access token (RFC 9068 section 2.2). */
async function createAccessToken(state: ServerState, issue: Issue): Promise<string> {
  const key = await state.keys.current()
  const iat = Math.floor(state.now() / 1000)
  const { grant, scope, jkt } = issue
  const claims = {
    iss: state.configuration.issuer,
    sub: grant.user.sub,
    aud: audienceOf(state, issue),
    client_id: grant.clientId,
    scope: scope.join(' '),
    jti: randomToken(),
    iat,
    exp: iat + state.lives.accessTokenSeconds,
    auth_time: grant.authTime,
    acr: grant.acr,
    ...(jkt === undefined ? {} : { cnf: { jkt } }),
  }
  const accessToken = await signJwt(
    { alg: key.alg, typ: 'at+jwt', kid: key.kid },
    claims,
    signWith(key),
  )
  const expiresAt = claims.exp * 1000
  state.accessTokens.set(accessToken, {
    grant,
    scope,
    expiresAt,
    revoked: false,
    ...(jkt === undefined ? {} : { jkt }),
  })
  return accessToken
}

/** Claims of the ID token (OpenID Connect Core sections 2 and 3.1.3.6). */
async function idTokenClaims(
  state: ServerState,
  issue: Issue,
  accessToken: string,
): Promise<JsonObject> {
  const { grant, scope, nonce } = issue
  const iat = Math.floor(state.now() / 1000)
  const hash = await sha256(accessToken)
  return {
    ...userClaims(grant.user, scope),
    iss: state.configuration.issuer,
    sub: grant.user.sub,
    aud: grant.clientId,
    iat,
    exp: iat + state.lives.idTokenSeconds,
    auth_time: grant.authTime,
    acr: grant.acr,
    ...(grant.amr.length > 0 ? { amr: grant.amr } : {}),
    sid: grant.sid,
    at_hash: base64url(hash.slice(0, 16)),
    ...(nonce === undefined ? {} : { nonce }),
  }
}

async function pem({ publicKey }: SigningKey): Promise<string> {
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
  const lines = btoa(Array.from(spki, (byte) => String.fromCharCode(byte)).join(''))
  return `-----BEGIN PUBLIC KEY-----\n${lines.replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`
}

/** The signer of the ID token, the right one or that of a fault. */
async function idTokenSigner(
  state: ServerState,
  key: SigningKey,
): Promise<{ readonly alg: string; readonly sign: Signer }> {
  const fault = takeFault(state, 'token', 'idTokenAlg')
  if (fault?.alg === 'none') return { alg: 'none', sign: async () => new Uint8Array() }
  // HMAC pads its key with zeros: a block of them is the empty secret, which WebCrypto refuses.
  if (fault?.secret === 'empty') return { alg: 'HS256', sign: hs256(new Uint8Array(64)) }
  if (fault) return { alg: 'HS256', sign: hs256(utf8(await pem(key))) }
  return { alg: key.alg, sign: signWith(key) }
}

function breakSignature(jwt: string): string {
  const [header, payload, signature = ''] = jwt.split('.')
  const bytes = fromBase64url(signature)
  bytes[0] = (bytes[0] ?? 0) ^ 0xff
  return [header, payload, base64url(bytes)].join('.')
}

async function createIdToken(
  state: ServerState,
  issue: Issue,
  accessToken: string,
): Promise<string> {
  const faults = takeFaults(state, 'token', 'idTokenClaims')
  const claims = override(await idTokenClaims(state, issue, accessToken), faults)
  for (const [name, seconds] of faults.flatMap(({ shift = {} }) => Object.entries(shift))) {
    const claim = claims[name]
    if (typeof claim === 'number') claims[name] = claim + seconds
  }
  const key = await state.keys.current()
  const { alg, sign } = await idTokenSigner(state, key)
  const header = override(
    { alg, typ: 'JWT', kid: key.kid },
    takeFaults(state, 'token', 'idTokenHeader'),
  )
  const jwt = await signJwt(header, claims, sign)
  return takeFault(state, 'token', 'idTokenSignature') ? breakSignature(jwt) : jwt
}

/**
 * The members of a successful token response.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 RFC 6749, section 5.1}
 */
export async function tokenResponse(state: ServerState, issue: Issue): Promise<JsonObject> {
  const { scope, refreshToken, jkt, issuedTokenType } = issue
  const accessToken = await createAccessToken(state, issue)
  const members = {
    access_token: accessToken,
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: state.lives.accessTokenSeconds,
    scope: scope.join(' '),
    ...(scope.includes('openid')
      ? { id_token: await createIdToken(state, issue, accessToken) }
      : {}),
    ...(issuedTokenType === undefined ? {} : { issued_token_type: issuedTokenType }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  }
  return override(members, takeFaults(state, 'token', 'tokenResponse'))
}
