import { expect, test } from 'vitest'
import { bareUrl, difference } from '../../src/protocol/evidence.ts'
import { clientId, exchange, failure, issuer } from '../support/protocol-exchange.ts'

test.each([
  'https://login.example/token',
  'https://login.example/token?code=secret',
  'https://login.example/token#secret?x',
])('shows a URL without what may be secret: %s', (url) => {
  expect(bareUrl(url)).toBe('https://login.example/token')
})

test('shows of a foreign value what is printable, and no more than a line of it', () => {
  expect(difference('a', `b\r\n\u202E${'x'.repeat(400)}`)).toEqual({
    expected: 'a',
    got: `b${'x'.repeat(299)}`,
  })
  expect(difference('a', undefined).got).toBe('undefined')
})

test.each([
  ['the iss', 'iss', 'https://evil.example', issuer],
  ['the aud', 'aud', 'other', clientId],
  ['every aud', 'aud', ['other', 'more'], clientId],
])('shows %s of an ID token beside the one that was expected', async (_, name, got, expected) => {
  const error = await failure(exchange({ claims: { [name]: got } }))
  expect(error.evidence).toEqual({ expected, got: String(got) })
})

test.each(['nonce', 'sub', 'azp'])('shows no %s of an ID token', async (name) => {
  const error = await failure(exchange({ claims: { [name]: name === 'sub' ? '' : 'other' } }))
  expect(error).toMatchObject({ reason: name })
  expect(error.evidence).toBeUndefined()
})
