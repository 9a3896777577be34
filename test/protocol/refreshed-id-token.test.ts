import { expect, test } from 'vitest'
import { AuthError, type AuthErrorCode } from '../../src/errors.ts'
import { checkRefreshedClaims, isIdentityMismatch } from '../../src/protocol/refreshed-id-token.ts'
import type { IdTokenClaims } from '../../src/protocol/token-set.ts'
import { outcome } from '../support/protocol-exchange.ts'

const original: IdTokenClaims = {
  iss: 'https://login.example',
  sub: 'alice',
  aud: ['app', 'api'],
  azp: 'app',
  iat: 1000,
  exp: 1300,
  auth_time: 990,
  nonce: 'the-nonce',
}

const check = (changes: object, from: object = {}) =>
  checkRefreshedClaims({ ...original, ...from }, { ...original, ...changes }, 30)

test.each<[string, object, object?]>([
  ['the same', {}],
  ['a newer one', { iat: 2000, exp: 2300 }],
  ['one without nonce and auth_time', { nonce: undefined, auth_time: undefined }],
  ['one whose audiences are in another order', { aud: ['api', 'app'] }],
  ['one for a further audience', { aud: ['app', 'more', 'api'] }],
  ['one whose only audience is in a list', { aud: ['app'] }, { aud: 'app' }],
  ['one with an auth_time that the original did not have', {}, { auth_time: undefined }],
  ['one from a server whose clock is behind', { iat: 970 }],
])('accepts %s', (_, changes, from) => {
  expect(() => check(changes, from)).not.toThrow()
})

// covers spec:refreshed-id-token fault:refresh-other-user
test.each<[string, string, object, object?]>([
  ['another iss', 'iss', { iss: 'https://evil.example' }],
  ['another sub', 'sub', { sub: 'bob' }],
  ['an audience less', 'aud', { aud: 'app' }],
  ['another audience in the place of one', 'aud', { aud: ['app', 'more'] }],
  ['no azp', 'azp', { azp: undefined }],
  ['another azp', 'azp', { azp: 'other' }],
  ['an azp that the original did not have', 'azp', {}, { azp: undefined }],
  ['another auth_time', 'auth_time', { auth_time: 991 }],
  ['another nonce', 'nonce', { nonce: 'another' }],
  ['a nonce that the original did not have', 'nonce', {}, { nonce: undefined }],
  ['an iat before that of the original', 'iat', { iat: 969 }],
])('refuses one with %s', async (_, reason, changes, from) => {
  expect(await outcome(() => check(changes, from))).toBe(`id_token_invalid/${reason}`)
})

test.each(['iss', 'sub', 'aud', 'azp', 'nonce', 'auth_time'])(
  'an ID token with another %s speaks of another user, client or authentication',
  (reason) => {
    expect(isIdentityMismatch(new AuthError('id_token_invalid', { reason }))).toBe(true)
  },
)

test.each<[AuthErrorCode, string?]>([
  ['id_token_invalid', 'signature'],
  ['id_token_invalid', 'my_sub'],
  ['id_token_invalid', 'sub_id'],
  ['id_token_invalid'],
  ['config_invalid', 'sub'],
])('an error %s with the reason %s does not say so', (code, reason) => {
  expect(isIdentityMismatch(new AuthError(code, { ...(reason && { reason }) }))).toBe(false)
})
