import { expect, test } from 'vitest'
import { toAuthError } from '../../src/protocol/token-error.ts'

const now = 1_000_000
const timestamp = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'

test.each<[string, unknown, object]>([
  ['no error at all', undefined, { code: 'id_token_invalid', reason: 'format' }],
  [
    'a time that does not fit, and clocks that differ',
    { code: timestamp, cause: { claim: 'exp', claims: { iat: now - 600 }, now } },
    { code: 'clock_skew', reason: '600' },
  ],
  [
    'a time that does not fit, and clocks that do not differ',
    { code: timestamp, cause: { claim: 'exp', claims: { iat: now - 60 }, now } },
    { code: 'id_token_invalid', reason: 'exp' },
  ],
  [
    'a time that does not fit, of a token that does not say when it was made',
    { code: timestamp, cause: { claim: 'exp', now } },
    { code: 'id_token_invalid', reason: 'exp' },
  ],
  [
    'a time that does not fit, at an unknown time',
    { code: timestamp, cause: { claim: 'exp', claims: { iat: 1 } } },
    { code: 'id_token_invalid', reason: 'exp' },
  ],
  [
    'a time that does not fit, of an unknown claim',
    { code: timestamp, message: 'unexpected JWT "nbf"', cause: { claims: { iat: 1 }, now } },
    { code: 'id_token_invalid', reason: 'nbf' },
  ],
  [
    'a claim that is no time',
    { code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', cause: { claim: 'iss', claims: { iat: 1 }, now } },
    { code: 'id_token_invalid', reason: 'iss' },
  ],
])('maps %s', (_what, error, expected) => {
  expect(toAuthError(error)).toMatchObject(expected)
})

test.each([
  ['iss', { iss: 'b' }, true],
  ['aud', { aud: 'b' }, true],
  ['aud', undefined, true],
  ['audience', { audience: 'b' }, false],
  ['raud', { raud: 'b' }, false],
])('what was expected of %s in %o is shown: %s', (claim, claims, isShown) => {
  const cause = { expected: 'a', claim, claims }
  const { evidence } = toAuthError({ code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', cause })
  expect(evidence !== undefined).toBe(isShown)
})
