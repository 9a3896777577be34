import { expect, test } from 'vitest'
import type { AuthorizationServer, Fault } from 'sotto/testing'
import {
  authorizationUrl,
  createCode,
  createServer,
  isSigned,
  issuer,
  parseJwt,
  postRefresh,
  postRevocation,
  postToken,
  readBody,
} from './support.ts'

const discoveryUrl = `${issuer}/.well-known/openid-configuration`

const endpoints: Readonly<
  Record<Fault['endpoint'], (server: AuthorizationServer) => Promise<Response>>
> = {
  discovery: (server) => server.fetch(discoveryUrl),
  jwks: (server) => server.fetch(`${issuer}/jwks`),
  authorize: (server) => server.fetch(authorizationUrl({ prompt: 'none' })),
  par: (server) => server.fetch(`${issuer}/par`, { method: 'POST' }),
  token: (server) => postToken(server, { code: createCode(server) }),
  userinfo: (server) => server.fetch(`${issuer}/userinfo`),
  revocation: (server) => postRevocation(server, { token: 'unknown' }),
  endSession: (server) => server.fetch(`${issuer}/end-session`),
}

const names = Object.keys(endpoints) as Fault['endpoint'][]

const faulty = (...faults: readonly Fault[]) => {
  const server = createServer()
  for (const fault of faults) server.control.addFault(fault)
  return server
}

test.each(names)('drops, answers and breaks off at the endpoint %s', async (endpoint) => {
  const ask = endpoints[endpoint]
  await expect(ask(faulty({ endpoint, name: 'drop' }))).rejects.toThrow(TypeError)
  const status = await ask(faulty({ endpoint, name: 'status', status: 503 }))
  expect(status.status).toBe(503)
  const html = await ask(faulty({ endpoint, name: 'html' }))
  expect(html.headers.get('content-type')).toBe('text/html')
  expect(html.status).toBe(200)
  const empty = await ask(faulty({ endpoint, name: 'empty' }))
  expect([empty.status, await empty.text()]).toEqual([200, ''])
  expect((await ask(faulty({ endpoint, name: 'noContent' }))).status).toBe(204)
  const location = 'https://elsewhere.example/'
  const redirect = await ask(faulty({ endpoint, name: 'redirect', location, status: 307 }))
  expect([redirect.status, redirect.headers.get('location')]).toEqual([307, location])
})

test.each(names)('waits for the endpoint %s', async (endpoint) => {
  const start = performance.now()
  await endpoints[endpoint](faulty({ endpoint, name: 'delay', ms: 40 }))
  expect(performance.now() - start).toBeGreaterThanOrEqual(38)
})

test('hangs until the request is aborted', async () => {
  const server = faulty({ endpoint: 'jwks', name: 'hang' })
  const reason = new Error('enough')
  const aborting = new AbortController()
  const answered = server.fetch(`${issuer}/jwks`, { signal: aborting.signal })
  setTimeout(() => aborting.abort(reason), 10)
  await expect(answered).rejects.toBe(reason)
})

test('answers with any status, body and headers', async () => {
  const response = await endpoints.token(
    faulty({
      endpoint: 'token',
      name: 'status',
      status: 429,
      body: '{',
      contentType: 'application/json',
      headers: { 'retry-after': '7' },
    }),
  )
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('retry-after')).toBe('7')
  expect(await response.text()).toBe('{')
})

test('breaks off in the middle of the body', async () => {
  const response = await endpoints.discovery(faulty({ endpoint: 'discovery', name: 'truncated' }))
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow('broke off')
})

test('pads a good answer to any size', async () => {
  const bytes = 3_000_000
  const response = await endpoints.jwks(faulty({ endpoint: 'jwks', name: 'huge', bytes }))
  const text = await response.text()
  expect(text).toHaveLength(bytes)
  expect(JSON.parse(text)).toHaveProperty('keys')
})

test('sends a good answer slowly', async () => {
  const start = performance.now()
  const response = await endpoints.jwks(faulty({ endpoint: 'jwks', name: 'slowBody', ms: 50 }))
  expect((await readBody(response)).keys).toHaveLength(1)
  expect(performance.now() - start).toBeGreaterThanOrEqual(40)
})

test('sets and removes headers', async () => {
  const set = { 'cross-origin-opener-policy': 'same-origin' }
  const remove = ['cache-control']
  const fault: Fault = { endpoint: 'discovery', name: 'headers', set, remove }
  const { headers } = await endpoints.discovery(faulty(fault))
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  expect(headers.has('cache-control')).toBe(false)
})

test('sends an attachment', async () => {
  const response = await endpoints.authorize(faulty({ endpoint: 'authorize', name: 'download' }))
  expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
})

test('leaves CORS out of the answer but not of the preflight', async () => {
  const server = faulty({ endpoint: 'token', name: 'noCors' })
  const headers = { origin: 'http://localhost:3000' }
  const preflight = await server.fetch(`${issuer}/token`, { method: 'OPTIONS', headers })
  expect(preflight.headers.has('access-control-allow-origin')).toBe(true)
  const response = await postToken(server, { code: createCode(server) }, headers)
  expect(response.status).toBe(200)
  expect(response.headers.has('access-control-allow-origin')).toBe(false)
})

test('keeps CORS on answers that replace the endpoint', async () => {
  const server = faulty({ endpoint: 'token', name: 'status', status: 500 })
  const response = await postToken(server, {}, { origin: 'http://localhost:3000' })
  expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
})

test('loses only the answer when told to fail after processing', async () => {
  const server = createServer()
  const code = createCode(server, { scope: 'openid offline_access' })
  server.control.addFault({ endpoint: 'token', name: 'drop', times: 1 })
  await expect(postToken(server, { code })).rejects.toThrow(TypeError)
  const { refresh_token: first } = await readBody(await postToken(server, { code }))
  server.control.addFault({ endpoint: 'token', name: 'drop', times: 1, afterProcessing: true })
  await expect(postRefresh(server, first)).rejects.toThrow(TypeError)
  expect((await readBody(await postRefresh(server, first))).error).toBe('invalid_grant')
})

test('applies a fault as often as told, and counts only when it takes effect', async () => {
  const server = faulty({
    endpoint: 'token',
    name: 'tokenResponse',
    remove: ['expires_in'],
    times: 2,
  })
  const lives = async (code = createCode(server)) =>
    (await readBody(await postToken(server, { code }))).expires_in
  await postToken(server, { code: 'unknown' })
  expect(await lives()).toBeUndefined()
  expect(await lives()).toBeUndefined()
  expect(await lives()).toBe(300)
})

test('overrides metadata, without letting it be cached', async () => {
  const set = { issuer: 'https://evil.example' }
  const remove = ['jwks_uri', 'token_endpoint']
  const response = await endpoints.discovery(
    faulty({ endpoint: 'discovery', name: 'metadata', set, remove }),
  )
  expect(response.headers.get('cache-control')).toBe('no-store')
  const metadata = await readBody(response)
  expect(metadata.issuer).toBe('https://evil.example')
  expect(metadata).not.toHaveProperty('jwks_uri')
  expect(metadata).not.toHaveProperty('token_endpoint')
})

test('overrides the key set', async () => {
  const response = await endpoints.jwks(
    faulty({ endpoint: 'jwks', name: 'keySet', set: { keys: [] } }),
  )
  expect(await readBody(response)).toEqual({ keys: [] })
})

test('answers the token request with an OAuth error', async () => {
  const fault: Fault = { endpoint: 'token', name: 'oauthError', error: 'temporarily_unavailable' }
  const response = await endpoints.token(faulty({ ...fault, status: 503 }))
  expect(response.status).toBe(503)
  expect((await readBody(response)).error).toBe('temporarily_unavailable')
})

test('answers the revocation request with an OAuth error', async () => {
  const server = faulty({ endpoint: 'revocation', name: 'oauthError', error: 'server_error' })
  const response = await postRevocation(server, { token: 'unknown' })
  expect((await readBody(response)).error).toBe('server_error')
})

test('overrides the token response', async () => {
  const set = { token_type: 'mac', scope: 'openid', expires_in: '60' }
  const response = await endpoints.token(
    faulty({ endpoint: 'token', name: 'tokenResponse', set, remove: ['id_token'] }),
  )
  const body = await readBody(response)
  expect(body).toMatchObject(set)
  expect(body).not.toHaveProperty('id_token')
})

const idTokenOf = async (server: AuthorizationServer): Promise<string> =>
  (await readBody(await endpoints.token(server))).id_token

test.each([
  ['iss', 'https://evil.example'],
  ['aud', ['app', 'other']],
  ['azp', 'other'],
  ['nonce', 'another'],
  ['sub', 'mallory'],
  ['exp', 1],
  ['iat', 'yesterday'],
  ['auth_time', null],
  ['acr', '0'],
  ['at_hash', 'wrong'],
])('overrides the claim %s and signs it', async (name, value) => {
  const server = faulty({ endpoint: 'token', name: 'idTokenClaims', set: { [name]: value } })
  const jwt = await idTokenOf(server)
  expect(parseJwt(jwt).claims[name]).toEqual(value)
  expect(await isSigned(server, jwt)).toBe(true)
})

test('removes and shifts claims', async () => {
  const fault: Fault = { endpoint: 'token', name: 'idTokenClaims', remove: ['nonce'] }
  const { claims } = parseJwt(await idTokenOf(faulty({ ...fault, shift: { exp: -600 } })))
  expect(claims).not.toHaveProperty('nonce')
  expect(claims.exp).toBe(claims.iat - 300)
})

test('changes the header of the ID token', async () => {
  const set = { kid: 'unknown', typ: 'at+jwt' }
  const server = faulty({ endpoint: 'token', name: 'idTokenHeader', set })
  expect(parseJwt(await idTokenOf(server)).header).toEqual({ alg: 'ES256', ...set })
})

test('breaks the signature', async () => {
  const server = faulty({ endpoint: 'token', name: 'idTokenSignature' })
  expect(await isSigned(server, await idTokenOf(server))).toBe(false)
})

test('leaves the ID token unsigned', async () => {
  const jwt = await idTokenOf(faulty({ endpoint: 'token', name: 'idTokenAlg', alg: 'none' }))
  expect(parseJwt(jwt).header.alg).toBe('none')
  expect(jwt).toMatch(/\.$/)
})

const hmac = async (secret: string, jwt: string) => {
  const { createHmac } = await import('node:crypto')
  return createHmac('sha256', secret)
    .update(jwt.slice(0, jwt.lastIndexOf('.')))
    .digest('base64url')
}

test('signs with an empty secret', async () => {
  const server = faulty({ endpoint: 'token', name: 'idTokenAlg', alg: 'HS256', secret: 'empty' })
  const jwt = await idTokenOf(server)
  expect(parseJwt(jwt).header.alg).toBe('HS256')
  expect(jwt.split('.')[2]).toBe(await hmac('', jwt))
})

test('signs with the public key as the secret', async () => {
  const { createPublicKey } = await import('node:crypto')
  const server = faulty({ endpoint: 'token', name: 'idTokenAlg', alg: 'HS256' })
  const jwt = await idTokenOf(server)
  const { keys } = await readBody(await endpoints.jwks(server))
  const publicKey = createPublicKey({ key: { ...keys[0] }, format: 'jwk' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  expect(jwt.split('.')[2]).toBe(await hmac(pem, jwt))
})
