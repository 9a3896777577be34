import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { AuthError, isAuthError, type AuthErrorCode } from '../src/errors.ts'
import { named } from './support/in-words.ts'
import { withPollution } from './support/polluted-prototype.ts'

test('is an Error with a literal name', () => {
  const error = new AuthError('timeout')
  expect(error).toBeInstanceOf(Error)
  expect(error.name).toBe('AuthError')
  expect(error.stack).toContain('timeout')
})

test('says in one sentence what it is and where to read on', () => {
  expect(new AuthError('id_token_invalid', { reason: 'nonce' }).message).toBe(
    'Sotto: id_token_invalid (nonce). What to do: https://unpkg.com/sotto/docs/errors.md#id_token_invalid',
  )
  expect(new AuthError('timeout').message).toBe(
    'Sotto: timeout. What to do: https://unpkg.com/sotto/docs/errors.md#timeout',
  )
})

test('carries its details, and keeps them out of the message', () => {
  const details = {
    oauthError: 'invalid_grant',
    status: 400,
    appState: { cart: 1 },
    returnTo: 'https://app.example/orders',
    cause: new Error('x'),
  }
  const error = new AuthError('token_error', details)
  expect(error).toMatchObject(details)
  expect(error.message).not.toMatch(/invalid_grant|400|cart|orders/)
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

const retryable: readonly AuthErrorCode[] = [
  'discovery_failed',
  'network_error',
  'timeout',
  'server_error',
  'silent_timeout',
  'lock_timeout',
]

test.each(retryable)('may be tried again: %s', (code) => {
  expect(new AuthError(code).retryable).toBe(true)
})

const final: readonly AuthErrorCode[] = [
  'config_invalid',
  'discovery_invalid',
  'response_invalid',
  'response_too_large',
  'id_token_invalid',
  'login_required',
  'authorization_error',
  'token_error',
  'popup_timeout' as AuthErrorCode,
  'silent_blocked',
  'storage_unavailable',
]

test.each(final)('is not worth another try by itself: %s', (code) => {
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
