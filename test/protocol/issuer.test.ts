import { expect, test } from 'vitest'
import { asTenant, isIssuer, issuerOf, subjectOf } from '../../src/protocol/issuer.ts'
import { named } from '../support/in-words.ts'
import { assembleJwt } from '../support/protocol-signer.ts'

const template = 'https://login.example.com/{tenantid}/v2.0'

test('is filled with the tenant', () => {
  expect(issuerOf(template, 'a1-B2')).toBe('https://login.example.com/a1-B2/v2.0')
  expect(issuerOf('https://login.example.com', 'a1')).toBe('https://login.example.com')
})

// covers spec:tenant-issuer
test.each(
  named([undefined, '', 'a/b', 'a.b', '..', '{tenantid}', 'a b', 'a%2F', 'ä', 1, null, ['a']]),
)('is none for a tenant that is %s', (_, tenant) => {
  expect(issuerOf(template, tenant)).toBeUndefined()
})

test.each([
  ['https://login.example.com/a1/v2.0', true],
  ['https://login.example.com/{tenantid}/v2.0', false],
  ['https://login.example.com//v2.0', false],
  ['https://login.example.com/v2.0', false],
  ['https://login.example.com/a/b/v2.0', false],
  ['https://evil.example/a1/v2.0', false],
  ['https://login.example.com/a1/v2.0/', false],
])('%s is an issuer of the template: %s', (given, isOne) => {
  expect(isIssuer(template, given)).toBe(isOne)
})

test('without a template there is one issuer', () => {
  expect(isIssuer('https://login.example.com', 'https://login.example.com')).toBe(true)
  expect(isIssuer('https://login.example.com', 'https://login.example.com/')).toBe(false)
})

test('a server has the issuer of the tenant that an ID token names', () => {
  const server = { issuer: template } as never
  const issuerFor = (idToken: unknown): string => asTenant(server, idToken).issuer
  expect(issuerFor(assembleJwt({}, { tid: 'a1' }))).toBe('https://login.example.com/a1/v2.0')
  expect(() => issuerFor(assembleJwt({}, {}))).toThrow(
    expect.objectContaining({ code: 'id_token_invalid', reason: 'iss' }),
  )
  // Refused where they are validated.
  for (const idToken of ['x', undefined, null]) expect(issuerFor(idToken)).toBe(template)
})

test('users of two tenants are two, whatever their sub', () => {
  const user = (iss: string): string => subjectOf(template, { iss, sub: 'alice' })
  expect(user('a')).not.toBe(user('b'))
  expect(subjectOf('https://login.example.com', { iss: 'x', sub: 'alice' })).toBe('alice')
})
