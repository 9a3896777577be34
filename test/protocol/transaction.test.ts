import { expect, test, vi } from 'vitest'
import { canonicalScope, splitScope } from '../../src/protocol/scope.ts'
import { isPopupState } from '../../src/protocol/popup-state.ts'
import { stateTag } from '../../src/protocol/transaction.ts'
import { clientId, issuer, makeTransaction } from '../support/protocol-exchange.ts'

// covers spec:fresh-secrets spec:state-without-app-data
test('makes a thousand transactions of the right form, no secret twice', () => {
  const transactions = Array.from({ length: 1000 }, () => makeTransaction())
  const tag = stateTag({ issuer, clientId })
  const secrets = new Set<string>()
  for (const { state, nonce, codeVerifier } of transactions) {
    const [before, random, ...rest] = state.split('.')
    expect(before).toBe(tag)
    expect(rest).toEqual([])
    // RFC 7636, section 4.1; 32 bytes each.
    for (const secret of [random!, nonce, codeVerifier]) {
      expect(secret).toMatch(/^[\w-]{43}$/)
      secrets.add(secret)
    }
  }
  expect(secrets.size).toBe(3000)
})

test('marks the state of a popup, and of nothing else', () => {
  expect(isPopupState(makeTransaction({ kind: 'popup' }).state)).toBe(true)
  expect(makeTransaction({ kind: 'popup' }).state).toMatch(/^\w+\.p\.[\w-]{43}$/)
  for (const kind of ['login', 'fallback', 'silent', 'silent_redirect'] as const)
    expect(isPopupState(makeTransaction({ kind }).state)).toBe(false)
})

// covers spec:fresh-secrets
test('draws every secret from the random source of the browser, 32 bytes each', () => {
  const draw = vi.spyOn(crypto, 'getRandomValues')
  makeTransaction()
  expect(draw.mock.calls.map(([bytes]) => (bytes as Uint8Array).length)).toEqual([32, 32, 32])
})

test('tells the states of issuers and clients apart', () => {
  const tags = [
    { issuer, clientId },
    { issuer, clientId: 'app2' },
    { issuer: `${issuer}/`, clientId },
    { issuer: 'https://login2.example', clientId },
    { issuer: `${issuer} app`, clientId: 'app' },
  ].map(stateTag)
  expect(new Set(tags).size).toBe(tags.length)
  for (const tag of tags) expect(tag).toMatch(/^[0-9a-z]{1,7}$/)
})

test('carries what it was given', () => {
  expect(makeTransaction({ maxAge: 0, returnTo: '/orders' })).toMatchObject({
    maxAge: 0,
    returnTo: '/orders',
    issuer,
    clientId,
  })
})

// covers spec:openid-scope
test.each([
  ['', 'openid'],
  ['openid', 'openid'],
  ['profile email', 'email openid profile'],
  ['  email   openid email ', 'email openid'],
  ['b a', 'a b openid'],
])('writes the scope %j as %j', (scope, canonical) => {
  expect(canonicalScope(scope)).toBe(canonical)
})

test('splits a scope at spaces only', () => {
  expect([...splitScope(' a  b a\tc ')]).toEqual(['a', 'b', 'a\tc'])
})
