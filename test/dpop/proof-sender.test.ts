import { expect, test } from 'vitest'
import { createProofSender } from '../../src/dpop/proof-sender.ts'
import type { KeyHolder, ProofHeaders } from '../../src/protocol/proof-of-possession.ts'

const key = { jwk: { crv: 'P-256', kty: 'EC', x: 'x', y: 'y' }, jkt: 'jkt' } as const
const keys: KeyHolder = {
  current: key,
  isKept: true,
  load: async () => key,
  prove: async (_, claims) => JSON.stringify(claims),
  forget: async () => {},
}

/** Sends requests with an access token, and notes the nonces of their proofs. */
function createSender() {
  const send = createProofSender(keys, { offsetSeconds: 0, learn() {} })
  const nonces: unknown[] = []
  return {
    nonces,
    ask: (origin: string, init: ResponseInit) => {
      const attempt = async (headers: ProofHeaders): Promise<Response> => {
        nonces.push((JSON.parse(headers.at(-1)![1]) as { readonly nonce?: string }).nonce)
        return new Response(null, init)
      }
      const request = { method: 'GET', url: `${origin}/x`, accessToken: 'a', isRepeatable: true }
      return send(attempt, request)
    },
  }
}

// covers spec:dpop-nonce-once
test.each([200, 400, 403])('a challenge with the status %d asks for no nonce', async (status) => {
  const { nonces, ask } = createSender()
  const headers = { 'dpop-nonce': 'n', 'www-authenticate': 'DPoP error="use_dpop_nonce"' }
  await ask('https://api.example', { status, headers })
  expect(nonces).toEqual([undefined])
})

test.each([
  [400, 'use_dpop_nonce', ['', 'n']],
  [401, 'use_dpop_nonce', ['', 'n']],
  [400, 'invalid_grant', ['']],
  [403, 'use_dpop_nonce', ['']],
])('a token endpoint that answers %d %s is asked with the nonces %j', async (...row) => {
  const [status, error, expected] = row
  const send = createProofSender(keys, { offsetSeconds: 0, learn() {} })
  const nonces: string[] = []
  await send(
    async (headers) => {
      const { nonce = '' } = JSON.parse(headers.at(-1)![1]) as { readonly nonce?: string }
      nonces.push(nonce)
      return Response.json({ error }, { status, headers: { 'dpop-nonce': 'n' } })
    },
    {
      method: 'POST',
      url: 'https://login.example/token',
      accessToken: undefined,
      isRepeatable: true,
    },
  )
  expect(nonces).toEqual(expected)
})

// covers threat:input-without-measure
test('keeps the nonces of a hundred places', async () => {
  const { nonces, ask } = createSender()
  const headers = { 'dpop-nonce': 'n' }
  for (let count = 0; count <= 100; count++)
    await ask(`https://api-${count}.example`, { status: 200, headers })
  await ask('https://api-1.example', { status: 200 })
  await ask('https://api-0.example', { status: 200 })
  expect(nonces.slice(-2)).toEqual(['n', undefined])
})

// covers threat:input-without-measure
test('forgets the nonce first that was not used for the longest time', async () => {
  const { nonces, ask } = createSender()
  const headers = { 'dpop-nonce': 'n' }
  for (let count = 0; count < 100; count++)
    await ask(`https://api-${count}.example`, { status: 200, headers })
  await ask('https://api-0.example', { status: 200, headers })
  await ask('https://api-100.example', { status: 200, headers })
  await ask('https://api-0.example', { status: 200 })
  await ask('https://api-1.example', { status: 200 })
  expect(nonces.slice(-2)).toEqual(['n', undefined])
})

// covers threat:input-without-measure
test('reads no refusal that has no end', async () => {
  const send = createProofSender(keys, { offsetSeconds: 0, learn() {} })
  const part = new TextEncoder().encode(' '.repeat(10_000))
  let parts = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      // Not for ever, so that this test fails and does not hang.
      if (++parts > 100) controller.close()
      else controller.enqueue(part)
    },
  })
  let count = 0
  await send(
    async () => {
      count++
      return new Response(body, { status: 400, headers: { 'dpop-nonce': 'n' } })
    },
    {
      method: 'POST',
      url: 'https://login.example/token',
      accessToken: undefined,
      isRepeatable: true,
    },
  )
  expect(count).toBe(1)
  expect(parts).toBeLessThan(20)
})
