import { createHash } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { createCodeChallenge } from '../../src/protocol/code-challenge.ts'
import { makeTransaction } from '../support/protocol-exchange.ts'

// covers spec:s256
test('makes the challenge with S256', async () => {
  const transaction = makeTransaction()
  const expected = createHash('sha256').update(transaction.codeVerifier).digest('base64url')
  expect(await createCodeChallenge(transaction)).toBe(expected)
})

test('makes the challenge of RFC 7636, appendix B', async () => {
  const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const challenge = await createCodeChallenge({ ...makeTransaction(), codeVerifier })
  expect(challenge).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
})

test('makes the challenge where an ArrayBuffer is of another realm, as in jsdom', async () => {
  const transaction = makeTransaction()
  const expected = await createCodeChallenge(transaction)
  vi.stubGlobal('ArrayBuffer', runInNewContext('ArrayBuffer'))
  expect(await createCodeChallenge(transaction)).toBe(expected)
})
