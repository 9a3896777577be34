// Which status a token response may have.
import { expect, test } from 'vitest'
import { accessToken, exchange, failure } from '../support/protocol-exchange.ts'

// Supabase has the first. A proxy that has changed something says the second.
// covers fault:token-created
test.each([200, 201, 203])('takes tokens with the status %d', async (status) => {
  expect(await exchange({ status })).toMatchObject({ accessToken, expiresInSeconds: 600 })
})

test('takes no tokens with a status of failure', async () => {
  expect(await failure(exchange({ status: 400 }))).toMatchObject({
    code: 'response_invalid',
    status: 400,
  })
})

test.each([201, 400])('an error beside something that is no token: %d', async (status) => {
  const tokenResponse = { error: 'invalid_request', token_type: 'no bearer' }
  expect(await failure(exchange({ status, tokenResponse }))).toMatchObject({
    code: 'token_error',
    oauthError: 'invalid_request',
    status,
  })
})

test('an error with a status of failure is told, whatever stands beside it', async () => {
  const tokenResponse = { error: 'invalid_grant' }
  expect(await failure(exchange({ status: 400, tokenResponse }))).toMatchObject({
    code: 'token_error',
    oauthError: 'invalid_grant',
  })
})
