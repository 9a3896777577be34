import { allowInsecureRequests, customFetch, validateJwtAccessToken } from 'oauth4webapi'
import { expect, test } from 'vitest'
import type { AuthorizationServer } from 'sotto/testing'
import { anyString, createCode, createServer, issuer, postToken, readBody } from './support.ts'

const audience = 'https://api.example'

const accessTokenOf = async (server: AuthorizationServer) => {
  const code = createCode(server, { audience, scope: 'openid orders:read' })
  return (await readBody(await postToken(server, { code }))).access_token
}

/**
 * What an API does with a request, by a library that knows nothing of this server (RFC 9068 section
 * 4).
 */
const askApi = (server: AuthorizationServer, token: string, expectedAudience = audience) => {
  const request = new Request(audience, { headers: { authorization: `Bearer ${token}` } })
  return validateJwtAccessToken({ issuer, jwks_uri: `${issuer}/jwks` }, request, expectedAudience, {
    [customFetch]: async (url: string) => server.fetch(url),
    [allowInsecureRequests]: true,
  })
}

test.each(['RS256', 'ES256'] as const)(
  'an API verifies an access token with the published %s key',
  async (signingAlg) => {
    const server = createServer({ signingAlg })
    expect(await askApi(server, await accessTokenOf(server))).toMatchObject({
      iss: issuer,
      aud: audience,
      sub: 'alice',
      client_id: 'app',
      scope: 'openid orders:read',
      jti: anyString,
    })
  },
)

test('an API tells an access token for another one, an expired one and an ID token apart', async () => {
  const server = createServer({ now: () => Date.now() - 600_000 })
  const expired = await accessTokenOf(server)
  await expect(askApi(server, expired)).rejects.toThrow('"exp"')
  server.control.advanceClock({ seconds: 600 })
  const token = await accessTokenOf(server)
  await expect(askApi(server, token, 'https://other.example')).rejects.toThrow('"aud"')
  const { id_token: idToken } = await readBody(
    await postToken(server, { code: createCode(server) }),
  )
  await expect(askApi(server, idToken, 'app')).rejects.toThrow('typ')
})

test('an API refuses an access token whose key is no longer published', async () => {
  const server = createServer()
  const token = await accessTokenOf(server)
  await server.control.rotateKeys()
  expect(await askApi(server, token)).toHaveProperty('sub', 'alice')
  await server.control.rotateKeys({ keepOld: false })
  await expect(askApi(server, token)).rejects.toThrow('no applicable keys')
})
