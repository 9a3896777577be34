import { encodeBase64url } from '../protocol/base64url.ts'
import type { ProofKey } from '../protocol/proof-of-possession.ts'
import { ownFields } from '../protocol/without-prototype.ts'

/** A key pair, of which only the browser itself knows the private key. */
export interface OwnProofKey extends ProofKey {
  readonly privateKey: CryptoKey
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc7638#section-3 RFC 7638, section 3} */
export async function generateProofKey(): Promise<OwnProofKey> {
  const algorithm = ownFields({ name: 'ECDSA', namedCurve: 'P-256' }) as unknown as EcKeyGenParams
  // Not extractable: whoever runs script in the page can use it, and not take it away.
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const jwk = { crv: 'P-256', kty: 'EC', x, y } as const
  const digest = await crypto.subtle.digest('SHA-256', encode(JSON.stringify(jwk)))
  return { privateKey: pair.privateKey, jwk, jkt: encodeBase64url(digest) }
}

/** A stored value as a key; undefined where it is none, cannot sign, or could be exported. */
export function readProofKey(value: unknown): OwnProofKey | undefined {
  const { privateKey, jwk, jkt } = ownFields<Partial<OwnProofKey>>(value)
  const { x, y } = ownFields<Partial<ProofKey['jwk']>>(jwk)
  const isKey =
    Object.prototype.toString.call(privateKey) === '[object CryptoKey]' &&
    privateKey?.extractable === false &&
    privateKey.usages.includes('sign') &&
    (privateKey.algorithm as Partial<EcKeyAlgorithm>).namedCurve === 'P-256'
  return isKey && x && y && jkt
    ? { privateKey, jwk: { crv: 'P-256', kty: 'EC', x, y }, jkt }
    : undefined
}

/**
 * Signs a proof.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 RFC 9449, section 4.2}
 */
export async function signProof({ privateKey, jwk }: OwnProofKey, claims: object): Promise<string> {
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk }
  const input = [header, claims]
    .map((part) => encodeBase64url(encode(JSON.stringify(part)).buffer))
    .join('.')
  const algorithm = ownFields({ name: 'ECDSA', hash: 'SHA-256' }) as unknown as EcdsaParams
  const signature = await crypto.subtle.sign(algorithm, privateKey, encode(input))
  return `${input}.${encodeBase64url(signature)}`
}

/** The hash of an access token, as a proof names it. */
export async function hashToken(accessToken: string): Promise<string> {
  return encodeBase64url(await crypto.subtle.digest('SHA-256', encode(accessToken)))
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
