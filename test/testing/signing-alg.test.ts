import { expect, test } from 'vitest'
import type { AuthorizationServer } from 'sotto/testing'
import {
  anyString,
  authorizationUrl,
  createBrowser,
  createCode,
  createServer,
  isSigned,
  issuer,
  parseJwt,
  postToken,
  readBody,
  redirected,
} from './support.ts'

const tokensOf = async (server: AuthorizationServer) =>
  readBody(await postToken(server, { code: createCode(server) }))

test('signs both tokens with ES256 when told to, and says so', async () => {
  const server = createServer({ signingAlg: 'ES256' })
  const metadata = await server.fetch(`${issuer}/.well-known/openid-configuration`)
  expect(await readBody(metadata)).toMatchObject({
    id_token_signing_alg_values_supported: ['ES256'],
  })
  const { keys } = await readBody(await server.fetch(`${issuer}/jwks`))
  const point = { x: anyString, y: anyString }
  expect(keys).toEqual([
    { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: anyString, ...point },
  ])
  const { id_token: idToken, access_token: accessToken } = await tokensOf(server)
  for (const jwt of [idToken, accessToken]) {
    expect(parseJwt(jwt).header).toMatchObject({ alg: 'ES256', kid: keys[0].kid })
    expect(await isSigned(server, jwt)).toBe(true)
  }
})

test('rotates ES256 keys, and drops the old one when told to', async () => {
  const server = createServer({ signingAlg: 'ES256' })
  const { id_token: before } = await tokensOf(server)
  const kid = await server.control.rotateKeys({ keepOld: false })
  const { id_token: after } = await tokensOf(server)
  expect(parseJwt(after).header).toMatchObject({ alg: 'ES256', kid })
  expect([await isSigned(server, before), await isSigned(server, after)]).toEqual([false, true])
})

test('knows its own ES256 ID token as a hint, and no other', async () => {
  const server = createServer({ signingAlg: 'ES256' })
  const browser = createBrowser(server)
  const code = redirected(await browser.logIn()).get('code') ?? ''
  const { id_token: hint } = await readBody(await postToken(server, { code }))
  const answerTo = async (idTokenHint: string) => {
    const url = authorizationUrl({ prompt: 'none', id_token_hint: idTokenHint })
    return redirected(await browser.open(url))
  }
  expect((await answerTo(hint)).has('code')).toBe(true)
  const { id_token: foreign } = await tokensOf(createServer({ signingAlg: 'RS256' }))
  expect((await answerTo(foreign)).get('error')).toBe('invalid_request')
})

test('breaks an ES256 signature when asked to', async () => {
  const server = createServer({ signingAlg: 'ES256' })
  server.control.addFault({ endpoint: 'token', name: 'idTokenSignature' })
  expect(await isSigned(server, (await tokensOf(server)).id_token)).toBe(false)
})
