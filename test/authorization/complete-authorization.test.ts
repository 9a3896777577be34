import { expect, test } from 'vitest'
import { completeAuthorization } from '../../src/authorization/complete-authorization.ts'
import { createAuthorizationContext } from '../support/authorization-context.ts'
import { issuer, makeTransaction, outcome } from '../support/protocol-exchange.ts'

test('asks for the metadata as the page before the redirect has left them in the cache', async () => {
  const { context, requests } = createAuthorizationContext()
  const denied = new URLSearchParams({ error: 'access_denied', iss: issuer })
  const transaction = makeTransaction()
  denied.set('state', transaction.state)
  expect(await outcome(completeAuthorization(context, transaction, denied))).toMatch(
    'access_denied',
  )
  expect(requests).toEqual([{ cache: 'force-cache' }])
})

test('a code that is refused before it is sent has not been committed to', async () => {
  const { context } = createAuthorizationContext()
  const parameters = new URLSearchParams({ error: 'login_required', iss: issuer })
  const transaction = makeTransaction()
  parameters.set('state', transaction.state)
  let isSent = false
  const onTokenRequest = () => void (isSent = true)
  await completeAuthorization(context, transaction, parameters, { onTokenRequest }).catch(() => {})
  expect(isSent).toBe(false)
})
