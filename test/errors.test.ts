import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { AuthError, isAuthError } from '../src/errors.ts'
import { splitCodes } from './support/error-codes.ts'
import { named } from './support/in-words.ts'
import { withPollution } from './support/polluted-prototype.ts'

test('is an Error with a literal name', () => {
  const error = new AuthError('timeout')
  expect(error).toBeInstanceOf(Error)
  expect(error.name).toBe('AuthError')
  expect(error.stack).toContain('timeout')
})

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
const link = (code: string): string => `https://unpkg.com/sotto@${version}/docs/errors.md#${code}`

test('says in one sentence what it is and where to read on', () => {
  expect(new AuthError('id_token_invalid', { reason: 'nonce' }).message).toBe(
    `Sotto: id_token_invalid, nonce. See ${link('id_token_invalid')}`,
  )
  expect(new AuthError('timeout').message).toBe(`Sotto: timeout. See ${link('timeout')}`)
  expect(new AuthError('config_invalid', { reason: 'x' }, ' Wrap it.').message).toBe(
    `Sotto: config_invalid, x. Wrap it. See ${link('config_invalid')}`,
  )
})

test('shows what was seen: the status, the word of the server, the values that differ', () => {
  const evidence = { loads: 0, lastLoadMs: undefined, expected: 'https://a', got: 'https://b/' }
  const error = new AuthError('token_error', {
    oauthError: 'invalid_client',
    status: 401,
    evidence,
  })
  expect(error.message).toBe(
    `Sotto: token_error, 401, invalid_client, expected https://a, got https://b/. See ${link('token_error')}`,
  )
})

test('says once what is the word of the server and the code', () => {
  const error = new AuthError('login_required', { oauthError: 'login_required' })
  expect(error.message).toBe(`Sotto: login_required. See ${link('login_required')}`)
})

test('carries its details, and keeps out of the message what may be personal', () => {
  const details = {
    oauthErrorDescription: 'alice@mail.example is not assigned',
    appState: { cart: 1 },
    returnTo: 'https://app.example/orders',
    cause: new Error('x'),
  }
  const error = new AuthError('token_error', details)
  expect(error).toMatchObject(details)
  expect(error.message).not.toMatch(/alice|cart|orders/)
})

test('takes nothing from a prototype', async () => {
  const data = { message: 'evil', reason: 'evil', cause: 'evil', status: 5 }
  const error = await withPollution(data, async () => new AuthError('timeout'))
  expect(error.message).toBe(new AuthError('timeout').message)
  expect(error.cause).toBeUndefined()
  expect(Object.keys(error)).not.toContain('status')
})

test('has no members that it was not given', () => {
  const error = new AuthError('timeout')
  for (const name of ['oauthError', 'reason', 'status', 'appState', 'returnTo'])
    expect(error).not.toHaveProperty(name)
})

const retryable = splitCodes('isRetryable')

test.each(retryable.withIt)('may be tried again: %s', (code) => {
  expect(new AuthError(code).retryable).toBe(true)
})

test.each(retryable.without)('is not worth another try by itself: %s', (code) => {
  expect(new AuthError(code).retryable).toBe(false)
})

test('may be said to be worth another try by who knows better', () => {
  expect(new AuthError('authorization_error', { retryable: true }).retryable).toBe(true)
})

test('is told by isAuthError, with a code or without', () => {
  const error: unknown = new AuthError('login_required')
  expect(isAuthError(error)).toBe(true)
  expect(isAuthError(error, 'login_required')).toBe(true)
  expect(isAuthError(error, 'timeout')).toBe(false)
})

test('is told by isAuthError across realms and copies of the library', () => {
  const source = `Object.assign(new Error('x'), { name: 'AuthError', code: 'timeout', retryable: true })`
  const foreign: unknown = runInNewContext(source)
  expect(foreign).not.toBeInstanceOf(Error)
  expect(isAuthError(foreign, 'timeout')).toBe(true)
})

test.each(
  named<unknown>([
    undefined,
    null,
    'AuthError',
    5,
    {},
    new Error('x'),
    new DOMException('x', 'AbortError'),
    { name: 'AuthError' },
    { name: 'AuthError', code: 5 },
    { name: 'Error', code: 'timeout' },
  ]),
)('isAuthError says no to %s', (_, value) => {
  expect(isAuthError(value)).toBe(false)
})
