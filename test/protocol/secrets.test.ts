import { expect, test } from 'vitest'
import { AuthError } from '../../src/errors.ts'
import { readAuthorizationResponse } from '../../src/protocol/authorization-response.ts'
import { toAuthError } from '../../src/protocol/token-error.ts'
import { named } from '../support/in-words.ts'
import {
  exchange,
  failure,
  issuer,
  makeTransaction,
  serverMetadata,
  type ExchangeOptions,
} from '../support/protocol-exchange.ts'

const planted = {
  access_token: 'planted-access-token',
  refresh_token: 'planted-refresh-token',
}

/**
 * Every text that can be reached from a value: own properties, enumerable or not, causes and
 * prototypes' getters too.
 */
function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const error = value as Partial<Error>
  const own = Reflect.ownKeys(value).map((key) => (value as Record<PropertyKey, unknown>)[key])
  const entries =
    value instanceof Map || value instanceof Set || value instanceof URLSearchParams
      ? [...(value as Iterable<unknown>)]
      : []
  const more = [error.message, error.stack, error.cause, JSON.stringify(value), String(value)]
  return [...own, ...entries, ...more].flatMap((item) => textsIn(item, seen))
}

/** Fails unless nothing secret of this exchange can be found in its error. */
async function expectSilence(options: ExchangeOptions): Promise<AuthError> {
  const transaction = makeTransaction({ maxAge: 60, acrValues: '1' })
  let idToken = ''
  const error = await failure(
    exchange({
      transaction,
      claims: { auth_time: Math.floor(Date.now() / 1000), acr: '1', email: 'planted@mail.example' },
      mangle: (jwt) => (idToken = jwt),
      input: { code: 'planted-code' },
      ...options,
      tokenResponse: { ...planted, ...options.tokenResponse },
    }),
  )
  const text = textsIn(error).join('\n')
  const { state, nonce, codeVerifier } = transaction
  const secrets = [state, state.split('.')[1]!, nonce, codeVerifier, 'planted']
  for (const secret of [...secrets, ...idToken.split('.').filter(Boolean)])
    expect(text).not.toContain(secret)
  return error
}

const json = (status: number, body: object): Response => Response.json(body, { status })

const failures: readonly [title: string, options: ExchangeOptions][] = [
  ['an unknown token type', { tokenResponse: { token_type: 'mac' } }],
  ['no token type', { tokenResponse: { token_type: undefined } }],
  ['a bad expires_in', { tokenResponse: { expires_in: 'planted' } }],
  ['a bad scope', { tokenResponse: { scope: ['planted'] } }],
  ['another nonce', { claims: { nonce: 'planted-nonce' } }],
  // The issuer and the audience are no secrets: they are shown.
  ['another issuer', { claims: { iss: 'https://other.example' } }],
  ['another audience', { claims: { aud: 'other' } }],
  ['an old login', { claims: { auth_time: 1 } }],
  ['another acr', { claims: { acr: 'planted' } }],
  ['another at_hash', { claims: { at_hash: 'planted' } }],
  ['an expired token', { claims: { exp: 1 } }],
  ['another type', { header: { typ: 'planted' } }],
  ['an unknown key', { header: { kid: 'planted' } }],
  ['an unknown algorithm', { header: { alg: 'planted' } }],
  ['critical extensions', { header: { crit: ['planted'] } }],
  ['no JWT', { mangle: () => 'planted' }],
  ['an encrypted JWT', { mangle: (jwt) => `${jwt}.planted.planted` }],
  ['a bad signature', { mangle: (jwt) => `${jwt.split('.').slice(0, 2).join('.')}.planted1` }],
  ['an error', { response: json(400, { error: 'invalid_grant', ...planted }) }],
  [
    'an error that quotes the code',
    { response: json(400, { error: 'invalid_grant', error_description: 'planted-code' }) },
  ],
  ['an error with status 200', { response: json(200, { error: 'x', ...planted }) }],
  ['tokens with status 201', { response: json(201, planted) }],
  ['a server error', { response: json(500, planted) }],
  ['a body that is no JSON', { response: new Response('planted') }],
  ['a body that is a list', { response: json(200, [planted]) }],
]

// covers threat:talking-addresses spec:no-secret-leaves spec:library-errors fault:error-service
test.each(failures)('gives no secret away after %s', async (_title, options) => {
  expect(await expectSilence(options)).toBeInstanceOf(AuthError)
})

test('finds a secret wherever it is hidden (the test of the tests)', () => {
  const response = new Error('x', { cause: new Map([['a', { b: ['planted'] }]]) })
  const error = new AuthError('token_error', { cause: response })
  expect(textsIn(error).join()).toContain('planted')
})

test.each([
  ['another state', { state: 'planted-state', code: 'planted-code' }],
  ['another issuer', { iss: 'https://other.example', code: 'planted-code' }],
  ['tokens', { access_token: 'planted', code: 'planted-code' }],
  ['an error', { error: 'access_denied', error_description: 'fine', error_uri: 'planted' }],
])('gives no secret of the response away after %s', async (_title, changes) => {
  const transaction = makeTransaction()
  const parameters = new URLSearchParams({ state: transaction.state, iss: issuer, ...changes })
  const attempt = () => readAuthorizationResponse(serverMetadata, transaction, parameters)
  const text = textsIn(await failure(attempt)).join('\n')
  for (const secret of ['planted', transaction.state, transaction.nonce])
    expect(text).not.toContain(secret)
})

// covers spec:library-errors
test.each(
  named<unknown>([
    undefined,
    null,
    'planted',
    5,
    new TypeError('planted'),
    new DOMException('planted'),
  ]),
)('turns %s that is thrown into an AuthError that says nothing of it', (_, thrown) => {
  const error = toAuthError(thrown)
  expect(error).toBeInstanceOf(AuthError)
  expect(textsIn(error).join('\n')).not.toContain('planted')
})
