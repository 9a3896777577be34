import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { createStaticKeySource } from '../../src/protocol/json-web-keys.ts'
import { exchange } from '../support/protocol-exchange.ts'
import { base64url } from '../support/protocol-signer.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

test('a key without an algorithm of its own verifies one after the other', async () => {
  const keys = createStaticKeySource({ keys: [publicKey.export({ format: 'jwk' })] })
  const metadata = { id_token_signing_alg_values_supported: ['RS256', 'RS384'] }
  for (const size of ['256', '384', '256']) {
    const mangle = (jwt: string): string => {
      const data = `${base64url(JSON.stringify({ alg: `RS${size}` }))}.${jwt.split('.')[1]}`
      return `${data}.${sign(`sha${size}`, Buffer.from(data), privateKey).toString('base64url')}`
    }
    await expect(exchange({ mangle, metadata, input: { keys } })).resolves.toBeDefined()
  }
})

test('a key is imported once', async () => {
  const keys = createStaticKeySource({ keys: [publicKey.export({ format: 'jwk' })] })
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  for (let count = 0; count < 3; count++) {
    const mangle = (jwt: string): string => {
      const data = `${base64url(JSON.stringify({ alg: 'RS256' }))}.${jwt.split('.')[1]}`
      return `${data}.${sign('sha256', Buffer.from(data), privateKey).toString('base64url')}`
    }
    await expect(exchange({ mangle, input: { keys } })).resolves.toBeDefined()
  }
  expect(importKey.mock.calls.filter(([format]) => String(format) === 'jwk')).toHaveLength(1)
})
