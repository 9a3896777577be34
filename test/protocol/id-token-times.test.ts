import { expect, test } from 'vitest'
import { checkIdToken } from '../../src/protocol/id-token.ts'
import { clientId, issuer, outcome } from '../support/protocol-exchange.ts'
import { assembleJwt } from '../support/protocol-signer.ts'

const NOW = 1_800_000_000

// OpenID Connect Core, section 3.1.3.7, rule 9: before `exp`; the tolerance is 30 s.
test.each([
  ['exp', -29, 'accepted'],
  ['exp', -30, 'id_token_invalid/exp'],
  ['nbf', 30, 'accepted'],
  ['nbf', 31, 'id_token_invalid/nbf'],
])('%s at %i s from now is %s', async (claim, seconds, expected) => {
  const standard = { iss: issuer, sub: 'alice', aud: clientId, iat: NOW - 60, exp: NOW + 300 }
  const claims = { ...standard, [claim]: NOW + seconds }
  const jwt = assembleJwt({ alg: 'RS256' }, claims)
  const settings = { clientId, clockToleranceSeconds: 30 }
  const checked = checkIdToken(jwt, claims, 'x', settings, NOW).then(() => 'accepted')
  expect(await (expected === 'accepted' ? checked : outcome(checked))).toBe(expected)
})
