/** A key pair that signs JWTs with one algorithm. */
export interface TestSigner {
  readonly alg: string
  readonly publicJwk: JsonWebKey & { readonly kid?: string }
  readonly privateJwk: JsonWebKey
  readonly sign: (
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => Promise<string>
}

type Signing = readonly [
  key: RsaHashedKeyGenParams | EcKeyGenParams | { readonly name: string },
  sign: AlgorithmIdentifier | RsaPssParams | EcdsaParams,
]

const rsa = (name: string, size: string) => ({
  name,
  hash: `SHA-${size}`,
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
})

function signingOf(alg: string): Signing {
  const size = alg.slice(2)
  if (alg.startsWith('RS')) return [rsa('RSASSA-PKCS1-v1_5', size), 'RSASSA-PKCS1-v1_5']
  if (alg.startsWith('PS')) {
    return [rsa('RSA-PSS', size), { name: 'RSA-PSS', saltLength: Number(size) / 8 }]
  }
  if (alg.startsWith('ES')) {
    const namedCurve = size === '512' ? 'P-521' : `P-${size}`
    return [
      { name: 'ECDSA', namedCurve },
      { name: 'ECDSA', hash: `SHA-${size}` },
    ]
  }
  return [{ name: 'Ed25519' }, { name: 'Ed25519' }]
}

export const base64url = (value: string | Uint8Array): string =>
  Buffer.from(value).toString('base64url')

/** An RSA key takes a fifth of a second to make: signers share three, and neighbours none. */
const rsaKeys: Promise<JsonWebKey>[] = []
let signers = 0

async function nextRsaKey(): Promise<JsonWebKey> {
  const place = signers++ % 3
  const make = async () => {
    const pair = await crypto.subtle.generateKey(rsa('RSA-PSS', '256'), true, ['sign'])
    const { alg: _, key_ops: __, ...jwk } = await crypto.subtle.exportKey('jwk', pair.privateKey)
    return jwk
  }
  return (rsaKeys[place] ??= make())
}

async function privateKeyOf(algorithm: Signing[0]): Promise<CryptoKey> {
  if (algorithm.name.startsWith('RSA'))
    return crypto.subtle.importKey('jwk', await nextRsaKey(), algorithm, true, ['sign'])
  const pair = await crypto.subtle.generateKey(algorithm as EcKeyGenParams, true, ['sign'])
  return pair.privateKey
}

/** Makes a key. `header` members that are undefined are left out. */
export async function createSigner(alg: string, kid = `key-${alg}`): Promise<TestSigner> {
  const [keyAlgorithm, signAlgorithm] = signingOf(alg)
  const privateKey = await privateKeyOf(keyAlgorithm)
  const { key_ops: _, ...privateJwk } = await crypto.subtle.exportKey('jwk', privateKey)
  const { kty, n, e, crv, x, y } = privateJwk
  const publicJwk = JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, kid })) as JsonWebKey
  return {
    alg,
    publicJwk,
    privateJwk,
    async sign(claims, header) {
      const input = [{ alg, kid, ...header }, claims]
        .map((part) => base64url(JSON.stringify(part)))
        .join('.')
      const bytes = new TextEncoder().encode(input)
      const signature = await crypto.subtle.sign(signAlgorithm, privateKey, bytes)
      return `${input}.${base64url(new Uint8Array(signature))}`
    },
  }
}

/** An unsigned JWT, or one with a signature of one's own making. */
export const assembleJwt = (header: unknown, claims: unknown, signature = ''): string =>
  [header, claims].map((part) => base64url(JSON.stringify(part))).join('.') + `.${signature}`
