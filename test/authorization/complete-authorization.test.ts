import { expect, test } from 'vitest'
import type { AuthorizationContext } from '../../src/authorization/begin-authorization.ts'
import { completeAuthorization } from '../../src/authorization/complete-authorization.ts'
import { createServerClock } from '../../src/protocol/server-clock.ts'
import {
  clientId,
  issuer,
  makeTransaction,
  outcome,
  redirectUri,
  serverMetadata,
} from '../support/protocol-exchange.ts'

/** A client, and the options of its requests for metadata. */
function createContext() {
  const requests: (RequestInit | undefined)[] = []
  const context: AuthorizationContext = {
    options: { issuer, clientId, authorizationParams: {}, clockToleranceSeconds: 0 },
    session: { sessionParams: undefined },
    server: {
      async get(init) {
        requests.push(init)
        return { metadata: serverMetadata, keys: undefined }
      },
      inHand: undefined,
      clock: createServerClock(() => {}),
      isReachable: async () => true,
      whenInHand: () => {},
    },
    fetch: () => Promise.reject(new Error('nothing is to be asked')),
    redirectUri,
  }
  return { context, requests }
}

test('asks for the metadata as the page before the redirect has left them in the cache', async () => {
  const { context, requests } = createContext()
  const denied = new URLSearchParams({ error: 'access_denied', iss: issuer })
  const transaction = makeTransaction()
  denied.set('state', transaction.state)
  expect(await outcome(completeAuthorization(context, transaction, denied))).toMatch(
    'access_denied',
  )
  expect(requests).toEqual([{ cache: 'force-cache' }])
})

test('a code that is refused before it is sent has not been committed to', async () => {
  const { context } = createContext()
  const parameters = new URLSearchParams({ error: 'login_required', iss: issuer })
  const transaction = makeTransaction()
  parameters.set('state', transaction.state)
  let isSent = false
  const onTokenRequest = () => void (isSent = true)
  await completeAuthorization(context, transaction, parameters, { onTokenRequest }).catch(() => {})
  expect(isSent).toBe(false)
})
