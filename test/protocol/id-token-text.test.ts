import { expect, test } from 'vitest'
import { decodePart } from '../../src/protocol/id-token.ts'
import { exchange, outcome } from '../support/protocol-exchange.ts'
import { assembleJwt } from '../support/protocol-signer.ts'

/** A part of a JWT with a byte in it that no text has in UTF-8. */
const breakText = (part: string): string => {
  const bytes = Buffer.from(part, 'base64url')
  return Buffer.concat([bytes.subarray(0, -2), Buffer.from([0xff]), bytes.subarray(-2)]).toString(
    'base64url',
  )
}

test.each([0, 1])('refuses an ID token whose part %d is no UTF-8', async (index) => {
  const mangle = (jwt: string): string =>
    jwt
      .split('.')
      .map((part, position) => (position === index ? breakText(part) : part))
      .join('.')
  // The rest of it is as it should be: only the text is looked at.
  const claims = { name: 'alice' }
  const header = { kid: 'alice' }
  const attempt = exchange({ claims, header, mangle, input: { keys: undefined } })
  expect(await outcome(attempt)).toBe('id_token_invalid/format')
})

test('decodes no text that is no UTF-8, and replaces nothing in it', () => {
  const [header, claims] = assembleJwt({ a: 'x' }, { a: 'x' }).split('.')
  expect(() => decodePart(`${header}.${breakText(claims!)}.`, 1)).toThrow()
})
