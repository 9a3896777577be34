import { expect, test } from 'vitest'
import { createEndSessionUrl, LOGOUT_PARAMETERS } from '../../src/protocol/end-session-request.ts'

test.each([
  [4096, true],
  [4097, false],
])('an ID token of %i characters is a hint: %s', (length, isHint) => {
  const url = createEndSessionUrl('https://login.example/logout', {
    issuer: 'https://login.example',
    clientId: 'app',
    idToken: 'x'.repeat(length),
    postLogoutRedirectUri: undefined,
    parameters: {},
  })
  expect(url.searchParams.has('id_token_hint')).toBe(isHint)
  expect(url.searchParams.get('client_id')).toBe('app')
})

test.each([
  ['state', true],
  ['client_id', true],
  ['state_2', false],
  ['my_state', false],
  ['my_client_id', false],
])('the parameter %s is none of the app: %s', (name, isOurs) => {
  expect(LOGOUT_PARAMETERS.test(name)).toBe(isOurs)
})
