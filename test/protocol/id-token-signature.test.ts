import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  atHash,
  exchange,
  goodClaims,
  makeTransaction,
  outcome,
  rs256Signer,
  type ExchangeOptions,
} from '../support/protocol-exchange.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { named } from '../support/in-words.ts'
import { assembleJwt, base64url, createSigner } from '../support/protocol-signer.ts'

const algorithms = [
  ['RS256', 'sha256'],
  ['RS384', 'sha384'],
  ['RS512', 'sha512'],
  ['PS256', 'sha256'],
  ['PS384', 'sha384'],
  ['PS512', 'sha512'],
  ['ES256', 'sha256'],
  ['ES384', 'sha384'],
  ['ES512', 'sha512'],
  ['EdDSA', 'sha512'],
  ['Ed25519', 'sha512'],
] as const

test.each(algorithms)('verifies %s, and at_hash with %s', async (alg, hash) => {
  const signer = await createSigner(alg)
  const tokens = await exchange({ signer, claims: { at_hash: atHash(hash) } })
  expect(tokens.claims).toMatchObject({ sub: 'alice' })
  const wrong = hash === 'sha256' ? 'sha384' : 'sha256'
  const attempt = exchange({ signer, claims: { at_hash: atHash(wrong) } })
  expect(await outcome(attempt)).toBe('id_token_invalid/at_hash')
})

const breakSignature = (jwt: string): string => {
  const [header, claims, signature] = jwt.split('.')
  const bytes = Buffer.from(signature!, 'base64url')
  bytes[0]! ^= 0xff
  return [header, claims, bytes.toString('base64url')].join('.')
}

const swapSubject = (jwt: string): string => {
  const [header, claims, signature] = jwt.split('.')
  const text = Buffer.from(claims!, 'base64url').toString().replace('alice', 'mallo')
  return [header, base64url(text), signature].join('.')
}

// covers fault:id-token-signature
test.each([
  ['a broken signature', breakSignature],
  ['an empty signature', (jwt: string) => jwt.replace(/[^.]*$/, '')],
  ['claims changed after signing', swapSubject],
])('refuses %s', async (_title, mangle) => {
  expect(await outcome(exchange({ mangle }))).toBe('id_token_invalid/signature')
})

const hs256 = (secret: string, transaction = makeTransaction()) => {
  const unsigned = assembleJwt({ alg: 'HS256' }, goodClaims(transaction)).slice(0, -1)
  const signature = createHmac('sha256', secret).update(unsigned).digest('base64url')
  return { transaction, mangle: () => `${unsigned}.${signature}` }
}

/** Metadata and option that let everything through, so that only our own list stands in the way. */
const permissive = (alg: string): ExchangeOptions => ({
  metadata: { id_token_signing_alg_values_supported: ['RS256', alg] },
})

// covers spec:no-none-no-hmac fault:id-token-unsigned
test('refuses HS256 with the public key as the secret, also where the metadata lists it', async () => {
  const { publicJwk } = await rs256Signer()
  const pem = createPublicKey({ key: publicJwk as never, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  })
  const attempt = exchange({ ...hs256(String(pem)), ...permissive('HS256') })
  expect(await outcome(attempt)).toBe('id_token_invalid/alg')
})

test.each([
  ['HS256', true],
  ['HS256', false],
  ['HS512', true],
  ['none', true],
  ['none', false],
  ['None', true],
  ['ML-DSA-44', true],
  ['ES256K', true],
  ['XRS256', true],
  ['RS2560', true],
])('refuses %s (signature left to TLS: %s)', async (alg, tls) => {
  const transaction = makeTransaction()
  const attempt = exchange({
    transaction,
    mangle: () => assembleJwt({ alg }, goodClaims(transaction), alg === 'none' ? '' : 'AAAA'),
    ...permissive(alg),
    ...(tls && { input: { keys: undefined } }),
  })
  expect(await outcome(attempt)).toBe('id_token_invalid/alg')
})

// covers threat:hostile-server spec:no-none-no-hmac
test.each(['none', 'HS256'])('refuses %s even where the app itself asked for it', async (alg) => {
  const transaction = makeTransaction()
  const attempt = exchange({
    transaction,
    mangle: () => assembleJwt({ alg }, goodClaims(transaction)),
    input: { idTokenSigningAlg: alg, keys: undefined },
  })
  expect(await outcome(attempt)).toBe('id_token_invalid/alg')
})

// covers fault:id-token-alg
test('refuses an algorithm that the metadata does not list', async () => {
  const metadata = { id_token_signing_alg_values_supported: ['ES256'] }
  expect(await outcome(exchange({ metadata }))).toBe('id_token_invalid/alg')
})

test('refuses another algorithm than RS256 where the metadata lists none', async () => {
  const signer = await createSigner('ES256')
  const metadata = { id_token_signing_alg_values_supported: undefined } as never
  expect(await outcome(exchange({ signer, metadata }))).toBe('id_token_invalid/alg')
})

// covers spec:expected-alg fault:id-token-alg
test('refuses another algorithm than the one the app expects', async () => {
  const attempt = exchange({ input: { idTokenSigningAlg: 'ES256' } })
  expect(await outcome(attempt)).toBe('id_token_invalid/alg')
})

test('refuses a header whose alg is another than that of the key', async () => {
  const signer = await createSigner('ES256')
  const attempt = exchange({ signer, header: { alg: 'RS256' }, ...permissive('RS256') })
  expect(await outcome(attempt)).toBe('id_token_invalid/kid')
})

// covers spec:id-token-typ spec:library-lenient-tokens fault:id-token-typ
test.each(['at+jwt', 'application/at+jwt', 'logout+jwt', 'dpop+jwt', 'jwt+x', '', null, 5])(
  'refuses the type %j: it is another kind of token',
  async (typ) => {
    expect(await outcome(exchange({ header: { typ } }))).toBe('id_token_invalid/typ')
  },
)

test.each(['JWT', 'jwt', 'application/jwt', undefined])('accepts the type %j', async (typ) => {
  await expect(exchange({ header: { typ } })).resolves.toBeDefined()
})

test('refuses a kid that is not among the keys', async () => {
  expect(await outcome(exchange({ header: { kid: 'other' } }))).toBe('id_token_invalid/kid')
})

// covers fault:id-token-kid
test('accepts no kid where one key fits', async () => {
  await expect(exchange({ header: { kid: undefined } })).resolves.toBeDefined()
})

// covers fault:id-token-kid
test('refuses no kid where several keys fit', async () => {
  const [first, second] = [await rs256Signer(), await createSigner('RS256', 'second')]
  const keys = [first.publicJwk, second.publicJwk]
  const attempt = exchange({ keys, header: { kid: undefined } })
  expect(await outcome(attempt)).toBe('id_token_invalid/kid')
})

// covers spec:signature
test('refuses a key of the same kid that did not sign', async () => {
  const other = await createSigner('RS256')
  const attempt = exchange({ keys: [other.publicJwk] })
  expect(await outcome(attempt)).toBe('id_token_invalid/signature')
})

// covers spec:keys-in-the-token fault:id-token-key-set
test.each<[string, object]>([
  ['symmetric', { kty: 'oct', kid: 'key-RS256', k: 'AAAA' }],
  ['of another type', { kty: 'EC' }],
  ['for encryption', { use: 'enc' }],
  ['for another algorithm', { alg: 'RS512' }],
  ['for another padding', { alg: 'PS256' }],
  ['to sign with', { key_ops: ['sign'] }],
  ['for no operation', { key_ops: [] }],
  ['for an operation that is none', { key_ops: 5 }],
  ['no number', { n: '*' }],
  ['without a number', { n: undefined }],
])('does not use a key that is %s', async (_title, change) => {
  const { publicJwk } = await rs256Signer()
  const attempt = exchange({ keys: [{ ...publicJwk, ...change }] })
  expect(await outcome(attempt)).toBe('id_token_invalid/kid')
})

// covers fault:id-token-key-set
test.each<[string, object]>([
  ['to verify signatures', { use: 'sig', key_ops: ['verify'], ext: false, alg: 'RS256' }],
  ['with more operations than one', { key_ops: ['sign', 'verify', 'verify'] }],
  ['with members that are null', { use: null, key_ops: null, alg: null, d: null, x5c: null }],
  ['with members that nobody needs', { x5c: ['AAAA'], x5t: 'AAAA', crv: 'P-256', d: undefined }],
])('uses a key that is %s', async (_title, change) => {
  const { publicJwk } = await rs256Signer()
  await expect(exchange({ keys: [{ ...publicJwk, ...change }] })).resolves.toBeDefined()
})

test('does not use a key of another curve', async () => {
  const [signer, other] = [await createSigner('ES256'), await createSigner('ES384', 'key-ES256')]
  const attempt = exchange({ signer, keys: [other.publicJwk] })
  expect(await outcome(attempt)).toBe('id_token_invalid/kid')
  await expect(
    exchange({ signer, keys: [other.publicJwk, signer.publicJwk] }),
  ).resolves.toBeDefined()
  const renamed = { ...other.publicJwk, crv: 'P-256' }
  expect(await outcome(exchange({ signer, keys: [renamed] }))).toBe('id_token_invalid/kid')
})

test('accepts no kid where one of several keys fits', async () => {
  const [{ publicJwk }, other] = [await rs256Signer(), await createSigner('RS256', 'second')]
  const keys = [{ ...other.publicJwk, use: 'enc' }, publicJwk, { kty: 'oct', k: 'AAAA' }]
  await expect(exchange({ keys, header: { kid: undefined } })).resolves.toBeDefined()
})

test('refuses an RSA key below 2,048 bits, whatever it has signed', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2040 })
  const transaction = makeTransaction()
  const unsigned = assembleJwt({ alg: 'RS256' }, goodClaims(transaction)).slice(0, -1)
  const signature = sign('sha256', Buffer.from(unsigned), privateKey).toString('base64url')
  const keys = [publicKey.export({ format: 'jwk' })]
  const attempt = exchange({ transaction, keys, mangle: () => `${unsigned}.${signature}` })
  expect(await outcome(attempt)).toBe('id_token_invalid/kid')
})

test('says alg where the browser does not know the algorithm', async () => {
  const signer = await createSigner('Ed25519')
  const unknown = new DOMException('Unrecognized name.', 'NotSupportedError')
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(unknown)
  onTestFinished(() => void vi.restoreAllMocks())
  expect(await outcome(exchange({ signer }))).toBe('id_token_invalid/alg')
})

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
  'a prototype neither makes a key of %s unfit nor a signature good',
  async (alg) => {
    const signer = await createSigner(alg)
    // What Node itself takes from a prototype when it imports a key is left out: `d`, `crv` and
    // `alg`.
    const data = { kid: 'evil', use: 'enc', key_ops: ['sign'], saltLength: 0, hash: 'SHA-1' }
    await withPollution(data, () => exchange({ signer }))
    await withPollution(data, () => exchange({ signer, header: { kid: undefined } }))
    const attempt = withPollution(data, () => outcome(exchange({ signer, mangle: breakSignature })))
    expect(await attempt).toBe('id_token_invalid/signature')
  },
)

test('hands the browser a key that inherits nothing', async () => {
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  onTestFinished(() => void vi.restoreAllMocks())
  await exchange()
  expect(Object.getPrototypeOf(importKey.mock.calls[0]![1])).toBeNull()
})

test('does not use a key that is private, or one that is symmetric beside the right one', async () => {
  const { publicJwk, privateJwk } = await rs256Signer()
  const secret = { ...privateJwk, kid: publicJwk.kid }
  expect(await outcome(exchange({ keys: [secret] }))).toBe('id_token_invalid/kid')
  const keys = [{ kty: 'oct', kid: 'other', k: 'AAAA' }, publicJwk]
  await expect(exchange({ keys })).resolves.toBeDefined()
})

// covers spec:keys-in-the-token fault:id-token-own-key
test('neither fetches nor uses keys that the token itself names', async () => {
  const attacker = await createSigner('RS256', 'attacker')
  const header = { jwk: attacker.publicJwk, jku: 'https://evil.example/jwks', x5u: 'https://e.x' }
  const { publicJwk } = await rs256Signer()
  const attempt = exchange({ signer: attacker, header, keys: [publicJwk] })
  expect(await outcome(attempt)).toBe('id_token_invalid/kid')
})

// covers spec:keys-in-the-token fault:id-token-own-key
test('refuses critical header extensions', async () => {
  const attempt = exchange({ header: { crit: ['exp'] } })
  expect(await outcome(attempt)).toBe('id_token_invalid/crit')
})

// covers spec:encrypted-id-token
test.each([
  ['no JWT', () => 'x'],
  ['two parts', (jwt: string) => jwt.split('.').slice(0, 2).join('.')],
  ['five parts (encrypted)', (jwt: string) => `${jwt}.a.b`],
  ['a header that is no base64url', (jwt: string) => `*${jwt.slice(1)}`],
  ['a header that is no JSON', (jwt: string) => jwt.replace(/^[^.]*/, base64url('nope'))],
  ['a header that is a list', (jwt: string) => jwt.replace(/^[^.]*/, base64url('[]'))],
  ['claims that are no JSON', (jwt: string) => jwt.replace(/\.[^.]*\./, `.${base64url('x')}.`)],
  ['claims that are null', (jwt: string) => jwt.replace(/\.[^.]*\./, `.${base64url('null')}.`)],
])('refuses an ID token with %s', async (_title, mangle) => {
  expect(await outcome(exchange({ mangle }))).toBe('id_token_invalid/format')
})

// covers spec:encrypted-id-token spec:library-nonce
test('refuses a response without an ID token', async () => {
  expect(await outcome(exchange({ mangle: () => undefined }))).toBe('id_token_invalid/missing')
})

test.each(named(['', 5, null, {}]))('refuses %s as the ID token', async (_, idToken) => {
  const attempt = exchange({ mangle: () => idToken })
  expect(await outcome(attempt)).toBe('id_token_invalid/missing')
})

test('leaves the signature to TLS if told, but nothing else', async () => {
  const input = { keys: undefined }
  await expect(exchange({ mangle: breakSignature, input })).resolves.toBeDefined()
  const attempt = exchange({ mangle: breakSignature, claims: { nonce: 'other' }, input })
  expect(await outcome(attempt)).toBe('id_token_invalid/nonce')
})
