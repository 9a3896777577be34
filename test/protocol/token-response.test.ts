import { expect, test } from 'vitest'
import {
  accessToken,
  exchange,
  failure,
  makeTransaction,
  outcome,
} from '../support/protocol-exchange.ts'
import { named } from '../support/in-words.ts'

test('gives the tokens of a good response', async () => {
  const tokenResponse = { scope: 'openid', refresh_token: 'x', unknown: { a: 1 } }
  const tokens = await exchange({ tokenResponse })
  expect(tokens).toMatchObject({
    accessToken,
    tokenType: 'bearer',
    expiresInSeconds: 600,
    scope: 'openid',
    claims: { sub: 'alice' },
  })
})

const refused: readonly [member: string, value: unknown, outcome: string][] = [
  ['access_token', undefined, 'response_invalid/access_token'],
  ['access_token', '', 'response_invalid/access_token'],
  ['access_token', null, 'response_invalid/access_token'],
  ['access_token', 5, 'response_invalid/access_token'],
  ['access_token', ['x'], 'response_invalid/access_token'],
  ['token_type', undefined, 'response_invalid/token_type'],
  ['token_type', '', 'response_invalid/token_type'],
  ['token_type', 5, 'response_invalid/token_type'],
  ['token_type', ['Bearer'], 'response_invalid/token_type'],
  ['token_type', 'mac', 'token_type_unsupported'],
  ['token_type', 'N_A', 'token_type_unsupported'],
  ['token_type', 'DPoP', 'token_type_unsupported'],
  ['token_type', '__proto__', 'token_type_unsupported'],
  ['token_type', ' Bearer', 'token_type_unsupported'],
  ['expires_in', -1, 'response_invalid/expires_in'],
  ['expires_in', true, 'response_invalid/expires_in'],
  ['expires_in', [], 'response_invalid/expires_in'],
  ['expires_in', {}, 'response_invalid/expires_in'],
  ['expires_in', 'Infinity', 'response_invalid/expires_in'],
  ['expires_in', 'soon', 'response_invalid/expires_in'],
  ['scope', 5, 'response_invalid/scope'],
  ['scope', ['openid'], 'response_invalid/scope'],
  ['refresh_token', 5, 'response_invalid/refresh_token'],
]

const cases = refused.flatMap(([member, value, expected]) =>
  named([value]).map(([words]) => [words, member, value, expected] as const),
)

// covers spec:token-type fault:token-no-access-token
test.each(cases)('refuses %s as the %s', async (_, member, value, expected) => {
  expect(await outcome(exchange({ tokenResponse: { [member]: value } }))).toBe(expected)
})

// covers fault:token-type
test.each([null, ''])('takes the refresh token %j for none', async (refresh_token) => {
  expect(await exchange({ tokenResponse: { refresh_token } })).not.toHaveProperty('refreshToken')
})

test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('accepts the token type %s', async (type) => {
  const tokens = await exchange({ tokenResponse: { token_type: type } })
  expect(tokens.tokenType).toBe('bearer')
})

// covers spec:token-life spec:library-lenient-tokens fault:token-expires-in
test.each([
  [600, 600],
  [0, 0],
  [0.5, 0.5],
  ['3600', 3600],
  // As the library reads them: not worth a check of our own.
  ['3600abc', 3600],
  [[3600], 3600],
  [undefined, 300],
  [null, 300],
  ['', 300],
  [31_536_000, 31_536_000],
  [31_536_001, 31_536_000],
  [1e300, 31_536_000],
])('lets a token whose expires_in is %j live %d s', async (value, seconds) => {
  const tokens = await exchange({ tokenResponse: { expires_in: value } })
  expect(tokens.expiresInSeconds).toBe(seconds)
})

// covers spec:smaller-scope fault:token-scope
test.each([
  [undefined, 'api email openid'],
  ['openid', 'openid'],
  ['openid api email admin', 'openid api email admin'],
  ['', 'api email openid'],
  [null, 'api email openid'],
])('takes the granted scope %j for %j', async (scope, granted) => {
  const transaction = makeTransaction({ scope: 'api email openid' })
  const tokens = await exchange({ transaction, tokenResponse: { scope } })
  expect(tokens.scope).toBe(granted)
})

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })

const answers: readonly [title: string, response: Response, expected: object][] = [
  [
    '400 with an error',
    json(400, { error: 'invalid_grant', error_description: 'x' }),
    { code: 'token_error', oauthError: 'invalid_grant', status: 400 },
  ],
  [
    '401 with a challenge and an error',
    json(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="x"' }),
    { code: 'token_error', oauthError: 'invalid_client', status: 401 },
  ],
  [
    '401 with a challenge alone',
    new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } }),
    { code: 'response_invalid', reason: 'format', status: 401 },
  ],
  [
    '200 with an error',
    json(200, { error: 'invalid_grant' }),
    { code: 'token_error', oauthError: 'invalid_grant', status: 200 },
  ],
  [
    'an error in another spelling of the content type',
    json(400, { error: 'invalid_grant' }, { 'content-type': 'Application/JSON ; charset=UTF-8' }),
    { code: 'token_error', oauthError: 'invalid_grant' },
  ],
  [
    'an error in a dialect of JSON',
    json(400, { error: 'invalid_grant' }, { 'content-type': 'application/problem+json' }),
    { code: 'token_error', oauthError: 'invalid_grant' },
  ],
  [
    'an error that is called HTML',
    json(400, { error: 'invalid_grant' }, { 'content-type': 'text/html' }),
    { code: 'token_error', oauthError: 'invalid_grant', status: 400 },
  ],
  [
    'an error that is called nothing',
    new Response(new TextEncoder().encode('{"error":"invalid_grant"}'), { status: 400 }),
    { code: 'token_error', oauthError: 'invalid_grant', status: 400 },
  ],
  [
    '200 with an error that is called text',
    new Response('{"error":"invalid_grant"}'),
    { code: 'token_error', oauthError: 'invalid_grant', status: 200 },
  ],
  [
    '200 with an error beside something that is no token',
    json(200, { error: 'invalid_request', access_token: 'x', token_type: 'no bearer' }),
    { code: 'token_error', oauthError: 'invalid_request', status: 200 },
  ],
  [
    'an error beside something that looks like tokens',
    json(400, { error: 'invalid_grant', access_token: 'x' }),
    { code: 'token_error', oauthError: 'invalid_grant' },
  ],
  [
    '400 with JSON that is no error',
    json(400, { message: 'x' }),
    { code: 'response_invalid', reason: 'format', status: 400 },
  ],
  ['400 with an empty error', json(400, { error: '' }), { code: 'response_invalid', status: 400 }],
  ['400 with an error that is a list', json(400, { error: ['x'] }), { code: 'response_invalid' }],
  [
    '400 with HTML',
    new Response('<p>', { status: 400 }),
    { code: 'response_invalid', status: 400 },
  ],
  ['400 with nothing', new Response(null, { status: 400 }), { code: 'response_invalid' }],
  [
    '404 with HTML',
    new Response('<p>', { status: 404 }),
    { code: 'response_invalid', status: 404 },
  ],
  ['500', json(500, { error: 'x' }), { code: 'server_error', status: 500, retryable: true }],
  ['503 with HTML', new Response('<p>', { status: 503 }), { code: 'server_error', status: 503 }],
  ['429', json(429, {}), { code: 'server_error', status: 429, retryable: true }],
  ['302', new Response(null, { status: 302 }), { code: 'server_error', reason: 'redirect' }],
  ['200 with HTML', new Response('<p>'), { code: 'response_invalid', reason: 'format' }],
  ['200 with nothing', new Response(null), { code: 'response_invalid', reason: 'format' }],
  ['204', new Response(null, { status: 204 }), { code: 'response_invalid', status: 204 }],
  ['201, no type', json(201, { access_token: 'x' }), { code: 'response_invalid', status: 201 }],
]

// covers spec:library-error-format
test.each([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
])('gives the word %s the meaning that it has at the authorization endpoint', async (error) => {
  const response = json(400, { error })
  const expected = { code: error, oauthError: error, status: 400, retryable: false }
  expect(await failure(exchange({ response }))).toMatchObject(expected)
})

test('says that a server which is unavailable for a while may be asked again', async () => {
  const response = json(400, { error: 'temporarily_unavailable' })
  const expected = { code: 'token_error', oauthError: 'temporarily_unavailable', retryable: true }
  expect(await failure(exchange({ response }))).toMatchObject(expected)
})

test.each(answers)('maps %s', async (_title, response, expected) => {
  expect(await failure(exchange({ response }))).toMatchObject(expected)
})

test.each([
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"x"'],
  ['a number', '5'],
  ['JSON without its end', '{"access_token":"x"'],
  ['empty', ''],
  ['a page', '<p>'],
])('refuses a body that is %s although it is called JSON', async (_, body) => {
  const response = new Response(body, { headers: { 'content-type': 'application/json' } })
  expect(await outcome(exchange({ response }))).toBe('response_invalid/format')
})

const quoted = makeTransaction()

test.each<[string, string, string | undefined]>([
  [
    'what can be printed',
    'AADSTS700082: The token\r\nhas expired.',
    'AADSTS700082: The token has expired.',
  ],
  ['nothing where it quotes the code', 'no code the-code', undefined],
  ['nothing where it quotes the verifier', `no verifier ${quoted.codeVerifier}`, undefined],
  ['nothing where it quotes the nonce', `no nonce ${quoted.nonce}`, undefined],
  ['nothing where it quotes the state', `no state ${quoted.state}`, undefined],
])('takes from the sentence of the server %s', async (_, error_description, expected) => {
  const response = json(400, { error: 'invalid_grant', error_description })
  const refusal = await failure(exchange({ response, transaction: quoted }))
  expect(refusal.oauthErrorDescription).toBe(expected)
})

test('keeps only printable characters of an error, and a hundred of them', async () => {
  const response = json(400, { error: `\u202Einvalid\n_grant${'x'.repeat(500)}` })
  const { oauthError } = await failure(exchange({ response }))
  expect(oauthError).toBe(`invalid_grant${'x'.repeat(87)}`)
})

// covers fault:token-odd-members
test('reads a good response with any content type', async () => {
  const { idToken } = await exchange()
  const body = { access_token: accessToken, token_type: 'bearer', id_token: idToken }
  const response = new Response(`\uFEFF${JSON.stringify(body)}`)
  // Another transaction's nonce: read as far as the ID token.
  expect(await outcome(exchange({ response }))).toBe('id_token_invalid/nonce')
})

// covers spec:proto-members fault:token-odd-members fault:id-token-odd-claims
test('pollutes nothing with members called __proto__', async () => {
  const tokenResponse = JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>
  const claims = JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>
  await exchange({ tokenResponse, claims })
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

// covers spec:unknown-parameters
test('takes tokens of any length that an answer can have', async () => {
  const [access, refresh] = ['a'.repeat(12_000), 'r'.repeat(12_000)]
  const tokens = await exchange({ tokenResponse: { access_token: access, refresh_token: refresh } })
  expect(tokens).toMatchObject({ accessToken: access, refreshToken: refresh })
})

test('works with a token endpoint on this very machine without https', async () => {
  const metadata = { token_endpoint: 'http://localhost:4000/token' }
  await expect(exchange({ metadata })).resolves.toMatchObject({ accessToken })
})

test('takes tokens beside an error that is none', async () => {
  await expect(exchange({ tokenResponse: { error: 'none' } })).resolves.toMatchObject({
    accessToken,
  })
})

test.each(['xBearer', 'BearerX', 'dpop2'])(
  'takes no tokens of the type %s beside an error, which says more',
  async (token_type) => {
    const tokenResponse = { token_type, error: 'invalid_grant' }
    expect(await failure(exchange({ tokenResponse }))).toMatchObject({
      oauthError: 'invalid_grant',
    })
  },
)

test('takes no tokens beside the error of a refusal', async () => {
  const body = { error: 'invalid_grant', access_token: 'x', token_type: 'Bearer' }
  const response = Response.json(body, { status: 400 })
  expect(await failure(exchange({ response }))).toMatchObject({ oauthError: 'invalid_grant' })
})

test('takes tokens beside members that are nested deeper than any parser of ours goes', async () => {
  const { idToken } = await exchange()
  const tokens = JSON.stringify({ access_token: 'x', token_type: 'bearer', id_token: idToken })
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const response = new Response(`{"deep":${deep},${tokens.slice(1)}`)
  expect(await outcome(exchange({ response }))).toBe('id_token_invalid/nonce')
})
