import { expect, test } from 'vitest'
import type { AuthorizationServer, AuthorizationServerOptions } from 'sotto/testing'
import { createEchoApi } from '../../src/testing/cli/echo-api.ts'
import { createProver, type ProofChanges } from './prover.ts'
import { createCode, createServer, issuer, parseJwt, postToken, readBody } from './support.ts'

const tokenUrl = `${issuer}/token`
const userinfoUrl = `${issuer}/userinfo`

const setUp = async (options: Partial<AuthorizationServerOptions> = {}) => {
  const server = createServer(options)
  const prover = await createProver()
  const exchange = async (proof: string, changes: Readonly<Record<string, string>> = {}) =>
    postToken(server, { code: createCode(server, changes) }, { dpop: proof })
  const exchangeWith = async (changes: ProofChanges = {}, request = {}) =>
    exchange(await prover.prove('POST', tokenUrl, changes), request)
  return { server, prover, exchange, exchangeWith }
}

const errorOf = async (response: Response) => (await readBody(response)).error

test('binds what it issues to the key of the proof, and says so', async () => {
  const { exchangeWith, prover } = await setUp()
  const body = await readBody(await exchangeWith({}, { scope: 'openid offline_access' }))
  expect(body).toMatchObject({ token_type: 'DPoP' })
  expect(parseJwt(body.access_token).claims['cnf']).toEqual({ jkt: prover.jkt })
})

test('issues bearer tokens where there is no proof', async () => {
  const server = createServer()
  const body = await readBody(await postToken(server, { code: createCode(server) }))
  expect(body).toMatchObject({ token_type: 'Bearer' })
  expect(parseJwt(body.access_token).claims).not.toHaveProperty('cnf')
})

const now = () => Math.floor(Date.now() / 1000)

test.each<[string, ProofChanges]>([
  ['of another type', { header: { typ: 'JWT' } }],
  ['without a signature', { header: { alg: 'none' } }],
  ['by another algorithm', { header: { alg: 'RS256' } }],
  ['without a key', { header: { jwk: null } }],
  ['with a private key', { header: { jwk: { kty: 'EC', crv: 'P-256', d: 'x' } } }],
  ['for another method', { claims: { htm: 'GET' } }],
  ['for another address', { claims: { htu: `${issuer}/userinfo` } }],
  ['for an address with a query', { claims: { htu: `${tokenUrl}?a=b` } }],
  ['from long ago', { claims: { iat: now() - 300 } }],
  ['from the future', { claims: { iat: now() + 300 } }],
  ['without a time', { claims: { iat: null } }],
  ['without an id', { claims: { jti: '' } }],
  ['with the hash of an access token', { claims: { ath: 'x' } }],
  ['with another signature', { signature: Buffer.alloc(64, 1).toString('base64url') }],
  ['that is two', { signature: 'a, b.c.d' }],
])('refuses a proof %s', async (_, changes) => {
  const { exchangeWith } = await setUp()
  const response = await exchangeWith(changes)
  expect(response.status).toBe(400)
  expect(await errorOf(response)).toBe('invalid_dpop_proof')
})

test('refuses a proof by another key than the one it names', async () => {
  const { exchangeWith } = await setUp()
  const { jwk } = await createProver()
  expect(await errorOf(await exchangeWith({ header: { jwk } }))).toBe('invalid_dpop_proof')
})

test('takes a proof once', async () => {
  const { exchange, prover } = await setUp()
  const proof = await prover.prove('POST', tokenUrl)
  expect((await exchange(proof)).status).toBe(200)
  expect(await errorOf(await exchange(proof))).toBe('invalid_dpop_proof')
})

test('takes a code that is tied to a key with that key only, and leaves it unused', async () => {
  const { server, prover } = await setUp()
  const other = await createProver()
  const code = createCode(server, { dpop_jkt: prover.jkt })
  expect(await errorOf(await postToken(server, { code }))).toBe('invalid_grant')
  const wrong = { dpop: await other.prove('POST', tokenUrl) }
  expect(await errorOf(await postToken(server, { code }, wrong))).toBe('invalid_grant')
  const right = { dpop: await prover.prove('POST', tokenUrl) }
  expect((await postToken(server, { code }, right)).status).toBe(200)
})

test('takes a refresh token with the key that it is bound to only', async () => {
  const { server, prover, exchangeWith } = await setUp()
  const other = await createProver()
  const { refresh_token } = await readBody(
    await exchangeWith({}, { scope: 'openid offline_access' }),
  )
  const refresh = async (headers: HeadersInit) =>
    postToken(server, { grant_type: 'refresh_token', refresh_token }, headers)
  expect(await errorOf(await refresh({}))).toBe('invalid_grant')
  const wrong = await refresh({ dpop: await other.prove('POST', tokenUrl) })
  expect(await errorOf(wrong)).toBe('invalid_grant')
  const right = await refresh({ dpop: await prover.prove('POST', tokenUrl) })
  expect(await readBody(right)).toMatchObject({ token_type: 'DPoP' })
})

// A resource

const askWith = async (
  server: AuthorizationServer,
  authorization: string,
  dpop?: string,
): Promise<Response> =>
  server.fetch(`${userinfoUrl}?x=1`, { headers: { authorization, ...(dpop && { dpop }) } })

const setUpResource = async (options: Partial<AuthorizationServerOptions> = {}) => {
  const set = await setUp(options)
  const { access_token: token } = await readBody(await set.exchangeWith())
  const prove = (changes?: ProofChanges, accessToken = token) =>
    set.prover.prove('GET', userinfoUrl, changes, accessToken)
  return { ...set, token, prove }
}

test('tells who the user is for a bound token with its proof', async () => {
  const { server, token, prove } = await setUpResource()
  expect((await askWith(server, `DPoP ${token}`, await prove())).status).toBe(200)
})

test('refuses a bound token without a proof, and as a bearer token', async () => {
  const { server, token, prove } = await setUpResource()
  expect((await askWith(server, `DPoP ${token}`)).status).toBe(401)
  expect((await askWith(server, `Bearer ${token}`)).status).toBe(401)
  expect((await askWith(server, `Bearer ${token}`, await prove())).status).toBe(401)
})

test('refuses a bound token with the proof of another key, or for another token', async () => {
  const { server, token, prove } = await setUpResource()
  const other = await createProver()
  const foreign = await other.prove('GET', userinfoUrl, {}, token)
  expect((await askWith(server, `DPoP ${token}`, foreign)).status).toBe(401)
  const response = await askWith(server, `DPoP ${token}`, await prove({}, 'another token'))
  expect(response.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_dpop_proof"/)
})

test('refuses a bearer token that is shown as a bound one', async () => {
  const server = createServer()
  const { access_token: token } = await readBody(
    await postToken(server, { code: createCode(server) }),
  )
  const prover = await createProver()
  const proof = await prover.prove('GET', userinfoUrl, {}, token)
  expect((await askWith(server, `DPoP ${token}`, proof)).status).toBe(401)
})

// Nonces

test('asks for a nonce, takes it, and gives a new one with each answer', async () => {
  const { exchangeWith } = await setUp({ dpopNonces: true })
  const refused = await exchangeWith()
  expect(await errorOf(refused)).toBe('use_dpop_nonce')
  const nonce = refused.headers.get('dpop-nonce')
  const answer = await exchangeWith({ claims: { nonce } })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('dpop-nonce')).not.toBe(nonce)
  expect(answer.headers.get('dpop-nonce')).toBeTruthy()
})

test('takes no nonce of another endpoint, none of its own making, and none that is old', async () => {
  const { server, exchangeWith, prover } = await setUp({ dpopNonces: true })
  const nonce = (await exchangeWith()).headers.get('dpop-nonce')
  const { access_token: token } = await readBody(await exchangeWith({ claims: { nonce } }))
  const proof = await prover.prove('GET', userinfoUrl, { claims: { nonce } }, token)
  const foreign = await askWith(server, `DPoP ${token}`, proof)
  expect(foreign.headers.get('www-authenticate')).toMatch(/^DPoP error="use_dpop_nonce"/)
  expect(foreign.headers.get('dpop-nonce')).toBeTruthy()
  expect(await errorOf(await exchangeWith({ claims: { nonce: 'x' } }))).toBe('use_dpop_nonce')
  server.control.advanceClock({ seconds: 301 })
  const iat = now() + 301
  expect(await errorOf(await exchangeWith({ claims: { nonce, iat } }))).toBe('use_dpop_nonce')
})

test('asks for another nonce as often as it was told', async () => {
  const { server, exchangeWith } = await setUp()
  server.control.addFault({ endpoint: 'token', name: 'dpopNonceRefused', times: 2 })
  const nonce = (await exchangeWith()).headers.get('dpop-nonce')
  expect(await errorOf(await exchangeWith({ claims: { nonce } }))).toBe('use_dpop_nonce')
  expect((await exchangeWith({ claims: { nonce } })).status).toBe(200)
})

test('the echo API takes a bound token with its proof only', async () => {
  const { server, prover, token } = await setUpResource()
  const url = 'http://localhost:4001'
  const api = createEchoApi(server, { url, origins: [] })
  const ask = async (scheme: string, dpop?: string) => {
    const headers = { authorization: `${scheme} ${token}`, ...(dpop && { dpop }) }
    return (await api.exchange(new Request(`${url}/a?b`, { headers }))) as Response
  }
  const prove = (accessToken?: string) => prover.prove('GET', `${url}/a`, {}, accessToken)
  expect((await ask('DPoP', await prove(token))).status).toBe(200)
  expect((await ask('DPoP', await prove('another'))).status).toBe(401)
  expect((await ask('DPoP')).status).toBe(401)
  const refused = await ask('Bearer', await prove(token))
  expect(refused.headers.get('www-authenticate')).toBe('DPoP error="invalid_token"')
})
