import { AuthError } from '../errors.ts'
import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { ownFields } from './without-prototype.ts'
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts'
import type { IdTokenClaims } from './token-set.ts'

export interface IdTokenExpectations {
  readonly clientId: string
  /** Where they are given, no others may be named besides this client. */
  readonly trustedAudiences?: readonly string[] | undefined
  /** Space-separated; one of them must have been met. */
  readonly acrValues?: string | undefined
  /** Seconds since the epoch; the user must have been authenticated since. */
  readonly authenticatedSince?: number | undefined
  readonly clockToleranceSeconds: number
}

/** What a header says that was checked. */
export interface IdTokenHeader {
  readonly alg: string
  readonly kid: unknown
  readonly algorithm: SignatureAlgorithm
  /** Claims that say whose key it is. */
  readonly iss: string
  readonly tid: unknown
}

/**
 * A new token is received within seconds; with more between, the clocks of server and device
 * differ.
 */
const MAX_AGE_SECONDS = 60

/**
 * The rules for ID tokens that oauth4webapi leaves to its caller. It has checked `iss`, `aud`,
 * `exp`, `nbf`, `nonce`, that an `auth_time` is a time, and the presence of the rest before.
 *
 * @param claims without a prototype
 * @param now the server's time, in seconds since the epoch
 * @returns its header, for the signature
 * @throws AuthError `id_token_invalid`, with the claim or header parameter as the reason, or
 *   `clock_skew`
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation OpenID Connect Core, section 3.1.3.7}
 */
export async function checkIdToken(
  idToken: string,
  claims: IdTokenClaims,
  accessToken: string,
  expected: IdTokenExpectations,
  now: number,
): Promise<IdTokenHeader> {
  const { alg, typ, kid } = readHeader(idToken)
  const { iss, sub, tid, aud, azp, iat, exp, nbf, acr, auth_time, at_hash } = claims
  const { clientId, trustedAudiences, acrValues, authenticatedSince, clockToleranceSeconds } =
    ownFields<IdTokenExpectations>(expected)
  const refuse = (reason: string): never => {
    throw new AuthError('id_token_invalid', { reason })
  }
  const algorithm = readSignatureAlgorithm(alg)
  if (!algorithm) return refuse('alg')
  // Another kind of token of the same server (RFC 8725, section 3.11).
  if (typ !== undefined && !/^(application\/)?jwt$/i.test(typ as string)) refuse('typ')
  if (!sub || sub.length > 255) refuse('sub')
  // Without a list of the app's own it is enough that the token was issued to this client (`azp`):
  // some servers name every client of a project. oauth4webapi has seen to it that this client is
  // among several, and that `azp` is there then (rules 3 to 5).
  const trusted = trustedAudiences && [clientId, ...trustedAudiences]
  if (trusted && ![aud].flat().every((one) => trusted.includes(one))) refuse('aud')
  // Here and below: null is how some servers write that there is none.
  if (azp != null && azp !== clientId) refuse('azp')
  if (isTooDeep(claims)) refuse('format')
  if (exp <= now - clockToleranceSeconds) throw createTimeError('exp', iat, now)
  if (Number(nbf) > now + clockToleranceSeconds) throw createTimeError('nbf', iat, now)
  // A minute beyond the tolerance (rule 10).
  if (iat > now + clockToleranceSeconds + 60) throw createTimeError('iat', iat, now)
  // By when it was asked for, not by now: the second factor may have taken its time (rule 11).
  if (
    authenticatedSince !== undefined &&
    !((auth_time as number) >= authenticatedSince - clockToleranceSeconds)
  )
    throw createTimeError('auth_time', iat, now)
  if (acrValues && !acrValues.split(' ').includes(String(acr))) refuse('acr')
  if (at_hash != null && at_hash !== (await hash(accessToken, algorithm.hash))) refuse('at_hash')
  return { alg: String(alg), kid, algorithm, iss, tid }
}

/**
 * What it means that the times in an ID token do not fit. It has just been made: if the server's
 * clock then is far from ours now, one of the clocks is wrong, and not the token.
 *
 * @param now seconds since the epoch
 * @returns `clock_skew`, with the seconds by which this device is ahead as the reason, or
 *   `id_token_invalid` with the claim
 */
export function createTimeError(claim: string, issuedAt: unknown, now: number): AuthError {
  const aheadSeconds = Math.round(now - Number(issuedAt))
  return Math.abs(aheadSeconds) > MAX_AGE_SECONDS
    ? new AuthError('clock_skew', { reason: String(aheadSeconds) })
    : new AuthError('id_token_invalid', { reason: claim })
}

/**
 * The header of a JWT that is UTF-8 in all its parts. oauth4webapi replaces what is not, and its
 * claims would be such as nobody has signed.
 *
 * @throws AuthError `id_token_invalid`, with the reason `format`
 */
function readHeader(jwt: string): Readonly<Record<string, unknown>> {
  try {
    decodeText(jwt, 1)
    return decodePart(jwt, 0)
  } catch {
    throw new AuthError('id_token_invalid', { reason: 'format' })
  }
}

/**
 * Decodes one part of a JWT without checking anything.
 *
 * @throws where it is no base64url of JSON in UTF-8
 */
export function decodePart(jwt: string, index: 0 | 1): Readonly<Record<string, unknown>> {
  return ownFields(JSON.parse(decodeText(jwt, index)))
}

function decodeText(jwt: string, index: 0 | 1): string {
  const bytes = decodeBase64url(jwt.split('.')[index]!)
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

/** The claims of an ID token that was checked when it came. */
export function readClaims(idToken: string): IdTokenClaims {
  return decodePart(idToken, 1) as IdTokenClaims
}

/**
 * Whether claims are nested deeper than any server's: whoever walks through them would run out of
 * stack.
 */
export function isTooDeep(claims: unknown, levels = 100): boolean {
  return (
    Object(claims) === claims &&
    (levels === 0 || Object.values(claims as object).some((claim) => isTooDeep(claim, levels - 1)))
  )
}

/**
 * The left half of the hash that belongs to the signature algorithm (OpenID Connect Core, section
 * 3.1.3.6).
 */
async function hash(accessToken: string, algorithm: string): Promise<string> {
  const digest = await crypto.subtle.digest(algorithm, new TextEncoder().encode(accessToken))
  return encodeBase64url(digest.slice(0, digest.byteLength / 2))
}
