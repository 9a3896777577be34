import type { JWK, JWKS } from 'oauth4webapi'
import { AuthError } from '../errors.ts'
import { ownFields, presentFields } from './without-prototype.ts'
import { decodeBase64url } from './base64url.ts'
import type { IdTokenHeader } from './id-token.ts'
import { isTemplate, issuerOf } from './issuer.ts'
import type { KeySource } from './json-web-keys.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/**
 * Checks the signature of an ID token whose header and claims were checked; if it fails, once more
 * with fresh keys, because the server may have changed them.
 *
 * @param keys absent where the signature is left to TLS (OpenID Connect Core, section 3.1.3.7, rule
 *   6)
 * @param issuer of the server; with tenants, a key may be for one of them
 * @throws AuthError `id_token_invalid`, with the reason `kid` where there is no one key that fits,
 *   `signature` where that did not sign, `alg` where the browser does not know the algorithm, or
 *   what the network gave for the keys
 */
export async function checkSignature(
  keys: KeySource | undefined,
  idToken: string,
  header: IdTokenHeader,
  issuer: string,
): Promise<void> {
  if (!keys) return
  const known = await keys.get()
  try {
    await verifySignature(idToken, header, issuer, known)
  } catch (error) {
    const fresh = await keys.refresh()
    if (!fresh) throw error
    await verifySignature(idToken, header, issuer, fresh)
  }
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 RFC 7515, section 5.2} */
async function verifySignature(
  idToken: string,
  tokenHeader: IdTokenHeader,
  issuer: string,
  jwks: JWKS,
): Promise<void> {
  const { alg, algorithm } = tokenHeader
  const [header, payload, signature] = idToken.split('.')
  const fitting = selectKeys(jwks, tokenHeader, issuer)
  // Several: which of them is meant would be a guess.
  if (fitting.length !== 1) throw refuse('kid')
  const key = await importOnce(fitting[0]!, alg, algorithm)
  const isSigned = await crypto.subtle.verify(
    algorithm,
    key,
    decodeBase64url(signature!),
    new TextEncoder().encode(`${header}.${payload}`),
  )
  if (!isSigned) throw refuse('signature')
}

/** Those that may be used for it (RFC 7517, section 4). */
function selectKeys(
  { keys }: JWKS,
  { alg, kid, algorithm, iss, tid }: IdTokenHeader,
  issuer: string,
): readonly JWK[] {
  const { kty, crv } = algorithm
  return keys.filter((jwk) => {
    const key = presentFields<JWK & { readonly issuer?: unknown }>(jwk)
    return (
      key.kty === kty &&
      (crv === undefined || key.crv === crv) &&
      (kid === undefined || key.kid === kid) &&
      (key.alg === undefined || key.alg === alg) &&
      (key.use === undefined || key.use === 'sig') &&
      (key.key_ops === undefined || [key.key_ops].flat().includes('verify')) &&
      // It may be for one tenant.
      (!isTemplate(issuer) || key.issuer === undefined || issuerOf(String(key.issuer), tid) === iss)
    )
  })
}

/** Imported keys, each for the algorithm that it was last used with. */
const imports: WeakMap<JWK, { readonly alg: string; readonly key: CryptoKey }> =
  /* @__PURE__ */ new WeakMap()

async function importOnce(
  jwk: JWK,
  alg: string,
  algorithm: SignatureAlgorithm,
): Promise<CryptoKey> {
  const known = imports.get(jwk)
  if (known?.alg === alg) return known.key
  const key = await importKey(jwk, algorithm)
  imports.set(jwk, { alg, key })
  return key
}

/**
 * RSA below 2,048 bits is no signature (RFC 7518, section 3.3); a private key is refused by the
 * browser, as it cannot verify.
 */
async function importKey(jwk: JWK, algorithm: SignatureAlgorithm): Promise<CryptoKey> {
  // `selectKeys` has checked `alg`, `use` and `key_ops`; browsers differ in how they validate them.
  const judged = { alg: undefined, use: 'sig', key_ops: ['verify'] }
  const key = ownFields<JsonWebKey>({ ...presentFields(jwk), ...judged })
  const imported = await crypto.subtle
    .importKey('jwk', key, algorithm, false, ['verify'])
    .catch(({ name }: DOMException) => {
      throw refuse(name === 'NotSupportedError' ? 'alg' : 'kid')
    })
  const { modulusLength } = ownFields<Partial<RsaKeyAlgorithm>>(imported.algorithm)
  if (modulusLength !== undefined && modulusLength < 2048) throw refuse('kid')
  return imported
}

function refuse(reason: string): AuthError {
  return new AuthError('id_token_invalid', { reason })
}
