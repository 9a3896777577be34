import { expect, test } from 'vitest'
import type { AuthorizationServer } from 'sotto/testing'
import { createCode, createServer, issuer, postRefresh, postToken, readBody } from './support.ts'

const origin = 'http://localhost:3000'

const accessTokenOf = async (server: AuthorizationServer, scope?: string) => {
  const code = createCode(server, scope === undefined ? {} : { scope })
  return (await readBody(await postToken(server, { code }))).access_token
}

const ask = (server: AuthorizationServer, token: string, headers: Record<string, string> = {}) =>
  server.fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${token}`, ...headers } })

test.each([
  ['openid', {}],
  ['openid email', { email: 'alice@example.com', email_verified: true }],
  ['openid profile', { name: 'Alice Liddell', preferred_username: 'alice' }],
])('tells for the scope "%s" who the user is', async (scope, claims) => {
  const server = createServer()
  const response = await ask(server, await accessTokenOf(server, scope))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await readBody(response)).toEqual({ sub: 'alice', ...claims })
})

test('tells what a refresh has narrowed', async () => {
  const server = createServer()
  const code = createCode(server, { scope: 'openid email offline_access' })
  const { refresh_token: refreshToken } = await readBody(await postToken(server, { code }))
  const narrowed = await readBody(await postRefresh(server, refreshToken, { scope: 'openid' }))
  expect(await readBody(await ask(server, narrowed.access_token))).toEqual({ sub: 'alice' })
})

test('takes the token from a form too, but from nowhere else, and once', async () => {
  const server = createServer()
  const token = await accessTokenOf(server)
  const url = `${issuer}/userinfo`
  const body = () => new URLSearchParams({ access_token: token })
  const inForm = await server.fetch(url, { method: 'POST', body: body() })
  expect(inForm.status).toBe(200)
  expect((await server.fetch(`${url}?${body().toString()}`)).status).toBe(401)
  const headers = { authorization: `Bearer ${token}` }
  const twice = await server.fetch(url, { method: 'POST', body: body(), headers })
  expect(twice.status).toBe(400)
  expect(twice.headers.get('www-authenticate')).toContain('error="invalid_request"')
})

test('asks for a token without naming an error when none was sent', async () => {
  const response = await createServer().fetch(`${issuer}/userinfo`)
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Bearer')
})

const expectInvalidToken = (response: Response) => {
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", /)
}

test('refuses an unknown token and one that has expired', async () => {
  const server = createServer()
  const token = await accessTokenOf(server)
  expectInvalidToken(await ask(server, `${token}x`))
  server.control.advanceClock({ seconds: 300 })
  expectInvalidToken(await ask(server, token))
})

test('refuses a token of a login that was revoked', async () => {
  const server = createServer()
  const code = createCode(server, { scope: 'openid offline_access' })
  const { access_token: token } = await readBody(await postToken(server, { code }))
  server.control.revokeRefreshTokens()
  expectInvalidToken(await ask(server, token))
})

test('refuses a token without the scope openid', async () => {
  const server = createServer()
  const response = await ask(server, await accessTokenOf(server, 'profile'))
  expect(response.status).toBe(403)
  expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
})

test('lets the pages of registered clients read it, errors included', async () => {
  const server = createServer()
  const preflight = await server.fetch(`${issuer}/userinfo`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-headers': 'authorization' },
  })
  expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin)
  for (const token of [await accessTokenOf(server), 'unknown']) {
    const { headers } = await ask(server, token, { origin })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-expose-headers')).toBe(
      'WWW-Authenticate, Retry-After, DPoP-Nonce',
    )
  }
  const foreign = await ask(server, await accessTokenOf(server), { origin: 'https://evil.example' })
  expect(foreign.status).toBe(400)
  expect(foreign.headers.has('access-control-allow-origin')).toBe(false)
})

test('tells of somebody else when asked to', async () => {
  const server = createServer()
  const set = { sub: 'mallory' }
  server.control.addFault({ endpoint: 'userinfo', name: 'userinfoResponse', set })
  const response = await ask(server, await accessTokenOf(server))
  expect(await readBody(response)).toMatchObject({ ...set, name: 'Alice Liddell' })
})
