import { base64url, utf8, type Bytes, type JsonObject, type JsonValue } from './encoding.ts'

/** How ID tokens and access tokens are signed (RFC 7518 section 3.1). */
export type SigningAlg = 'RS256' | 'ES256'

/** A key pair. */
export interface SigningKey {
  readonly kid: string
  readonly alg: SigningAlg
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: JsonObject
}

type PublicKey = Pick<SigningKey, 'alg' | 'publicKey'>

/** The server's keys: made when first needed, the newest one signs. */
export interface KeyRing {
  current(): Promise<SigningKey>
  published(): Promise<readonly SigningKey[]>
  /** Makes a new signing key. The old ones stay published only with `keepOld`. */
  rotate(keepOld: boolean): Promise<string>
  /** Goes back to the very first key. */
  reset(): void
}

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}

const ecdsa = { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' }

const parametersOf = (alg: SigningAlg) => (alg === 'RS256' ? rsa : ecdsa)

/** The members of a public key alone (RFC 7518 sections 6.2.1 and 6.3.1). */
function publicMembers({ kty = '', crv = '', x = '', y = '', n = '', e = '' }: JsonWebKey) {
  return kty === 'EC' ? { kty, crv, x, y } : { kty, n, e }
}

async function generateKey(alg: SigningAlg): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey(parametersOf(alg), true, ['sign', 'verify'])
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const kid = base64url(crypto.getRandomValues(new Uint8Array(9)))
  const publicJwk = { kid, use: 'sig', alg, ...publicMembers(jwk) }
  return { kid, alg, privateKey: pair.privateKey, publicKey: pair.publicKey, publicJwk }
}

/** An RSA key takes a tenth of a second to make: servers of one issuer start with the same one. */
const firstKeys: Map<string, Promise<readonly SigningKey[]>> = /* @__PURE__ */ new Map()

function firstKeyOf(issuer: string, alg: SigningAlg): Promise<readonly SigningKey[]> {
  const name = `${alg} ${issuer}`
  const known = firstKeys.get(name) ?? generateKey(alg).then((key) => [key])
  firstKeys.set(name, known)
  return known
}

/** Creates the keys of an issuer. */
export function createKeyRing(issuer: string, alg: SigningAlg): KeyRing {
  let keys: Promise<readonly SigningKey[]> | undefined
  const ring = () => keys ?? firstKeyOf(issuer, alg)
  return {
    published: ring,
    current: async () => (await ring()).at(-1) as SigningKey,
    async rotate(keepOld) {
      const old = await ring()
      const key = await generateKey(alg)
      keys = Promise.resolve(keepOld ? [...old, key] : [key])
      return key.kid
    },
    reset() {
      keys = undefined
    },
  }
}

/** A published key, for whoever checks what it has signed. */
export function importPublicKey(jwk: JsonWebKey): Promise<PublicKey> {
  const alg = jwk.kty === 'EC' ? 'ES256' : 'RS256'
  const key = crypto.subtle.importKey('jwk', jwk, parametersOf(alg), false, ['verify'])
  return key.then((publicKey) => ({ alg, publicKey }))
}

/** Makes the bytes of a signature over the signing input of a JWS (RFC 7515 section 5.1). */
export type Signer = (input: Bytes) => Promise<Uint8Array>

/** Signs as it should be. */
export function signWith({ alg, privateKey }: SigningKey): Signer {
  return async (input) =>
    new Uint8Array(await crypto.subtle.sign(parametersOf(alg), privateKey, input))
}

/** Signs with a shared secret: only a fault does. */
export function hs256(secret: Bytes): Signer {
  return async (input) => {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, input))
  }
}

/** A JWT in compact form (RFC 7519 section 7.1). */
export async function signJwt(
  header: JsonObject,
  claims: Readonly<Record<string, JsonValue>>,
  sign: Signer,
): Promise<string> {
  const input = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join('.')
  return `${input}.${base64url(await sign(utf8(input)))}`
}

/** Whether one of the keys made this signature. */
export async function isSignedBy(
  keys: readonly PublicKey[],
  input: string,
  signature: Bytes,
): Promise<boolean> {
  const answers = keys.map(({ alg, publicKey }) =>
    crypto.subtle.verify(parametersOf(alg), publicKey, signature, utf8(input)),
  )
  return (await Promise.all(answers)).includes(true)
}
