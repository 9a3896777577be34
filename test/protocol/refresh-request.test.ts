import { createServerClock } from '../../src/protocol/server-clock.ts'
import { expect, test } from 'vitest'
import { createStaticKeySource } from '../../src/protocol/json-web-keys.ts'
import {
  readNewRefreshToken,
  readRefreshResponse,
  sendRefreshRequest,
} from '../../src/protocol/refresh-request.ts'
import type { TokenEndpoint } from '../../src/protocol/token-endpoint.ts'
import { readTokenAnswer } from '../../src/protocol/token-response.ts'
import type { IdTokenClaims, TokenSet } from '../../src/protocol/token-set.ts'
import {
  accessToken,
  clientId,
  failure,
  goodClaims,
  makeTransaction,
  nowSeconds,
  outcome,
  rs256Signer,
  serverMetadata,
} from '../support/protocol-exchange.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { whole, wholeFetch } from '../support/whole-response.ts'

const original = goodClaims(makeTransaction()) as IdTokenClaims
const identity = { idToken: 'the-old-id-token', claims: original }
const endpoint: TokenEndpoint = {
  server: serverMetadata,
  clientId,
  clockToleranceSeconds: 30,
  clock: createServerClock(() => {}),
  fetch: () => Promise.reject(new Error('nothing is to be fetched')),
}

const answer = (body: unknown, contentType = 'application/json', status = 200): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': contentType },
  })

const tokens = { access_token: accessToken, token_type: 'bearer' }

interface ReadOptions {
  readonly claims?: object
  /** Claims of the login that are not as in the original. */
  readonly first?: object
  readonly acrValues?: string
  readonly mangle?: (idToken: string) => string
}

/** Reads an answer whose ID token has the claims of the original, with changes. */
async function readSigned({ claims, first, acrValues, mangle }: ReadOptions): Promise<TokenSet> {
  const signer = await rs256Signer()
  const idToken = await signer.sign({ ...original, ...claims })
  const keys = createStaticKeySource({ keys: [signer.publicJwk] })
  return readRefreshResponse(
    { ...endpoint, keys },
    readTokenAnswer(await whole(answer({ ...tokens, id_token: mangle?.(idToken) ?? idToken }))),
    {
      refreshToken: 'the-refresh-token',
      original: { ...original, ...first },
      identity,
      scope: 'openid',
      acrValues,
    },
    Date.now,
  )
}

const read = async (response: Response): Promise<TokenSet> => {
  const expected = { refreshToken: 'the-refresh-token', original, identity, scope: 'openid api' }
  return readRefreshResponse(endpoint, readTokenAnswer(await whole(response)), expected, Date.now)
}

test.each([
  ['a text', { refresh_token: 'new' }, 'new'],
  ['none', {}, undefined],
  ['an empty one', { refresh_token: '' }, undefined],
  ['a number', { refresh_token: 5 }, undefined],
  ['a list', { refresh_token: ['new'] }, undefined],
  ['no JSON', '<p>', undefined],
  ['no object', 'null', undefined],
  ['one that is inherited', '{"__proto__":{"refresh_token":"new"}}', undefined],
])('finds the new refresh token in an answer with %s', async (_what, body, expected) => {
  expect(readNewRefreshToken(readTokenAnswer(await whole(answer(body))))).toBe(expected)
})

test.each([300, 400])(
  'takes no refresh token from an answer with the status %i',
  async (status) => {
    const response = answer({ error: 'invalid_grant', refresh_token: 'new' }, undefined, status)
    expect(readNewRefreshToken(readTokenAnswer(await whole(response)))).toBeUndefined()
  },
)

test('a prototype is no claim of an ID token', async () => {
  const azp = clientId
  const attempt = (): Promise<unknown> => readSigned({ claims: { azp: undefined }, first: { azp } })
  await expect(readSigned({ claims: { azp }, first: { azp } })).resolves.toBeDefined()
  expect(await outcome(withPollution({ azp }, attempt))).toBe('id_token_invalid/azp')
})

test('keeps the identity and the scope where the answer says nothing of them', async () => {
  expect(await read(answer({ ...tokens, expires_in: 600 }))).toEqual({
    ...identity,
    accessToken,
    tokenType: 'bearer',
    expiresInSeconds: 600,
    scope: 'openid api',
  })
})

test('takes over a new ID token and scope', async () => {
  const { claims, idToken } = await readSigned({ claims: { exp: nowSeconds() + 900 } })
  expect(claims.exp).toBeGreaterThan(original.exp)
  expect(idToken).not.toBe(identity.idToken)
  expect((await read(answer({ ...tokens, scope: 'openid' }))).scope).toBe('openid')
})

test('tells a page that something on the way has sent from an answer of the server', async () => {
  expect(await failure(read(answer('<p>', 'text/plain')))).toMatchObject({
    code: 'response_invalid',
    reason: 'content_type',
    status: 200,
    retryable: true,
  })
  expect(await outcome(read(answer('<p>')))).toBe('response_invalid/format')
})

test('reads an answer that is not called JSON for what it is', async () => {
  const page = (body: object) => read(answer({ ...tokens, ...body }, 'text/plain'))
  expect((await page({})).accessToken).toBe(accessToken)
  expect(await outcome(page({ access_token: '' }))).toBe('response_invalid/access_token')
  expect(await outcome(page({ id_token: 'no.j.wt' }))).toBe('id_token_invalid/format')
})

test('takes members that are null or empty for absent ones', async () => {
  const body = { ...tokens, id_token: null, scope: null, expires_in: null, refresh_token: null }
  const expected = { ...identity, accessToken, expiresInSeconds: 300, scope: 'openid api' }
  expect(await read(answer(body))).toMatchObject(expected)
  expect(await read(answer({ ...tokens, id_token: '', refresh_token: '' }))).toMatchObject(expected)
})

test('takes an error for the word of the server although it is not called JSON', async () => {
  const response = answer({ error: 'invalid_grant' }, 'text/html', 400)
  expect(await failure(read(response))).toMatchObject({
    code: 'token_error',
    oauthError: 'invalid_grant',
    status: 400,
  })
})

test('keeps the sentence of the server, unless it quotes the token that was sent', async () => {
  const refusal = (error_description: string) =>
    failure(read(answer({ error: 'invalid_grant', error_description }, undefined, 400)))
  expect((await refusal('It has expired.')).oauthErrorDescription).toBe('It has expired.')
  expect(await refusal('the-refresh-token has expired')).not.toHaveProperty('oauthErrorDescription')
})

test('refuses a token that is bound to a key', async () => {
  const attempt = read(answer({ ...tokens, token_type: 'DPoP' }))
  expect(await outcome(attempt)).toBe('token_type_unsupported')
})

test.each<[string, object, string]>([
  ['of another user', { sub: 'bob' }, 'id_token_invalid/sub'],
  ['of another authentication', { nonce: 'another' }, 'id_token_invalid/nonce'],
  ['with a stranger among its audiences', { aud: [clientId, 'x'] }, 'id_token_invalid/aud'],
])('refuses a new ID token %s', async (_which, claims, expected) => {
  expect(await outcome(readSigned({ claims }))).toBe(expected)
})

test('refuses a new ID token whose signature is another', async () => {
  const mangle = (jwt: string): string => jwt.replace(/.{8}$/, 'AAAAAAAA')
  expect(await outcome(readSigned({ mangle }))).toBe('id_token_invalid/signature')
})

test.each([600, 80_000])(
  'takes a new ID token of a server whose clock is %d seconds ahead',
  async (aheadSeconds) => {
    const iat = nowSeconds() + aheadSeconds
    await expect(readSigned({ claims: { iat, exp: iat + 300 } })).resolves.toBeDefined()
  },
)

test('says by how much the clocks differ where a new ID token is from after tomorrow', async () => {
  const attempt = readSigned({ claims: { iat: nowSeconds() + 90_000, exp: nowSeconds() + 90_300 } })
  expect(await failure(attempt)).toMatchObject({ code: 'clock_skew' })
})

test('refuses a new ID token that was over before it began', async () => {
  const attempt = readSigned({ claims: { iat: nowSeconds(), exp: nowSeconds() - 60 } })
  expect(await outcome(attempt)).toBe('id_token_invalid/exp')
})

// As authentik did at a refresh.
test('takes claims of a new ID token that are null for absent ones', async () => {
  const claims = { nonce: null, at_hash: null, c_hash: null, acr: null, azp: null }
  await expect(readSigned({ claims, acrValues: 'urn:gold' })).resolves.toBeDefined()
})

test('a new ID token need not say how the user was authenticated, but may not say it otherwise', async () => {
  const acrValues = 'urn:gold urn:silver'
  await expect(readSigned({ acrValues })).resolves.toBeDefined()
  await expect(readSigned({ acrValues, claims: { acr: 'urn:silver' } })).resolves.toBeDefined()
  const attempt = readSigned({ acrValues, claims: { acr: 'urn:bronze' } })
  expect(await outcome(attempt)).toBe('id_token_invalid/acr')
})

test('sends the token with what is asked for, with keys and without', async () => {
  const bodies: string[] = []
  const fetch = wholeFetch(async (_url, init) => {
    bodies.push(String(init?.body))
    return answer(tokens)
  })
  const keys = createStaticKeySource({ keys: [] })
  await sendRefreshRequest({ ...endpoint, fetch }, 'old', [])
  await sendRefreshRequest({ ...endpoint, fetch, keys }, 'old', [['scope', 'openid']])
  expect(bodies.map((body) => Object.fromEntries(new URLSearchParams(body)))).toEqual([
    { client_id: clientId, grant_type: 'refresh_token', refresh_token: 'old' },
    { client_id: clientId, grant_type: 'refresh_token', refresh_token: 'old', scope: 'openid' },
  ])
})
