import { expect, test } from 'vitest'
import { checkMetadata } from '../../src/explain/checks/metadata.ts'
import { recognizeProvider, wordsOf } from '../../src/explain/checks/provider.ts'

type Row = readonly [
  name: string,
  clue: string,
  issuer: string,
  metadata: Readonly<Record<string, unknown>>,
]

test.each<Row>([
  ['Auth0', 'its domain', 'https://acme.eu.auth0.com/', {}],
  [
    'Auth0',
    'its endpoint for a second factor',
    'https://login.acme.example/',
    { mfa_challenge_endpoint: 'https://x/mfa/challenge' },
  ],
  ['Okta', 'its domain', 'https://acme.okta.com/oauth2/default', {}],
  [
    'Okta',
    'its response mode',
    'https://id.acme.example',
    { response_modes_supported: ['query', 'okta_post_message'] },
  ],
  ['Keycloak', 'the path of a realm', 'https://sso.acme.example/realms/shop', {}],
  [
    'Keycloak',
    'its authorization endpoint',
    'https://sso.acme.example',
    { authorization_endpoint: 'https://sso/x/protocol/openid-connect/auth' },
  ],
  ['Microsoft Entra ID', 'its domain', 'https://login.microsoftonline.com/1-2/v2.0', {}],
  ['Microsoft Entra ID', 'its domain for customers', 'https://acme.ciamlogin.com/1-2/v2.0', {}],
  ['Amazon Cognito', 'its domain', 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x', {}],
  ['Google', 'its domain', 'https://accounts.google.com', {}],
  ['Zitadel', 'its domain', 'https://acme-1.zitadel.cloud', {}],
  [
    'Zitadel',
    'its authorization endpoint',
    'https://id.acme.example',
    { authorization_endpoint: 'https://id/oauth/v2/authorize' },
  ],
  ['authentik', 'the path of an application', 'https://id.acme.example/application/o/shop/', {}],
  ['Logto', 'its domain', 'https://abc.logto.app/oidc', {}],
  [
    'Logto',
    'its authorization endpoint',
    'https://id.acme.example/oidc',
    { authorization_endpoint: 'https://id/oidc/auth' },
  ],
])('recognizes %s by %s', (name, _clue, issuer, metadata) => {
  const provider = recognizeProvider(issuer, metadata)
  expect(provider?.name).toBe(name)
  const { name: _, ...words } = { ...provider, ...wordsOf(provider) }
  for (const word of Object.values(words)) expect(word).toMatch(/^\S.{15,}\S$/)
})

test.each([
  ['a domain of nobody', 'https://login.example.com', {}],
  ['the domain of Auth0 before another', 'https://auth0.com.evil.example', {}],
  [
    'the domain of Okta before another, with response modes that are a text',
    'https://okta.com.evil.example',
    { response_modes_supported: 'query' },
  ],
  [
    'an issuer that is no URL, with an endpoint that is a number',
    'no URL',
    { authorization_endpoint: 5 },
  ],
])('recognizes nobody in %s', (_case, issuer, metadata) => {
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
