import { expect, test } from 'vitest'
import {
  checkResponseShape,
  needsLogin,
  readAuthorizationResponse,
} from '../../src/protocol/authorization-response.ts'
import { AuthError, type AuthErrorCode } from '../../src/errors.ts'
import {
  failure,
  issuer,
  makeTransaction,
  outcome,
  serverMetadata,
} from '../support/protocol-exchange.ts'

const transaction = makeTransaction()
const { state } = transaction
const silentAboutIss = { ...serverMetadata, authorization_response_iss_parameter_supported: false }

const good = { code: 'the-code', state, iss: issuer }

type Changes = Readonly<Record<string, string | undefined>>

/** A good response with changes; undefined leaves a parameter out. */
const respond = (changes: Changes, ...more: readonly [string, string][]): URLSearchParams => {
  const parameters = Object.entries({ ...good, ...changes }).filter(
    (parameter): parameter is [string, string] => parameter[1] !== undefined,
  )
  return new URLSearchParams([...parameters, ...more])
}

const read = (parameters: URLSearchParams, server = serverMetadata): string =>
  readAuthorizationResponse(server, transaction, parameters)

test('reads the code from a good response', () => {
  expect(read(respond({}))).toBe('the-code')
})

// covers spec:unknown-parameters
test('ignores parameters that it does not know, also twice', () => {
  const extra = [
    ['utm', '1'],
    ['utm', '2'],
    ['scope', 'openid'],
  ] as const
  expect(
    read(
      respond(
        { session_state: 'x', token_type: 'x' },
        ...extra.map(([a, b]) => [a, b] as [string, string]),
      ),
    ),
  ).toBe('the-code')
})

// covers spec:no-parameter-twice
test.each([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'session_state',
  'response',
  'id_token',
  'access_token',
  'expires_in',
])('refuses a response with %s twice', async (name) => {
  const value = { ...good, error: 'login_required' }[name] ?? 'x'
  const parameters = respond({ [name]: value }, [name, value])
  expect(await outcome(() => read(parameters))).toBe('callback_invalid/duplicate')
  expect(await outcome(() => checkResponseShape(parameters))).toBe('callback_invalid/duplicate')
})

// covers spec:unrequested-tokens
test.each(['access_token', 'id_token', 'token', 'response'])(
  'refuses a response with %s: none was asked for',
  async (name) => {
    const parameters = respond({ [name]: 'x' })
    expect(await outcome(() => read(parameters))).toBe('callback_invalid/tokens')
    expect(await outcome(() => checkResponseShape(parameters))).toBe('callback_invalid/tokens')
  },
)

// covers threat:input-without-measure spec:unknown-parameters
test.each(['code', 'state', 'iss', 'error'])('refuses %s beyond 8,192 characters', async (name) => {
  const parameters = respond({ [name]: 'x'.repeat(8193) })
  expect(await outcome(() => read(parameters))).toBe('callback_invalid/size')
  expect(await outcome(() => checkResponseShape(parameters))).toBe('callback_invalid/size')
})

// covers spec:unknown-parameters
test('accepts a code of 8,192 characters', () => {
  const code = 'x'.repeat(8192)
  expect(read(respond({ code }))).toBe(code)
})

// covers spec:empty-parameter
test.each([
  ['missing', undefined],
  ['empty', ''],
])('refuses a response whose code is %s', async (_title, code) => {
  expect(await outcome(() => read(respond({ code })))).toBe('callback_invalid/code')
})

// covers spec:missing-iss
test.each([undefined, ''])(
  'refuses iss %j where the server says that it sends one',
  async (iss) => {
    expect(await outcome(() => read(respond({ iss })))).toBe('issuer_mismatch')
  },
)

// covers spec:empty-parameter
test.each([undefined, ''])('accepts iss %j where the server does not say so', (iss) => {
  expect(read(respond({ iss }), silentAboutIss)).toBe('the-code')
  const { authorization_response_iss_parameter_supported, ...unspoken } = serverMetadata
  expect(authorization_response_iss_parameter_supported).toBe(true)
  expect(read(respond({ iss }), unspoken)).toBe('the-code')
})

// covers fault:callback-iss-unpromised
test('accepts the right iss where the server does not say that it sends one', () => {
  expect(read(respond({}), silentAboutIss)).toBe('the-code')
})

const otherIssuers = [
  'https://evil.example',
  'https://login.example/',
  'https://LOGIN.example',
  'HTTPS://login.example',
  'https://login.example:443',
  'https:%2F%2Flogin.example',
  'https://login.example ',
  'https://login.example.evil.example',
  'null',
]

test('shows both issuers where they differ', async () => {
  const other = await failure(() => read(respond({ iss: 'https://evil.example' })))
  expect(other.evidence).toEqual({ expected: issuer, got: 'https://evil.example' })
})

test('shows what was asked for beside the word of the server', async () => {
  const asked = { audience: 'https://api.example', resource: ['https://a', 'https://b'] }
  const own = makeTransaction(asked)
  const response = respond({ state: own.state, error: 'invalid_target', code: undefined })
  const { message } = await failure(() => readAuthorizationResponse(serverMetadata, own, response))
  expect(message).toContain(
    'authorization_error, invalid_target, clientId app, scope email openid profile, audience https://api.example, resource https://a,https://b. ',
  )
})

test('shows nothing where a login is all that is missing', async () => {
  const refusal = await failure(() => read(respond({ error: 'login_required', code: undefined })))
  expect(refusal.evidence).toBeUndefined()
})

// covers threat:mix-up spec:issuer-compared
test.each(otherIssuers)('refuses the iss %j, advertised or not', async (iss) => {
  expect(await outcome(() => read(respond({ iss })))).toBe('issuer_mismatch')
  expect(await outcome(() => read(respond({ iss }), silentAboutIss))).toBe('issuer_mismatch')
})

const otherStates: readonly [title: string, state: string | undefined][] = [
  ['no state', undefined],
  ['an empty state', ''],
  ['another state', 'other'],
  ['the state in capital letters', state.toUpperCase()],
  ['the state with a space more', `${state} `],
  ['the state without its last letter', state.slice(0, -1)],
  ['the state with an escape more', encodeURIComponent(`${state}=`)],
  ['the state __proto__', '__proto__'],
  ['the state undefined', 'undefined'],
]

// covers spec:empty-parameter spec:state-exact
test.each(otherStates)('refuses %s', async (_, other) => {
  expect(await outcome(() => read(respond({ state: other })))).toBe('state_mismatch')
})

test('looks at the shape first, then at iss, then at state, then at error, then at code', async () => {
  const all = { state: 'other', iss: 'https://evil.example', error: 'access_denied', code: 'c' }
  const shape = respond(all, ['code', 'c'])
  expect(await outcome(() => read(shape))).toBe('callback_invalid/duplicate')
  expect(await outcome(() => read(respond(all)))).toBe('issuer_mismatch')
  expect(await outcome(() => read(respond({ ...all, iss: issuer })))).toBe('state_mismatch')
  expect(await outcome(() => read(respond({ ...all, iss: issuer, state })))).toBe('access_denied')
})

// covers spec:issuer-compared
test('asks an error for its iss as well', async () => {
  const attempt = () => read(respond({ error: 'login_required', code: undefined, iss: undefined }))
  expect(await outcome(attempt)).toBe('issuer_mismatch')
})

const named: readonly AuthErrorCode[] = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'access_denied',
]

// covers spec:error-codes
test.each(named)('has a code of its own for %s', async (error) => {
  const refusal = await failure(() => read(respond({ error, code: undefined })))
  expect(refusal).toMatchObject({ code: error, oauthError: error, retryable: false })
})

test.each([
  ['invalid_request', false],
  ['unauthorized_client', false],
  ['unsupported_response_type', false],
  ['invalid_scope', false],
  ['server_error', true],
  ['temporarily_unavailable', true],
  ['network_error', false],
  ['session_expired', false],
  ['login_required_', false],
  ['no_login_required', false],
  ['server_error_', false],
  ['no_server_error', false],
  ['LOGIN_REQUIRED', false],
  ['__proto__', false],
])('keeps %s in oauthError, retryable: %s', async (error, retryable) => {
  const refusal = await failure(() => read(respond({ error, code: undefined })))
  expect(refusal).toMatchObject({ code: 'authorization_error', oauthError: error, retryable })
})

// covers spec:empty-parameter
test('takes an empty error for none', () => {
  expect(read(respond({ error: '' }))).toBe('the-code')
})

// covers spec:error-before-code
test('refuses a response with an error although it has a code', async () => {
  expect(await outcome(() => read(respond({ error: 'login_required' })))).toBe('login_required')
})

// covers threat:hostile-server
test('keeps only printable characters of an error, and a hundred of them', async () => {
  const error = `<b>\u202Eabc\n\u0000"\\é${'x'.repeat(500)}`
  const refusal = await failure(() => read(respond({ error, code: undefined })))
  expect(refusal.oauthError).toBe(`<b>abc${'x'.repeat(94)}`)
})

// covers fault:callback-html-description
const describe = async (description: string): Promise<AuthError> => {
  const parameters = { error: 'access_denied', error_description: description, error_uri: 'evil' }
  return failure(() => read(respond(parameters)))
}

test.each([
  ['AADB2C90118: The user has forgotten.', 'AADB2C90118: The user has forgotten.'],
  ['one\r\n\ttwo\0\u202Ethree\u2028four ', 'one two three four'],
  [`${'x'.repeat(499)}\u{1F600}`, 'x'.repeat(499)],
  ['x'.repeat(501), 'x'.repeat(500)],
  ['<b>Zoë</b>', '<b>Zoë</b>'],
])('keeps the sentence of the server %j', async (description, expected) => {
  const refusal = await describe(description)
  expect(refusal.oauthErrorDescription).toBe(expected)
  expect(`${refusal.message}${JSON.stringify(refusal)}`).not.toContain('evil')
  expect(refusal.message).not.toContain(expected)
})

test.each<[string, string]>([
  ['the state', transaction.state],
  ['the secret part of the state', transaction.state.split('.')[1]!],
  ['the nonce', transaction.nonce],
  ['the code verifier', transaction.codeVerifier],
  ['a code that came with it', 'the-code'],
  ['a code beyond what is kept', `${'x'.repeat(600)}the-code`],
  ['a JWT', 'eyJhbGciOiJub25lIn0.e30.'],
])('keeps no sentence that quotes %s', async (_what, secret) => {
  const parameters = { error: 'x', error_description: `no ${secret}`, code: 'the-code' }
  const refusal = await failure(() => read(respond(parameters)))
  expect(refusal).not.toHaveProperty('oauthErrorDescription')
})

test.each(['', ' \n'])('has no sentence where that is %j', async (description) => {
  expect(await describe(description)).not.toHaveProperty('oauthErrorDescription')
})

// covers threat:input-without-measure
test('looks at a sentence of 100,000 characters in no time, whatever is in it', async () => {
  const description = 'eyJa-'.repeat(20_000)
  const begun = performance.now()
  expect(await describe(description)).not.toHaveProperty('oauthErrorDescription')
  expect(performance.now() - begun).toBeLessThan(1000)
})

test('knows the errors that a person at the login page can mend', () => {
  const mendable = named.filter((code) => needsLogin(new AuthError(code)))
  expect(mendable).toEqual(named.slice(0, 4))
  expect(needsLogin(new AuthError('session_expired'))).toBe(true)
  expect(needsLogin(new AuthError('logged_out'))).toBe(false)
  expect(needsLogin(new AuthError('authorization_error'))).toBe(false)
})
