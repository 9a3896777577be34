import { expect, test } from 'vitest'
import { createOAuthError } from '../../src/protocol/oauth-error.ts'

test.each([
  ['invalid_client', true],
  ['invalid_grant', false],
  ['login_required', false],
])('the message of %s says to register a public client: %s', (error, isSaid) => {
  const { message } = createOAuthError({ error }, 'token_error', { secrets: [] })
  expect(message.includes(' Register a public client: a page keeps no secret.')).toBe(isSaid)
  expect(message).toContain(`${error}.${isSaid ? ' Register' : ' See'}`)
})
