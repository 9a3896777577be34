import fc from 'fast-check'
import { expect, test } from 'vitest'
import { discoverServer } from '../../src/protocol/discovery.ts'
import { createKeySource } from '../../src/protocol/json-web-keys.ts'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { anyJson, check, mutate, mutation, settle } from '../support/fuzz.ts'
import { exchange, issuer, rs256Signer, serverMetadata } from '../support/protocol-exchange.ts'

const serve = (body: unknown) => createBoundedFetch(async () => Response.json(body), 1000)
const document = {
  ...serverMetadata,
  code_challenge_methods_supported: ['S256'],
  id_token_signing_alg_values_supported: ['RS256'],
}
const members = Object.keys(document)

test('takes any discovery document for one of this issuer with safe endpoints, or refuses it', () =>
  check(
    fc.oneof(
      anyJson,
      mutation(members).map((change) => mutate(document, change)),
    ),
    300,
    async (body) => {
      const outcome = await settle(() => discoverServer(issuer, undefined, true, serve(body)))
      if ('error' in outcome) return expect(outcome.error.code).toBe('discovery_invalid')
      const { value } = outcome
      expect(value.issuer).toBe(issuer)
      for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
        expect(value[name]).toMatch(/^(https:|http:\/\/(localhost|127\.|\[::1\]))/i)
      expect(Object.getPrototypeOf(value)).toBeNull()
      return undefined
    },
  ))

test('reads any body as a discovery document, or refuses it', () =>
  check(fc.oneof(fc.string(), fc.json()), 100, async (text) => {
    const fetch = createBoundedFetch(async () => new Response(text), 1000)
    const outcome = await settle(() => discoverServer(issuer, undefined, true, fetch))
    expect('error' in outcome && outcome.error.code).toBe('discovery_invalid')
  }))

// covers threat:hostile-server
test('a login with any metadata that was taken brings tokens, or an AuthError', async () => {
  const metadata = mutation(members)
    .map((change) => mutate(document, change))
    .filter(({ issuer: other }) => other === issuer)
  await check(metadata, 40, (changed) => settle(() => exchange({ metadata: changed })))
})

test('takes any key set for one that has the key, or refuses the ID token', async () => {
  const { publicJwk } = await rs256Signer()
  const key = mutation([...Object.keys(publicJwk), 'alg', 'use', 'key_ops', 'd', 'k', 'x5c']).map(
    (change) => mutate(publicJwk, change),
  )
  const keys = fc.oneof(fc.array(fc.oneof(key, anyJson), { maxLength: 3 }), fc.tuple(key))
  await check(keys, 60, async (list) => {
    const outcome = await settle(() => exchange({ keys: list as object[] }))
    if ('error' in outcome) expect(outcome.error.code).toMatch(/^(id_token|response)_invalid$/)
    else expect(list).toContainEqual(expect.objectContaining({ n: publicJwk['n'] }))
  })
})

test('a body that is no key set is not remembered', () =>
  check(anyJson, 100, async (body) => {
    const bodies = [body, { keys: [] }]
    const fetch = createBoundedFetch(async () => Response.json(bodies.shift()), 1000)
    const keys = createKeySource(`${issuer}/jwks`, fetch, () => 0)
    const outcome = await settle(() => keys.get())
    if ('error' in outcome) expect(await keys.get()).toEqual({ keys: [] })
  }))
