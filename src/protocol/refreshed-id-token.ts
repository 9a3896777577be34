import { AuthError } from '../errors.ts'
import type { IdTokenClaims } from './token-set.ts'

/**
 * Holds a refreshed ID token against the one of the login: it must be for the same user and client,
 * and speak of the same authentication. oauth4webapi has validated it as any ID token, without
 * knowing the original.
 *
 * @param original without a prototype, as `claims`
 * @throws AuthError `id_token_invalid`, with the claim as the reason
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse OpenID Connect Core, section 12.2}
 */
export function checkRefreshedClaims(
  original: IdTokenClaims,
  claims: IdTokenClaims,
  clockToleranceSeconds: number,
): void {
  // Some servers write null for what is not there.
  const isSame = (name: string): boolean => (original[name] ?? '') === (claims[name] ?? '')
  // These may be absent from a new one; there, they say the same.
  const optional = ['auth_time', 'nonce'].filter(
    (name) => claims[name] != null && (name === 'nonce' || original[name] != null),
  )
  // A client may have joined those that the server names, if this one is still whom it was issued
  // to (`azp`).
  const audiences = [claims.aud].flat()
  const isMissing = [original.aud].flat().some((one) => !audiences.includes(one))
  const other = isMissing ? 'aud' : ['iss', 'sub', 'azp', ...optional].find((name) => !isSame(name))
  // The servers of a cluster may differ by seconds.
  const isOlder = claims.iat < original.iat - clockToleranceSeconds
  if (other ?? isOlder) throw new AuthError('id_token_invalid', { reason: other ?? 'iat' })
}

/** Whether an ID token was refused because it speaks of another user, client or authentication. */
export function isIdentityMismatch({ code, reason }: AuthError): boolean {
  return code === 'id_token_invalid' && /^(iss|sub|aud|azp|nonce|auth_time)$/.test(reason!)
}
