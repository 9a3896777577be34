// @vitest-environment happy-dom
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { anyJson, check, mutate, mutation, settle, type Mutation } from '../support/fuzz.ts'
import { exchange, goodClaims, makeTransaction } from '../support/protocol-exchange.ts'

const CLAIMS = [
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'nonce', 'nbf', 'azp', 'at_hash', 'auth_time', 'acr'],
]
const MEMBERS = ['access_token', 'token_type', 'expires_in', 'scope', 'id_token', 'refresh_token']

/**
 * The members that a change puts there, for a base that lays its own below them; those it removes
 * are undefined.
 */
function changes({ set, remove }: Mutation): Record<string, unknown> {
  return Object.fromEntries([...set, ...remove.map((name) => [name, undefined] as const)])
}

test('any claims and header of an ID token bring tokens of that user, or an AuthError', () => {
  const input = fc.record({
    claims: mutation(CLAIMS),
    header: mutation(['alg', 'kid', 'typ', 'crit', 'jwk', 'jku', 'b64']),
  })
  return check(input, 80, async ({ claims, header }) => {
    const transaction = makeTransaction()
    const outcome = await settle(() =>
      exchange({ transaction, claims: changes(claims), header: changes(header) }),
    )
    if ('error' in outcome) return expect(outcome.error.code).toBe('id_token_invalid')
    const { iss, nonce } = goodClaims(transaction)
    expect(outcome.value.claims).toMatchObject({ iss, nonce })
    expect(outcome.value.claims.sub).toMatch(/^[^]{1,255}$/)
    return undefined
  })
})

test('any string for an ID token is refused', () => {
  const part = fc.oneof(
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.string(),
  )
  const idToken = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
  )
  return check(idToken, 150, async (value) => {
    const outcome = await settle(() => exchange({ mangle: () => value }))
    expect('error' in outcome && outcome.error.code).toBe('id_token_invalid')
  })
})

const CODES = /^(token_error|response_invalid|token_type_unsupported|id_token_invalid)$/

// covers spec:token-type
test('any members of a token response bring a bearer token with a life, or an AuthError', () =>
  check(mutation([...MEMBERS, 'error']), 150, async (change) => {
    const outcome = await settle(() => exchange({ tokenResponse: changes(change) }))
    if ('error' in outcome) return expect(outcome.error.code).toMatch(CODES)
    const { accessToken, tokenType, expiresInSeconds, scope } = outcome.value
    expect(accessToken).toMatch(/./)
    expect(tokenType).toBe('bearer')
    expect(expiresInSeconds).toBeGreaterThanOrEqual(0)
    expect(expiresInSeconds).toBeLessThanOrEqual(31_536_000)
    expect(typeof scope).toBe('string')
    return undefined
  }))

test('any answer of the token endpoint brings an AuthError if it is not the right one', () => {
  const status = fc.constantFrom(200, 200, 200, 201, 400, 401, 403, 404, 418, 429, 500, 503)
  const type = fc.constantFrom('application/json', 'text/html', 'application/x+json', '')
  const body = fc.oneof(
    fc.string(),
    anyJson.map((value) => JSON.stringify(value) ?? ''),
  )
  return check(fc.record({ status, type, body }), 150, async ({ body: text, ...init }) => {
    const headers = { 'content-type': init.type }
    const response = new Response(text, { status: init.status, headers })
    expect(await settle(() => exchange({ response }))).toHaveProperty('error')
  })
})

beforeEach(preparePage)

// covers spec:refused-answer fault:token-anything
test('no answer of the token endpoint costs the session that is there, or leaves a token', async () => {
  let change: Mutation | undefined
  let serial = 0
  const server = createServer({ accessTokenSeconds: 86_400 })
  const page = createClient(
    {
      async fetch(url, init) {
        const response = await server.fetch(url, init)
        if (!change || !String(url).endsWith('/token')) return response
        return Response.json(mutate((await response.json()) as object, change))
      },
    },
    { server },
  )
  await page.logIn()
  const token = await page.auth.getTokenSilently()
  await check(mutation(MEMBERS), 40, async (input) => {
    // A second login within three seconds would join the first.
    await passTime(3001)
    change = input
    const audience = `https://api-${serial++}.example`
    const outcome = await settle(() => page.logIn('alice', { audience }))
    change = undefined
    if ('error' in outcome) {
      expect(
        await page.auth.getTokenSilently({ audience, cacheMode: 'cache-only' }),
      ).toBeUndefined()
      expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBe(token)
    }
    expect(page.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
  })
})
