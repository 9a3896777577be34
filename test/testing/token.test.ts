import { expect, test } from 'vitest'
import {
  anyString,
  codeVerifier,
  createBrowser,
  createCode,
  createServer,
  authorizationUrl,
  isSigned,
  issuer,
  parseJwt,
  postRefresh,
  postToken,
  redirected,
  redirectUri,
  readBody,
} from './support.ts'

test('brings signed tokens for a code', async () => {
  const server = createServer()
  const browser = createBrowser(server)
  const code = redirected(await browser.logIn()).get('code') ?? ''
  const response = await postToken(server, { code })
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const body = await readBody(response)
  expect(body).toEqual({
    access_token: anyString,
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'openid profile email',
    id_token: anyString,
  })
  expect(await isSigned(server, body.id_token)).toBe(true)
  expect(await isSigned(server, body.access_token)).toBe(true)
})

test('fills the ID token', async () => {
  const now = 1_700_000_000_000
  const server = createServer({ now: () => now, idTokenSeconds: 60 })
  const code = createCode(server, { acr_values: '9 2' })
  const { id_token: idToken, access_token: accessToken } = await readBody(
    await postToken(server, { code }),
  )
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))
  expect(parseJwt(idToken).header).toEqual({ alg: 'ES256', typ: 'JWT', kid: anyString })
  expect(parseJwt(idToken).claims).toEqual({
    iss: issuer,
    sub: 'alice',
    aud: 'app',
    nonce: 'the-nonce',
    iat: now / 1000,
    exp: now / 1000 + 60,
    auth_time: now / 1000,
    acr: '2',
    amr: ['pwd'],
    sid: server.control.sessions()[0]?.sid,
    at_hash: Buffer.from(hash).subarray(0, 16).toString('base64url'),
    name: 'Alice Liddell',
    preferred_username: 'alice',
    email: 'alice@example.com',
    email_verified: true,
  })
})

test.each([
  ['no profile for the scope openid', { scope: 'openid' }, { name: undefined, email: undefined }],
  [
    'the email alone for the scopes openid and email',
    { scope: 'openid email' },
    { name: undefined, email: 'alice@example.com' },
  ],
  ['the acr 1 for acr values that the server does not know', { acr_values: '9' }, { acr: '1' }],
  ['no nonce where none was sent', { nonce: undefined }, { nonce: undefined }],
])('the ID token has %s', async (_case, changes, expected) => {
  const server = createServer()
  const code = createCode(server, changes)
  const { id_token: idToken } = await readBody(await postToken(server, { code }))
  const { claims } = parseJwt(idToken)
  for (const [name, value] of Object.entries(expected)) expect(claims[name]).toBe(value)
})

test('brings no ID token without the scope openid', async () => {
  const server = createServer()
  const body = await readBody(
    await postToken(server, { code: createCode(server, { scope: 'read' }) }),
  )
  expect(body).not.toHaveProperty('id_token')
  expect(body.scope).toBe('read')
})

test.each([
  ['the issuer where none was asked for', {}, issuer],
  ['the one that was asked for', { audience: 'the-api' }, 'the-api'],
  [
    'the resource where one was asked for too',
    { audience: 'the-api', resource: 'https://api.example' },
    'https://api.example',
  ],
])('the audience of the access token is %s', async (_case, changes, aud) => {
  const server = createServer()
  const code = createCode(server, changes)
  const { access_token: accessToken } = await readBody(await postToken(server, { code }))
  const { header, claims } = parseJwt(accessToken)
  expect(header.typ).toBe('at+jwt')
  expect(claims).toMatchObject({ aud, sub: 'alice', client_id: 'app', jti: anyString })
})

test('takes many resources, and fewer of them at the token endpoint', async () => {
  const server = createServer()
  const resources = '&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example'
  const codeFor = () => {
    const outcome = server.control.authorize({ url: authorizationUrl() + resources, user: 'alice' })
    return 'location' in outcome ? new URL(outcome.location).searchParams.get('code') : ''
  }
  const audience = async (changes: Readonly<Record<string, string>>) => {
    const response = await postToken(server, { code: codeFor() ?? '', ...changes })
    const body = await readBody(response)
    return body.error ?? parseJwt(body.access_token).claims.aud
  }
  expect(await audience({})).toEqual(['https://a.example', 'https://b.example'])
  expect(await audience({ resource: 'https://b.example' })).toBe('https://b.example')
  expect(await audience({ resource: 'https://c.example' })).toBe('invalid_target')
})

const twoClients = [
  { clientId: 'app', redirectUris: [redirectUri, `${redirectUri}/`] },
  { clientId: 'other', redirectUris: [redirectUri] },
]

test.each([
  ['invalid_grant', 'an unknown code', { code: 'unknown' }],
  ['invalid_grant', 'the code of another client', { client_id: 'other' }],
  ['invalid_client', 'an unknown client', { client_id: 'nobody' }],
  ['invalid_client', 'no client', { client_id: undefined }],
  ['invalid_client', 'a client secret', { client_secret: 'secret' }],
  ['invalid_grant', 'another redirect URI', { redirect_uri: `${redirectUri}/` }],
  ['invalid_grant', 'no redirect URI', { redirect_uri: undefined }],
  ['invalid_grant', 'another code verifier', { code_verifier: `${codeVerifier}x` }],
  ['invalid_grant', 'a code verifier that is too short', { code_verifier: 'short' }],
  ['invalid_grant', 'no code verifier', { code_verifier: undefined }],
  ['invalid_request', 'no grant type', { grant_type: undefined }],
  ['unsupported_grant_type', 'the grant type password', { grant_type: 'password' }],
])('answers %s to %s', async (error, _case, changes) => {
  const server = createServer({ clients: twoClients })
  const response = await postToken(server, { code: createCode(server), ...changes })
  expect(response.status).toBe(error === 'invalid_client' ? 401 : 400)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await readBody(response)).toEqual({ error, error_description: anyString })
})

test('refuses a repeated parameter, another content type and another method', async () => {
  const server = createServer()
  const url = `${issuer}/token`
  const repeated = new URLSearchParams('client_id=app&code=a&code=b')
  for (const body of [repeated, '{"client_id":"app"}']) {
    const response = await server.fetch(url, { method: 'POST', body })
    expect(response.status).toBe(400)
    expect((await readBody(response)).error).toBe('invalid_request')
  }
  expect((await server.fetch(url)).status).toBe(405)
})

test('refuses client authentication by header', async () => {
  const server = createServer()
  const headers = { authorization: 'Basic YXBwOg==' }
  const response = await postToken(server, { code: createCode(server) }, headers)
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Basic')
})

test('refuses an expired code', async () => {
  const server = createServer({ codeSeconds: 10 })
  const code = createCode(server)
  server.control.advanceClock({ seconds: 10 })
  expect((await readBody(await postToken(server, { code }))).error).toBe('invalid_grant')
})

test('takes a code once, and revokes what it brought when it comes again', async () => {
  const server = createServer()
  const code = createCode(server, { scope: 'openid offline_access' })
  const { refresh_token: refreshToken } = await readBody(await postToken(server, { code }))
  expect((await postToken(server, { code })).status).toBe(400)
  const refreshed = await postRefresh(server, refreshToken)
  expect((await readBody(refreshed)).error).toBe('invalid_grant')
})

test('gives tokens to only one of two simultaneous requests', async () => {
  const server = createServer()
  const code = createCode(server)
  const both = await Promise.all([postToken(server, { code }), postToken(server, { code })])
  expect(both.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 400])
})

const refreshTokenOf = async (server: ReturnType<typeof createServer>) => {
  const code = createCode(server, { scope: 'openid offline_access read' })
  const body = await readBody(await postToken(server, { code }))
  return body.refresh_token
}

test('rotates the refresh token and repeats neither nonce nor login time', async () => {
  const server = createServer()
  const first = await refreshTokenOf(server)
  server.control.advanceClock({ seconds: 30 })
  const body = await readBody(await postRefresh(server, first))
  expect(body.refresh_token).not.toBe(first)
  const { claims } = parseJwt(body.id_token)
  expect(claims).not.toHaveProperty('nonce')
  expect(claims.iat - claims.auth_time - 30).toBeLessThan(5)
  expect((await postRefresh(server, body.refresh_token)).status).toBe(200)
})

test('revokes the whole family when a refresh token comes again', async () => {
  const server = createServer()
  const first = await refreshTokenOf(server)
  const { refresh_token: second } = await readBody(await postRefresh(server, first))
  expect((await readBody(await postRefresh(server, first))).error).toBe('invalid_grant')
  expect((await readBody(await postRefresh(server, second))).error).toBe('invalid_grant')
})

test('keeps the refresh token when told not to rotate', async () => {
  const server = createServer({ refreshTokenRotation: false })
  const first = await refreshTokenOf(server)
  expect(await readBody(await postRefresh(server, first))).not.toHaveProperty('refresh_token')
  expect((await postRefresh(server, first)).status).toBe(200)
})

test('takes a rotated refresh token once more within the grace period', async () => {
  const server = createServer({ now: () => 1000, rotationGraceSeconds: 10 })
  const first = await refreshTokenOf(server)
  const { refresh_token: second } = await readBody(await postRefresh(server, first))
  server.control.advanceClock({ seconds: 9 })
  const again = await readBody(await postRefresh(server, first))
  expect(again).toMatchObject({ access_token: anyString, refresh_token: anyString })
  expect([first, second]).not.toContain(again.refresh_token)
  expect((await postRefresh(server, second)).status).toBe(200)
})

test('revokes the whole family when a refresh token comes again after the grace period', async () => {
  const server = createServer({ now: () => 1000, rotationGraceSeconds: 10 })
  const first = await refreshTokenOf(server)
  const { refresh_token: second } = await readBody(await postRefresh(server, first))
  server.control.advanceClock({ seconds: 5 })
  // The period counts from the first use: this one does not begin another.
  await postRefresh(server, first)
  server.control.advanceClock({ seconds: 5 })
  expect((await readBody(await postRefresh(server, first))).error).toBe('invalid_grant')
  expect((await readBody(await postRefresh(server, second))).error).toBe('invalid_grant')
})

test('turns rotation and its grace period on and off', async () => {
  const server = createServer({ now: () => 1000 })
  const first = await refreshTokenOf(server)
  server.control.setRefreshTokenRotation({ enabled: false })
  expect(server.control.snapshot().refreshTokenRotation).toBe(false)
  expect(await readBody(await postRefresh(server, first))).not.toHaveProperty('refresh_token')
  server.control.setRefreshTokenRotation({ enabled: true })
  server.control.setLives({ rotationGraceSeconds: 10 })
  await postRefresh(server, first)
  expect((await postRefresh(server, first)).status).toBe(200)
  server.control.setLives({ rotationGraceSeconds: 0 })
  expect((await postRefresh(server, first)).status).toBe(400)
  server.control.reset()
  expect(server.control.snapshot()).toMatchObject({ refreshTokenRotation: true })
})

test('does not extend the life of a refresh token by rotation', async () => {
  const server = createServer({ refreshTokenSeconds: 100 })
  const first = await refreshTokenOf(server)
  server.control.advanceClock({ seconds: 60 })
  const { refresh_token: second } = await readBody(await postRefresh(server, first))
  server.control.advanceClock({ seconds: 60 })
  expect((await readBody(await postRefresh(server, second))).error).toBe('invalid_grant')
})

test('narrows the scope of a refresh, never widens it', async () => {
  const server = createServer()
  const first = await refreshTokenOf(server)
  const wide = await postRefresh(server, first, { scope: 'openid write' })
  expect((await readBody(wide)).error).toBe('invalid_scope')
  const narrow = await readBody(await postRefresh(server, first, { scope: 'read' }))
  expect(narrow.scope).toBe('read')
  const full = await readBody(await postRefresh(server, narrow.refresh_token))
  expect(full.scope).toBe('openid offline_access read')
})

test('refuses a refresh token of another client', async () => {
  const server = createServer({ clients: twoClients })
  const response = await postRefresh(server, await refreshTokenOf(server), { client_id: 'other' })
  expect((await readBody(response)).error).toBe('invalid_grant')
})

test('brings a refresh token to a client that is registered for it', async () => {
  const grantTypes = ['authorization_code', 'refresh_token'] as const
  const clients = [{ clientId: 'app', redirectUris: [redirectUri], grantTypes }]
  const server = createServer({ clients })
  const body = await readBody(await postToken(server, { code: createCode(server) }))
  expect(body.refresh_token).toEqual(expect.any(String))
})
