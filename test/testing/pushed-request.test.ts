import { expect, test } from 'vitest'
import type { AuthorizationServer } from 'sotto/testing'
import { createProver } from './prover.ts'
import {
  authorizationUrl,
  createBrowser,
  createServer,
  issuer,
  readBody,
  redirected,
} from './support.ts'

type Changes = Readonly<Record<string, string | undefined>>

const push = (server: AuthorizationServer, changes: Changes = {}, headers: HeadersInit = {}) => {
  const body = new URL(authorizationUrl(changes)).searchParams
  return server.fetch(`${issuer}/par`, { method: 'POST', body, headers })
}

const pushed = async (server: AuthorizationServer, changes: Changes = {}) => {
  const { request_uri } = (await (await push(server, changes)).json()) as {
    readonly request_uri: string
  }
  const query = new URLSearchParams({ client_id: 'app', request_uri })
  return `${issuer}/authorize?${query.toString()}`
}

const errorOf = async (response: Response) => (await readBody(response)).error

test('keeps what is pushed, and goes on from its reference', async () => {
  const server = createServer()
  const response = await push(server)
  expect(response.status).toBe(201)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/) as string,
    expires_in: 60,
  })
  const { logIn } = createBrowser(server)
  const answer = redirected(await logIn(await pushed(server)))
  expect(answer.get('state')).toBe('the-state')
  expect(answer.get('code')).toBeTruthy()
})

test('control.authorize takes a reference too', async () => {
  const server = createServer()
  const url = await pushed(server)
  expect(server.control.authorize({ url, user: 'alice' })).toHaveProperty('location')
  expect(() => server.control.authorize({ url, user: 'alice' })).toThrow(/used before/)
})

test('a reference is good once, for a minute, and for its client', async () => {
  const other = { clientId: 'other', redirectUris: ['http://localhost:3000/callback'] }
  const mine = { ...other, clientId: 'app' }
  const server = createServer({ clients: [mine, other] })
  const url = await pushed(server)
  const foreign = url.replace('client_id=app', 'client_id=other')
  expect((await server.fetch(foreign)).status).toBe(400)
  expect((await server.fetch(url)).status).toBe(200)
  expect((await server.fetch(url)).status).toBe(400)
  const late = await pushed(server)
  server.control.advanceClock({ seconds: 60 })
  expect((await server.fetch(late)).status).toBe(400)
})

test.each<[string, Changes, string]>([
  ['an unknown client', { client_id: 'nobody' }, 'invalid_client'],
  [
    'a redirect URI that is not registered',
    { redirect_uri: 'https://evil.example/' },
    'invalid_request',
  ],
  ['a request without PKCE', { code_challenge: undefined }, 'invalid_request'],
  ['a reference', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
  ['a secret', { client_secret: 'x' }, 'invalid_client'],
  ['no scope', { scope: undefined }, 'invalid_scope'],
])('refuses %s when it is pushed', async (_, changes, error) => {
  expect(await errorOf(await push(createServer(), changes))).toBe(error)
})

test('takes no other request where they must be pushed, and says so', async () => {
  const server = createServer({ pushedAuthorizationRequests: 'required' })
  const answer = redirected(await server.fetch(authorizationUrl({ prompt: 'none' })))
  expect(answer.get('error')).toBe('invalid_request')
  expect((await server.fetch(await pushed(server))).status).toBe(200)
  const metadata = await server.fetch(`${issuer}/.well-known/openid-configuration`)
  expect(await metadata.json()).toMatchObject({
    pushed_authorization_request_endpoint: `${issuer}/par`,
    require_pushed_authorization_requests: true,
  })
})

test('has no such endpoint where it is off', async () => {
  const server = createServer({ pushedAuthorizationRequests: 'off' })
  expect((await push(server)).status).toBe(404)
  const metadata = await server.fetch(`${issuer}/.well-known/openid-configuration`)
  expect(await metadata.json()).not.toHaveProperty('pushed_authorization_request_endpoint')
})

test('ties the code to the key of a proof that comes with the push', async () => {
  const server = createServer()
  const prover = await createProver()
  const dpop = await prover.prove('POST', `${issuer}/par`)
  expect((await push(server, { dpop_jkt: prover.jkt }, { dpop })).status).toBe(201)
  const other = { dpop_jkt: (await createProver()).jkt }
  const again = { dpop: await prover.prove('POST', `${issuer}/par`) }
  expect(await errorOf(await push(server, other, again))).toBe('invalid_dpop_proof')
})
