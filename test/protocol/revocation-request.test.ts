import { expect, onTestFinished, test } from 'vitest'
import type { AuthError } from '../../src/errors.ts'
import { revokeToken } from '../../src/protocol/revocation-request.ts'
import { clientId, failure, serverMetadata } from '../support/protocol-exchange.ts'
import { wholeFetch } from '../support/whole-response.ts'

test('works with an endpoint on this very machine without https', async () => {
  const revocation_endpoint = 'http://localhost:4000/revoke'
  const seen: string[] = []
  const endpoint = {
    server: { ...serverMetadata, revocation_endpoint },
    clientId,
    clockToleranceSeconds: 30,
    fetch: wholeFetch(async (url) => {
      seen.push(url)
      return new Response(null)
    }),
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
    clientId,
    clockToleranceSeconds: 30,
    fetch: wholeFetch(async (_url, init) => {
      seen.push(init!)
      return new Response(null)
    }),
  }
  polluted.headers = { 'x-evil': '1' }
  polluted.DPoP = {}
  await revokeToken(endpoint, 'token', 'access_token')
  expect([...new Headers(seen[0]!.headers).keys()]).not.toContain('x-evil')
})

/** Has a token revoked by a server that answers so. */
const revoke = async (response: Response): Promise<RequestInit | undefined> => {
  let seen: RequestInit | undefined
  const server = { ...serverMetadata, revocation_endpoint: 'https://login.example.com/revoke' }
  const fetch = wholeFetch(async (_url, init) => {
    seen = init
    return response
  })
  const endpoint = { server, clientId, clockToleranceSeconds: 30, fetch }
  await revokeToken(endpoint, 'the-token', 'refresh_token')
  return seen
}

test('posts the form of a revocation as a public client, without a preflight', async () => {
  const { method, headers, body } = (await revoke(new Response(null)))!
  expect(method).toBe('POST')
  expect(headers).toEqual({
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
  })
  expect(Object.fromEntries(body as URLSearchParams)).toEqual({
    client_id: clientId,
    token: 'the-token',
    token_type_hint: 'refresh_token',
  })
})

test.each<[string, Response, object]>([
  ['a bare 401', new Response(null, { status: 401 }), { reason: 'status', status: 401 }],
  ['202, which promises nothing', new Response(null, { status: 202 }), { status: 202 }],
  ['404 with HTML', new Response('<p>', { status: 404 }), { status: 404 }],
])('says what it was where the server answers %s', async (_title, response, expected) => {
  const error = { code: 'response_invalid', ...expected }
  expect(await failure(revoke(response))).toMatchObject(error)
})

test('gives the error of the server that it does not end such tokens', async () => {
  const answer = (error_description: string): Promise<AuthError> => {
    const body = { error: 'unsupported_token_type', error_description }
    return failure(revoke(Response.json(body, { status: 400 })))
  }
  expect(await answer('not such')).toMatchObject({
    code: 'token_error',
    oauthError: 'unsupported_token_type',
    oauthErrorDescription: 'not such',
    status: 400,
  })
  expect(await answer('not the-token')).not.toHaveProperty('oauthErrorDescription')
})
