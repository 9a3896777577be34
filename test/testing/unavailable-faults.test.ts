import { expect, test } from 'vitest'
import type { Fault } from 'sotto/testing'
import { createCode, createServer, issuer, postRefresh, postToken, readBody } from './support.ts'

const app = 'http://localhost:3000'
const offline = { scope: 'openid offline_access' }

const withRefreshToken = async (fault?: Fault) => {
  const server = createServer()
  const first = await readBody(await postToken(server, { code: createCode(server, offline) }))
  if (fault) server.control.addFault(fault)
  return { server, refreshToken: first.refresh_token }
}

test.each([undefined, 502, 504])(
  'answers as a gateway with the status %s, which has no CORS headers',
  async (status) => {
    const server = createServer()
    const told = status === undefined ? {} : { status }
    server.control.addFault({ endpoint: 'token', name: 'gatewayError', ...told, times: 1 })
    const code = createCode(server)
    const response = await postToken(server, { code }, { origin: app })
    expect(response.status).toBe(status ?? 502)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
    expect((await postToken(server, { code })).status).toBe(200)
  },
)

test.each(['gatewayError', 'drop'] as const)(
  'has used up the refresh token before the answer is lost to %s',
  async (name) => {
    const fault: Fault = { endpoint: 'token', name, afterProcessing: true, times: 1 }
    const { server, refreshToken } = await withRefreshToken(fault)
    await postRefresh(server, refreshToken).catch(() => undefined)
    expect((await postRefresh(server, refreshToken)).status).toBe(400)
  },
)

test('has used up the refresh token while the answer is still under way', async () => {
  const { server, refreshToken } = await withRefreshToken({
    endpoint: 'token',
    name: 'lateAnswer',
    ms: 200,
    times: 1,
  })
  const start = performance.now()
  const late = postRefresh(server, refreshToken).then(() => performance.now() - start)
  await expect.poll(() => server.control.snapshot().faults).toEqual([])
  expect((await postRefresh(server, refreshToken)).status).toBe(400)
  expect(await late).toBeGreaterThanOrEqual(198)
})

test.each([
  ['no status', {}, 503],
  ['the status 429', { status: 429 }, 429],
])('told %s asks to come back later', async (_case, told, status) => {
  const server = createServer()
  const later = { name: 'retryLater', retryAfterSeconds: 7 } as const
  server.control.addFault({ endpoint: 'token', ...later, ...told })
  const response = await postToken(server, {}, { origin: app })
  expect(response.status).toBe(status)
  expect(response.headers.get('retry-after')).toBe('7')
  expect(response.headers.get('access-control-expose-headers')).toContain('Retry-After')
})

test.each(['interaction_required', 'login_required', 'consent_required'])(
  'answers a refresh with %s, and a code with tokens',
  async (error) => {
    const fault: Fault = { endpoint: 'token', name: 'refreshError', error, times: 1 }
    const { server, refreshToken } = await withRefreshToken(fault)
    expect((await postToken(server, { code: createCode(server) })).status).toBe(200)
    const refused = await postRefresh(server, refreshToken)
    expect([refused.status, (await readBody(refused)).error]).toEqual([400, error])
    expect((await postRefresh(server, refreshToken)).status).toBe(200)
  },
)

test.each([
  ['text/html', 'text/html'],
  ['', null],
])('answers with an OAuth error whose content type is "%s"', async (contentType, expected) => {
  const server = createServer()
  const invalid = { name: 'oauthError', error: 'invalid_grant', contentType } as const
  server.control.addFault({ endpoint: 'token', ...invalid })
  const response = await postToken(server, {})
  expect(response.headers.get('content-type')).toBe(expected)
  expect((await readBody(response)).error).toBe('invalid_grant')
})

test('puts null in place of members of the token response', async () => {
  const { server, refreshToken } = await withRefreshToken()
  const set = { scope: null, expires_in: null, refresh_token: null }
  server.control.addFault({ endpoint: 'token', name: 'tokenResponse', set })
  expect(await readBody(await postRefresh(server, refreshToken))).toMatchObject(set)
})

test('changes every key of the key set, without letting it be cached', async () => {
  const server = createServer()
  await server.control.rotateKeys()
  server.control.addFault({ endpoint: 'jwks', name: 'keyMembers', set: { use: null } })
  const response = await server.fetch(`${issuer}/jwks`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect((await readBody(response)).keys).toMatchObject([{ use: null }, { use: null }])
})

const discoveryUrl = `${issuer}/.well-known/openid-configuration`

test('sends discovery to the same address with a slash', async () => {
  const server = createServer()
  expect((await server.fetch(`${discoveryUrl}/`)).status).toBe(404)
  server.control.addFault({ endpoint: 'discovery', name: 'trailingSlash', times: 1 })
  const moved = await server.fetch(discoveryUrl, { redirect: 'manual' })
  expect([moved.status, moved.headers.get('location')]).toEqual([301, `${discoveryUrl}/`])
  await expect(server.fetch(discoveryUrl, { redirect: 'error' })).rejects.toThrow(TypeError)
  const response = await server.fetch(discoveryUrl)
  expect(response).toMatchObject({ status: 200, redirected: true, url: `${discoveryUrl}/` })
  expect((await readBody(response)).issuer).toBe(issuer)
  expect(await server.fetch(discoveryUrl)).toMatchObject({ redirected: false, url: discoveryUrl })
})

test('gives up a redirect without an end', async () => {
  const server = createServer()
  server.control.addFault({ endpoint: 'jwks', name: 'redirect', location: `${issuer}/jwks` })
  await expect(server.fetch(`${issuer}/jwks`)).rejects.toThrow(TypeError)
})
