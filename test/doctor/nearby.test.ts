// An issuer that is nearly right: the metadata are found, and the issuer is said.
import { expect, test } from 'vitest'
import { createCertificate } from '../../e2e/support/certificate.ts'
import { serveAuthorizationServer } from 'sotto/testing/node'
import { createAuthorizationServer } from 'sotto/testing'
import { onTestFinished } from 'vitest'
import { diagnosisOf, freePort, serveJson, serveMock } from '../support/doctor.ts'

const WELL_KNOWN = '/.well-known/openid-configuration'

const document = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
})

test.each([
  ['a path too many', '/realms/shop', ''],
  ['the URL of its document', `${WELL_KNOWN}`, ''],
  ['the path that Keycloak had before 17', '/auth/realms/shop', '/realms/shop'],
  ['the path that Keycloak has since 17', '/realms/shop', '/auth/realms/shop'],
  ['a tenant of Entra without the version', '/tenant', '/tenant/v2.0'],
  ['a domain of Okta without the path', '', '/oauth2/default'],
  ['a domain of Logto without the path', '', '/oidc'],
  ['its authorization endpoint', '/shop/authorize', '/shop'],
])('finds the server from %s', async (_, given, right) => {
  const origin = await serveJson((here) => ({ [right + WELL_KNOWN]: document(here + right) }))
  const { of, findings } = await diagnosisOf({ issuer: origin + given })
  expect(of('discovery').level).toBe('error')
  expect(of('discovery').fix).toBe(
    `${origin}${right}${WELL_KNOWN} does answer: set issuer to "${origin}${right}".`,
  )
  expect(of('discovery').evidence).toMatchObject({ foundIssuer: origin + right, status: 404 })
  // The rest is looked at as if it had been given right.
  expect(of('issuer').level).toBe('ok')
  expect(findings.length).toBeGreaterThan(10)
})

test('finds metadata of OAuth, which have to be passed', async () => {
  const path = '/.well-known/oauth-authorization-server/tenant'
  const origin = await serveJson((here) => ({ [path]: document(`${here}/tenant`) }))
  const { of } = await diagnosisOf({ issuer: `${origin}/tenant` })
  expect(of('discovery').fix).toContain(`pass metadata: "${origin}${path}"`)
})

test('finds a server that speaks http where https was given', async () => {
  const { issuer } = await serveMock()
  const { of } = await diagnosisOf({ issuer: issuer.replace('http:', 'https:') })
  expect(of('discovery').fix).toContain(`set issuer to "${issuer}"`)
})

test('says so where nothing is near', async () => {
  const origin = await serveJson(() => ({}))
  const { of, findings } = await diagnosisOf({ issuer: origin })
  expect(of('discovery').fix).toMatch(/belongs to it/)
  expect(findings).toHaveLength(3)
})

test('says that a certificate is not trusted', async () => {
  const port = await freePort()
  const issuer = `https://localhost:${port}`
  const server = createAuthorizationServer({ issuer, signingAlg: 'ES256' })
  const tls = createCertificate(['localhost'])
  const { close } = await serveAuthorizationServer(server, { port, tls })
  onTestFinished(close)
  const { of } = await diagnosisOf({ issuer })
  expect(of('discovery').what).toBe(`The certificate of localhost:${port} is not trusted.`)
})
