import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuthorizationRequestUrl } from '../../src/protocol/authorization-request.ts'
import {
  clientId,
  makeTransaction,
  redirectUri,
  serverMetadata,
} from '../support/protocol-exchange.ts'

const build = (
  transaction = makeTransaction(),
  clientParameters: Readonly<Record<string, string>> = {},
  authorizationEndpoint = serverMetadata.authorization_endpoint,
): Promise<URL> =>
  createAuthorizationRequestUrl(
    { ...serverMetadata, authorization_endpoint: authorizationEndpoint },
    transaction,
    clientParameters,
  )

const s256 = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

// covers spec:no-parameter-twice
test('has every parameter of the code flow with PKCE once, and no other', async () => {
  const transaction = makeTransaction()
  const url = await build(transaction)
  expect(url.origin + url.pathname).toBe(serverMetadata.authorization_endpoint)
  url.searchParams.sort()
  expect([...url.searchParams]).toEqual([
    ['client_id', clientId],
    ['code_challenge', s256(transaction.codeVerifier)],
    ['code_challenge_method', 'S256'],
    ['nonce', transaction.nonce],
    ['redirect_uri', redirectUri],
    ['response_type', 'code'],
    ['scope', 'email openid profile'],
    ['state', transaction.state],
  ])
})

test('gives the same URL for the same inputs', async () => {
  const transaction = makeTransaction({ authorizationParams: { ui_locales: 'de' } })
  expect(String(await build(transaction))).toBe(String(await build(transaction)))
})

const members = [
  ['an audience', { audience: 'https://api.example' }, 'audience', ['https://api.example']],
  ['a maximum age of nothing', { maxAge: 0 }, 'max_age', ['0']],
  ['a maximum age', { maxAge: 60 }, 'max_age', ['60']],
  ['the acr values', { acrValues: '1 2' }, 'acr_values', ['1 2']],
  ['the response mode fragment', { responseMode: 'fragment' }, 'response_mode', ['fragment']],
  [
    'the response mode web_message',
    { responseMode: 'web_message' },
    'response_mode',
    ['web_message'],
  ],
  [
    'no response mode for query, which goes without saying',
    { responseMode: 'query' },
    'response_mode',
    [],
  ],
  ['the prompt none with a silent request', { kind: 'silent' }, 'prompt', ['none']],
  ['no prompt with a login', { kind: 'login' }, 'prompt', []],
  ['no prompt with a fallback', { kind: 'fallback' }, 'prompt', []],
  [
    'each resource by itself',
    { resource: ['https://a.example', 'https://b.example'] },
    'resource',
    ['https://a.example', 'https://b.example'],
  ],
  [
    'an extra parameter that needs escapes',
    { authorizationParams: { login_hint: 'a b&c=d' } },
    'login_hint',
    ['a b&c=d'],
  ],
  [
    'the prompt none with a silent request, whatever the extra parameters say',
    { kind: 'silent', authorizationParams: { prompt: 'login' } },
    'prompt',
    ['none'],
  ],
  [
    'the prompt of the extra parameters with a login',
    { kind: 'login', authorizationParams: { prompt: 'login' } },
    'prompt',
    ['login'],
  ],
  [
    'the maximum age rather than that of the extra parameters',
    { maxAge: 5, authorizationParams: { max_age: '60' } },
    'max_age',
    ['5'],
  ],
] as const

// covers spec:prompt-none-alone
test.each(members)('sends %s', async (_, changes, name, values) => {
  const url = await build(makeTransaction(changes))
  expect(url.searchParams.getAll(name)).toEqual(values)
})

test('lets a call win over the client, and the protocol over both', async () => {
  const transaction = makeTransaction({ authorizationParams: { ui_locales: 'de', state: 'evil' } })
  const url = await build(transaction, { ui_locales: 'en', login_hint: 'alice', nonce: 'evil' })
  expect(url.searchParams.getAll('ui_locales')).toEqual(['de'])
  expect(url.searchParams.getAll('login_hint')).toEqual(['alice'])
  expect(url.searchParams.getAll('state')).toEqual([transaction.state])
  expect(url.searchParams.getAll('nonce')).toEqual([transaction.nonce])
})

test('keeps the query of the endpoint, except where the protocol needs the name', async () => {
  const endpoint = 'https://login.example/authorize?policy=b2c&state=fixed&x=%20'
  const transaction = makeTransaction()
  const { searchParams } = await build(transaction, {}, endpoint)
  expect(searchParams.getAll('policy')).toEqual(['b2c'])
  expect(searchParams.getAll('x')).toEqual([' '])
  expect(searchParams.getAll('state')).toEqual([transaction.state])
})

// covers spec:verifier-with-code-only spec:state-without-app-data
test('never shows the code verifier', async () => {
  const transaction = makeTransaction({ kind: 'silent', appState: { a: 1 }, returnTo: '/orders' })
  const url = decodeURIComponent(String(await build(transaction)))
  expect(url).not.toContain(transaction.codeVerifier)
  expect(url).not.toContain('orders')
})

// covers spec:polluted-prototype
test('does not take parameters from a polluted prototype', async () => {
  const polluted = Object.prototype as Record<string, unknown>
  const names = ['audience', 'maxAge', 'acrValues', 'login_hint', 'request_uri']
  for (const name of names) polluted[name] = 'evil'
  try {
    const url = await build()
    expect(String(url)).not.toContain('evil')
  } finally {
    for (const name of names) delete polluted[name]
  }
})
