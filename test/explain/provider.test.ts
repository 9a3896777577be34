import { expect, test } from 'vitest'
import { checkMetadata } from '../../src/explain/checks/metadata.ts'
import { recognizeProvider, wordsOf } from '../../src/explain/checks/provider.ts'

type Row = readonly [name: string, issuer: string, metadata: Readonly<Record<string, unknown>>]

test.each<Row>([
  ['Auth0', 'https://acme.eu.auth0.com/', {}],
  ['Auth0', 'https://login.acme.example/', { mfa_challenge_endpoint: 'https://x/mfa/challenge' }],
  ['Okta', 'https://acme.okta.com/oauth2/default', {}],
  ['Okta', 'https://id.acme.example', { response_modes_supported: ['query', 'okta_post_message'] }],
  ['Keycloak', 'https://sso.acme.example/realms/shop', {}],
  [
    'Keycloak',
    'https://sso.acme.example',
    { authorization_endpoint: 'https://sso/x/protocol/openid-connect/auth' },
  ],
  ['Microsoft Entra ID', 'https://login.microsoftonline.com/1-2/v2.0', {}],
  ['Microsoft Entra ID', 'https://acme.ciamlogin.com/1-2/v2.0', {}],
  ['Amazon Cognito', 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x', {}],
  ['Google', 'https://accounts.google.com', {}],
  ['Zitadel', 'https://acme-1.zitadel.cloud', {}],
  [
    'Zitadel',
    'https://id.acme.example',
    { authorization_endpoint: 'https://id/oauth/v2/authorize' },
  ],
  ['authentik', 'https://id.acme.example/application/o/shop/', {}],
  ['Logto', 'https://abc.logto.app/oidc', {}],
  ['Logto', 'https://id.acme.example/oidc', { authorization_endpoint: 'https://id/oidc/auth' }],
])('recognizes %s by %s, %o', (name, issuer, metadata) => {
  const provider = recognizeProvider(issuer, metadata)
  expect(provider?.name).toBe(name)
  const { name: _, ...words } = { ...provider, ...wordsOf(provider) }
  for (const word of Object.values(words)) expect(word).toMatch(/^\S.{15,}\S$/)
})

test.each([
  ['https://login.example.com', {}],
  ['https://auth0.com.evil.example', {}],
  ['https://okta.com.evil.example', { response_modes_supported: 'query' }],
  ['no URL', { authorization_endpoint: 5 }],
])('recognizes nothing in %s, %o', (issuer, metadata) => {
  expect(recognizeProvider(issuer, metadata)).toBeUndefined()
})

test('names the switch in the words of the provider', () => {
  const issuer = 'https://acme.eu.auth0.com/'
  const provider = recognizeProvider(issuer)
  const metadata = { issuer, id_token_signing_alg_values_supported: ['HS256'] }
  const findings = checkMetadata(metadata, { issuer, scope: 'openid', provider })
  expect(findings.find(({ id }) => id === 'algorithms')?.fix).toContain(
    '“JSON Web Token Signature Algorithm”',
  )
  expect(wordsOf(undefined).redirectUris).toContain('callback URLs')
})
