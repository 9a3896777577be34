/**
 * A signature algorithm as Web Crypto wants it told, for a key and for a signature alike, and which
 * keys it goes with.
 */
export interface SignatureAlgorithm {
  readonly name: string
  readonly hash: string
  readonly kty: string
  readonly crv: string | undefined
  readonly namedCurve?: string
  readonly saltLength?: number
}

/**
 * The algorithms that an ID token may be signed with. Nothing with a shared secret, which a public
 * client does not have, so a MAC would prove nothing, and never `none`.
 *
 * @returns undefined for any other
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.1 RFC 7518, section 3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9864#section-2.2 RFC 9864, section 2.2, for Ed25519}
 */
export function readSignatureAlgorithm(alg: unknown): SignatureAlgorithm | undefined {
  if (alg === 'EdDSA' || alg === 'Ed25519')
    return { name: 'Ed25519', hash: 'SHA-512', kty: 'OKP', crv: 'Ed25519' }
  const [, family, size] = /^([RPE]S)(256|384|512)$/.exec(alg as string) ?? []
  const hash = `SHA-${size}`
  if (family === 'ES') {
    const crv = size === '512' ? 'P-521' : `P-${size}`
    return { name: 'ECDSA', hash, kty: 'EC', crv, namedCurve: crv }
  }
  const name = family === 'RS' ? 'RSASSA-PKCS1-v1_5' : 'RSA-PSS'
  return family
    ? { name, hash, kty: 'RSA', crv: undefined, saltLength: Number(size) / 8 }
    : undefined
}
