import { expect, onTestFinished, test } from 'vitest'
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

test('hands nothing on that somebody put on a prototype', async () => {
  const polluted = Object.prototype as { DPoP?: unknown; headers?: unknown }
  onTestFinished(() => {
    delete polluted.DPoP
    delete polluted.headers
  })
  const seen: RequestInit[] = []
  const endpoint = {
    server: { ...serverMetadata, revocation_endpoint: 'https://login.example.com/revoke' },
    ...{ clientId, clockToleranceSeconds: 30, trustedAudiences: [] },
    fetch: async (_url: string, init?: RequestInit): Promise<Response> => {
      seen.push(init!)
      return new Response(null)
    },
  }
  polluted.headers = { 'x-evil': '1' }
  polluted.DPoP = {}
  await revokeToken(endpoint, 'token', 'access_token')
  expect([...new Headers(seen[0]!.headers).keys()]).not.toContain('x-evil')
})
