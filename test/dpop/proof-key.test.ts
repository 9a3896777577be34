import { expect, test } from 'vitest'
import { generateProofKey, readProofKey } from '../../src/dpop/proof-key.ts'

test('takes a stored key as it was made', async () => {
  const key = await generateProofKey()
  expect(readProofKey(structuredClone(key))).toEqual(key)
})

const ES256 = { name: 'ECDSA', namedCurve: 'P-256' }
const signing: KeyUsage[] = ['sign', 'verify']

// covers spec:dpop-key-kept threat:tampered-storage
test.each<[string, EcKeyGenParams, boolean, KeyUsage[]]>([
  ['could be exported', ES256, true, signing],
  ['is for another curve', { ...ES256, namedCurve: 'P-384' }, false, signing],
  ['cannot sign', { ...ES256, name: 'ECDH' }, false, ['deriveBits']],
])('takes no stored key that %s', async (_, algorithm, isExtractable, usages) => {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, isExtractable, usages)
  expect(readProofKey({ ...(await generateProofKey()), privateKey })).toBeUndefined()
})

// covers threat:tampered-storage
test('takes no stored value that only looks like a key, or is not whole', async () => {
  const key = await generateProofKey()
  const { extractable, usages, algorithm } = key.privateKey
  const fake = { extractable, usages, algorithm }
  expect(readProofKey({ ...key, privateKey: fake })).toBeUndefined()
  for (const part of [{ jkt: '' }, { jwk: { ...key.jwk, x: '' } }, { jwk: { ...key.jwk, y: '' } }])
    expect(readProofKey({ ...key, ...part })).toBeUndefined()
})
