import { expect, test } from 'vitest'
import { createCode, createServer, isSigned, issuer, postToken, readBody } from './support.ts'

const origin = 'http://localhost:3000'

test('describes itself, with an origin for everyone and a life in the cache', async () => {
  const response = await createServer().fetch(`${issuer}/.well-known/openid-configuration`)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('cache-control')).toBe('public, max-age=300')
  expect(await readBody(response)).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer}/end-session`,
    response_modes_supported: ['query', 'fragment', 'web_message'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  })
})

test.each(['/.well-known/openid-configuration', '/jwks'])('answers HEAD %s', async (path) => {
  const server = createServer()
  const response = await server.fetch(issuer + path, { method: 'HEAD' })
  expect(response.status).toBe(200)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(await response.text()).toBe('')
  expect((await server.fetch(`${issuer}/token`, { method: 'HEAD' })).status).toBe(405)
})

test('keeps the issuer exactly as written', async () => {
  const exact = 'https://idp.example/tenant/'
  const server = createServer({ issuer: exact })
  for (const url of [
    'https://idp.example/tenant/.well-known/openid-configuration',
    'https://idp.example/.well-known/oauth-authorization-server/tenant',
  ]) {
    const metadata = await readBody(await server.fetch(url))
    expect(metadata.issuer).toBe(exact)
    expect(metadata.token_endpoint).toBe('https://idp.example/tenant/token')
  }
})

test('does not advertise an endpoint that is not there', async () => {
  const server = createServer()
  const response = await server.fetch(`${issuer}/.well-known/openid-configuration`)
  const metadata = await readBody(response)
  const urls = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name))
  for (const [, url] of urls) expect((await server.fetch(String(url))).status).not.toBe(404)
})

test.each([
  ['RS256', ['alg', 'e', 'kid', 'kty', 'n', 'use']],
  ['ES256', ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
] as const)('publishes public keys of %s only, and the same ones every time', async (...row) => {
  const [signingAlg, members] = row
  const server = createServer({ signingAlg })
  const read = async () => readBody(await server.fetch(`${issuer}/jwks`))
  const { keys } = await read()
  expect(keys).toHaveLength(1)
  expect(Object.keys(keys[0]).sort()).toEqual(members)
  expect(await read()).toEqual({ keys })
})

test('signs with a new key after a rotation and can keep the old one', async () => {
  const server = createServer()
  const issue = async () =>
    (await readBody(await postToken(server, { code: createCode(server) }))).id_token
  const before = await issue()
  await server.control.rotateKeys()
  expect(await isSigned(server, before)).toBe(true)
  expect(await isSigned(server, await issue())).toBe(true)
  await server.control.rotateKeys({ keepOld: false })
  expect(await isSigned(server, before)).toBe(false)
})

test('lets only the origins of the client read token responses', async () => {
  const server = createServer()
  const allowed = await postToken(server, { code: createCode(server) }, { origin })
  expect(allowed.headers.get('access-control-allow-origin')).toBe(origin)
  expect(allowed.headers.get('vary')).toBe('Origin')
  const foreign = await postToken(
    server,
    { code: createCode(server) },
    { origin: 'https://evil.example' },
  )
  expect(foreign.status).toBe(400)
  expect(foreign.headers.has('access-control-allow-origin')).toBe(false)
})

test('lets errors of the token endpoint be read as well', async () => {
  const response = await postToken(createServer(), { code: 'unknown' }, { origin })
  expect(response.status).toBe(400)
  expect(response.headers.get('access-control-allow-origin')).toBe(origin)
})

test('takes the origins that a client names', async () => {
  const clients = [
    { clientId: 'app', redirectUris: [`${origin}/callback`], origins: ['https://app.example'] },
  ]
  const server = createServer({ clients })
  const response = await postToken(server, { code: 'x' }, { origin: 'https://app.example' })
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example')
})

test('answers a preflight and records it', async () => {
  const server = createServer()
  const preflight = (from: string) =>
    server.fetch(`${issuer}/token`, { method: 'OPTIONS', headers: { origin: from } })
  const response = await preflight(origin)
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  expect(response.headers.get('access-control-allow-headers')).toContain('Content-Type')
  const foreign = await preflight('https://evil.example')
  expect(foreign.headers.has('access-control-allow-origin')).toBe(false)
  expect(server.control.requests({ endpoint: 'token' })).toMatchObject([
    { method: 'OPTIONS', origin },
    { method: 'OPTIONS', origin: 'https://evil.example' },
  ])
})

test('takes no issuer and no redirect URI that a client could not use', () => {
  for (const other of ['https://idp.example/?x=1', 'https://idp.example#x'])
    expect(() => createServer({ issuer: other })).toThrow('an issuer has no query')
  const clients = [{ clientId: 'app', redirectUris: ['http://localhost:3000/#/callback'] }]
  expect(() => createServer({ clients })).toThrow('http://localhost:3000/#/callback')
})
