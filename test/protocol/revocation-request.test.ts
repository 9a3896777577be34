import { expect, test } from 'vitest'
import { revokeToken } from '../../src/protocol/revocation-request.ts'
import { clientId, serverMetadata } from '../support/protocol-exchange.ts'

test('works with an endpoint on this very machine without https', async () => {
  const revocation_endpoint = 'http://localhost:4000/revoke'
  const seen: string[] = []
  const endpoint = {
    server: { ...serverMetadata, revocation_endpoint },
    ...{ clientId, clockToleranceSeconds: 30, trustedAudiences: [] },
    fetch: async (url: string): Promise<Response> => {
      seen.push(url)
      return new Response(null)
    },
  }
  await revokeToken(endpoint, 'token', 'access_token')
  expect(seen).toEqual([revocation_endpoint])
})
