import { AuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import type { IdTokenClaims } from './token-set.ts'

export interface IdTokenExpectations {
  readonly clientId: string
  readonly trustedAudiences: readonly string[]
  /** Space-separated; one of them must have been met. */
  readonly acrValues?: string | undefined
  readonly clockToleranceSeconds: number
}

/** A new token is received within seconds; with more between, the clocks of server and device differ. */
const MAX_AGE_SECONDS = 60

/**
 * The rules for ID tokens that oauth4webapi leaves to its caller. It has checked `iss`, `aud`, `exp`, `nbf`, `nonce`,
 * `auth_time` and the presence of the rest before.
 *
 * @param now seconds since the epoch
 * @throws AuthError `id_token_invalid`, with the claim or header parameter as the reason, or `clock_skew`
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation OpenID Connect Core, section 3.1.3.7}
 */
export async function checkIdToken(
  idToken: string,
  claims: IdTokenClaims,
  accessToken: string,
  expected: IdTokenExpectations,
  now: number,
): Promise<void> {
  const { alg, typ } = ownFields(decodePart(idToken, 0))
  const { sub, aud, azp, iat, acr, at_hash } = ownFields(claims) as IdTokenClaims
  const { clientId, acrValues } = expected
  const refuse = (reason: string): never => {
    throw new AuthError('id_token_invalid', { reason })
  }
  // Public clients have no secret, so a MAC proves nothing (rule 8).
  if (!/^([RPE]S(256|384|512)|EdDSA|Ed25519)$/.test(String(alg))) refuse('alg')
  // Another kind of token of the same server (RFC 8725, section 3.11).
  if (typ !== undefined && !/^(application\/)?jwt$/i.test(String(typ))) refuse('typ')
  if (!sub || sub.length > 255) refuse('sub')
  if (![aud].flat().every((one) => [clientId, ...expected.trustedAudiences].includes(one)))
    refuse('aud')
  if (azp !== undefined && azp !== clientId) refuse('azp')
  if (isTooDeep(claims)) refuse('format')
  // A minute beyond the tolerance (rule 10).
  if (iat > now + expected.clockToleranceSeconds + 60) throw createTimeError('iat', iat, now)
  if (acrValues && !acrValues.split(' ').includes(String(acr))) refuse('acr')
  if (at_hash !== undefined && at_hash !== (await hash(accessToken, String(alg)))) refuse('at_hash')
}

/**
 * What it means that the times in an ID token do not fit. It has just been made: if the server's clock then is far from ours now, one
 * of the clocks is wrong, and not the token.
 *
 * @param now seconds since the epoch
 * @returns `clock_skew`, with the seconds by which this device is ahead as the reason, or `id_token_invalid` with the claim
 */
export function createTimeError(claim: string, issuedAt: unknown, now: number): AuthError {
  const aheadSeconds = Math.round(now - Number(issuedAt))
  return Math.abs(aheadSeconds) > MAX_AGE_SECONDS
    ? new AuthError('clock_skew', { reason: String(aheadSeconds) })
    : new AuthError('id_token_invalid', { reason: claim })
}

/**
 * Decodes one part of a JWT without checking anything.
 *
 * @throws where it is no base64url of JSON
 */
export function decodePart(jwt: string, index: 0 | 1): Readonly<Record<string, unknown>> {
  const binary = atob(jwt.split('.')[index]!.replace(/-/g, '+').replace(/_/g, '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
}

/** Whether claims are nested deeper than any server's: whoever walks through them would run out of stack. */
export function isTooDeep(claims: unknown, levels = 100): boolean {
  return (
    typeof claims === 'object' &&
    claims !== null &&
    (levels === 0 || Object.values(claims).some((claim) => isTooDeep(claim, levels - 1)))
  )
}

/** The left half of the hash that belongs to the signature algorithm (OpenID Connect Core, section 3.1.3.6). */
async function hash(accessToken: string, alg: string): Promise<string> {
  const size = alg.startsWith('E') && !alg.startsWith('ES') ? '512' : alg.slice(2)
  const digest = await crypto.subtle.digest(`SHA-${size}`, new TextEncoder().encode(accessToken))
  const half = String.fromCharCode(...new Uint8Array(digest.slice(0, digest.byteLength / 2)))
  return btoa(half).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
}
