// Each thing that can be wrong with a server or a registration, made at the mock server.
import type { Fault } from 'sotto/testing'
import { expect, test } from 'vitest'
import { checkRow, diagnosisOf, REDIRECT_URI, serveMock, type Row } from '../support/doctor.ts'

test('finds nothing wrong where nothing is', async () => {
  const { issuer } = await serveMock()
  const { findings, wrong } = await diagnosisOf({ issuer })
  expect(wrong).toEqual([])
  expect(findings.map(({ id }) => id)).toEqual([
    ...['redirect_uri', 'issuer_url', 'discovery', 'issuer', 'endpoints', 'pkce', 'algorithms'],
    ...['scope', 'silent_mode', 'end_session', 'cors_discovery', 'authorization'],
    ...['server_framing', 'token_endpoint', 'cors_token', 'keys', 'cors_keys', 'site', 'clock'],
  ])
})

test('logs nobody in, and changes nothing', async () => {
  const { issuer, control } = await serveMock()
  await diagnosisOf({ issuer })
  const { requests } = control.snapshot()
  expect(requests.map(({ endpoint }) => endpoint)).not.toContain('login')
  expect(requests.filter(({ endpoint }) => endpoint === 'token')).toHaveLength(1)
})

const metadata = (set: Readonly<Record<string, unknown>>, remove: readonly string[] = []): Fault =>
  ({ endpoint: 'discovery', name: 'metadata', set, remove }) as Fault
const tokenError = (error: string, status = 400): Fault => ({
  endpoint: 'token',
  name: 'oauthError',
  error,
  status,
})

const rows: readonly Row[] = [
  [
    'metadata of another issuer',
    [metadata({ issuer: 'https://other.example' })],
    'issuer',
    'error',
    ['the metadata say "https://other.example"', 'set issuer to "https://other.example"'],
  ],
  [
    'metadata without an issuer',
    [metadata({}, ['issuer'])],
    'issuer',
    'error',
    ['The metadata name no issuer.', 'Something else answers'],
  ],
  [
    'an endpoint that is missing',
    [metadata({}, ['token_endpoint'])],
    'endpoints',
    'error',
    ['token_endpoint'],
  ],
  [
    'an endpoint over plain http',
    [metadata({ jwks_uri: 'http://login.example/keys' })],
    'endpoints',
    'error',
    ['not https: jwks_uri', 'X-Forwarded-Proto'],
  ],
  [
    'PKCE without S256',
    [metadata({ code_challenge_methods_supported: ['plain'] })],
    'pkce',
    'error',
    ['only: plain', 'Switch S256 on'],
  ],
  [
    'PKCE that is not spoken of',
    [metadata({}, ['code_challenge_methods_supported'])],
    'pkce',
    'hint',
    ['do not say'],
  ],
  [
    'HS256 only',
    [metadata({ id_token_signing_alg_values_supported: ['HS256', 'none'] })],
    'algorithms',
    'error',
    ['HS256, none only', 'Choose RS256'],
  ],
  [
    'algorithms that are not listed',
    [metadata({}, ['id_token_signing_alg_values_supported'])],
    'algorithms',
    'hint',
    ['RS256 is taken'],
  ],
  [
    'a scope that is not listed',
    [],
    'scope',
    'hint',
    ['orders', 'invalid_scope'],
    { scope: 'openid orders' },
  ],
  [
    'frames answered by a redirect',
    [metadata({ response_modes_supported: ['query', 'fragment'] })],
    'silent_mode',
    'ok',
    ['a redirect of the frame', '(fragment)'],
  ],
  [
    'Okta’s own mode',
    [metadata({ response_modes_supported: ['query', 'okta_post_message'] })],
    'silent_mode',
    'hint',
    ["responseMode: 'okta_post_message'"],
  ],
  [
    'Auth0, which does not list its mode',
    [metadata({ response_modes_supported: ['query'], mfa_challenge_endpoint: 'x' })],
    'silent_mode',
    'hint',
    ["responseMode: 'web_message'"],
  ],
  [
    'a server without a logout',
    [metadata({}, ['end_session_endpoint'])],
    'end_session',
    'hint',
    ['no end_session_endpoint'],
  ],
  [
    'metadata that no page may read',
    [{ endpoint: 'discovery', name: 'noCors' }],
    'cors_discovery',
    'error',
    ['http://localhost:5173 may not read', 'Add http://localhost:5173 to the allowed origins'],
  ],
  [
    'keys that no page may read',
    [{ endpoint: 'jwks', name: 'noCors' }],
    'cors_keys',
    'error',
    ['may not read'],
  ],
  [
    'a token endpoint that no page may read',
    [{ endpoint: 'token', name: 'noCors' }],
    'cors_token',
    'error',
    ['/token: it has no CORS header'],
  ],
  [
    'keys that are not there',
    [{ endpoint: 'jwks', name: 'status', status: 404 }],
    'keys',
    'error',
    ['is no key set'],
  ],
  [
    'an empty key set',
    [{ endpoint: 'jwks', name: 'keySet', set: { keys: [] } }],
    'keys',
    'error',
    ['no public key in it'],
  ],
  [
    'a client that wants a secret',
    [tokenError('invalid_client', 401)],
    'token_endpoint',
    'error',
    ['says invalid_client', 'wants a secret', 'register the client as a public one'],
  ],
  [
    'a bare 401',
    [{ endpoint: 'token', name: 'status', status: 401 }],
    'token_endpoint',
    'error',
    ['says the status 401', 'wants a secret'],
  ],
  [
    'a client without the grant',
    [tokenError('unauthorized_client')],
    'token_endpoint',
    'error',
    ['may not use the authorization code grant'],
  ],
  [
    'a token endpoint that stops early',
    [tokenError('invalid_request')],
    'token_endpoint',
    'hint',
    ['before it looked at the client'],
  ],
  [
    'a token endpoint that is a page',
    [{ endpoint: 'token', name: 'html' }],
    'token_endpoint',
    'error',
    ['no OAuth error', 'Something else answers'],
  ],
  [
    'a token endpoint that fails',
    [{ endpoint: 'token', name: 'status', status: 503 }],
    'token_endpoint',
    'error',
    ['the status 503', 'Try again later'],
  ],
  [
    'a token endpoint that breaks the connection',
    [{ endpoint: 'token', name: 'drop' }],
    'token_endpoint',
    'error',
    ['gives no answer'],
  ],
  [
    'a server on another site',
    [],
    'site',
    'hint',
    ['different sites', 'login.example.com for app.example.com'],
    { redirectUri: 'https://app.example.com/callback' },
  ],
  [
    'a redirect URI over plain http',
    [],
    'redirect_uri',
    'error',
    ['neither https'],
    { redirectUri: 'http://shop.example/callback' },
  ],
  [
    'a redirect URI with a user name',
    [],
    'redirect_uri',
    'error',
    ['has a user name in it', 'Leave it out'],
    { redirectUri: REDIRECT_URI.replace('//', '//user@') },
  ],
  [
    'a redirect URI with a fragment',
    [],
    'redirect_uri',
    'error',
    ['"#"'],
    { redirectUri: `${REDIRECT_URI}#x` },
  ],
]

const named = rows.map((row) => ({ name: row[0], row }))

test.each(named)('says of $name what it is and what to do', ({ row }) => checkRow(row))
