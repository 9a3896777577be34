import { expect, test } from 'vitest'
import type { AuthorizationServer } from 'sotto/testing'
import {
  anyString,
  createCode,
  createServer,
  issuer,
  postRefresh,
  postRevocation,
  postToken,
  readBody,
  redirectUri,
} from './support.ts'

const clients = ['app', 'other'].map((clientId) => ({ clientId, redirectUris: [redirectUri] }))

const loggedIn = async () => {
  const server = createServer({ clients })
  const code = createCode(server, { scope: 'openid offline_access' })
  const { access_token: accessToken, refresh_token: refreshToken } = await readBody(
    await postToken(server, { code }),
  )
  return { server, accessToken, refreshToken }
}

const isAccepted = async (server: AuthorizationServer, token: string) => {
  const headers = { authorization: `Bearer ${token}` }
  return (await server.fetch(`${issuer}/userinfo`, { headers })).ok
}

test('ends everything that came of the login of a refresh token', async () => {
  const { server, accessToken, refreshToken } = await loggedIn()
  const { refresh_token: rotated } = await readBody(await postRefresh(server, refreshToken))
  const response = await postRevocation(server, { token: rotated })
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect((await readBody(await postRefresh(server, rotated))).error).toBe('invalid_grant')
  expect(await isAccepted(server, accessToken)).toBe(false)
})

test('ends the family also when a refresh token that was used up is revoked', async () => {
  const { server, refreshToken } = await loggedIn()
  const { refresh_token: rotated } = await readBody(await postRefresh(server, refreshToken))
  expect((await postRevocation(server, { token: refreshToken })).status).toBe(200)
  expect((await postRefresh(server, rotated)).status).toBe(400)
})

test('ends an access token alone', async () => {
  const { server, accessToken, refreshToken } = await loggedIn()
  const response = await postRevocation(server, { token: accessToken })
  expect(response.status).toBe(200)
  expect(await isAccepted(server, accessToken)).toBe(false)
  expect((await postRefresh(server, refreshToken)).status).toBe(200)
})

test('ends a token whatever the hint says', async () => {
  const { server, refreshToken } = await loggedIn()
  await postRevocation(server, { token: refreshToken, token_type_hint: 'access_token' })
  expect((await postRefresh(server, refreshToken)).status).toBe(400)
})

test.each([
  [200, 'an unknown token', undefined, { token: 'unknown' }],
  [400, 'no token', 'invalid_request', { token: undefined }],
  [401, 'an unknown client', 'invalid_client', { token: 'unknown', client_id: 'nobody' }],
  [401, 'a client secret', 'invalid_client', { token: 'unknown', client_secret: 'secret' }],
])('answers %i to %s', async (status, _case, error, changes) => {
  const response = await postRevocation(createServer(), changes)
  expect(response.status).toBe(status)
  if (error === undefined) return
  expect(await readBody(response)).toEqual({ error, error_description: anyString })
})

test('revokes nothing for another client', async () => {
  const { server, accessToken, refreshToken } = await loggedIn()
  for (const token of [accessToken, refreshToken]) {
    const response = await postRevocation(server, { token, client_id: 'other' })
    expect((await readBody(response)).error).toBe('invalid_grant')
  }
  expect(await isAccepted(server, accessToken)).toBe(true)
  expect((await postRefresh(server, refreshToken)).status).toBe(200)
})

test('takes a form, by POST, from the pages of the client', async () => {
  const { server, accessToken } = await loggedIn()
  const url = `${issuer}/revoke`
  expect((await server.fetch(`${url}?client_id=app&token=${accessToken}`)).status).toBe(405)
  const json = await server.fetch(url, { method: 'POST', body: '{"client_id":"app"}' })
  expect(json.status).toBe(400)
  const foreign = { origin: 'https://evil.example' }
  expect((await postRevocation(server, { token: accessToken }, foreign)).status).toBe(400)
  expect(await isAccepted(server, accessToken)).toBe(true)
  const own = await postRevocation(
    server,
    { token: accessToken },
    { origin: new URL(redirectUri).origin },
  )
  expect(own.headers.get('access-control-allow-origin')).toBe(new URL(redirectUri).origin)
  expect(await isAccepted(server, accessToken)).toBe(false)
})
