import { customStorage, memoryStorage, webStorage, type CustomStorage } from 'sotto'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/client/resolve-options.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import {
  blockedStorage,
  createSharedStorage,
  createTransactionStorage,
} from '../support/flow-storage.ts'
import { failure, outcome } from '../support/protocol-exchange.ts'
import { named } from '../support/in-words.ts'

const required: ClientOptions = {
  issuer: 'https://login.example',
  clientId: 'app',
  redirectUri: '/callback',
}

const resolve = (changes: Readonly<Record<string, unknown>> = {}) =>
  resolveOptions({ ...required, ...changes })

test('fills the defaults in', () => {
  expect(resolve()).toMatchObject({
    ...required,
    scope: 'openid profile email',
    authorizationParams: {},
    resource: [],
    idTokenSignature: 'verify',
    onLoginRequired: 'throw',
    responseMode: 'query',
    clockToleranceSeconds: 30,
    timeoutMs: 10_000,
  })
  // A leeway that was given holds for longer lives than the default one.
  expect(resolve().leewaySeconds).toBeUndefined()
  expect(resolve().renewal.map(({ label }) => label)).toEqual(['silent_iframe', 'silent_redirect'])
  // Not an empty list: that would be the app's own.
  expect(resolve().trustedAudiences).toBeUndefined()
  expect(resolve().tokenStorage).toBeDefined()
})

test('takes what it is given', () => {
  const given = {
    scope: 'openid',
    audience: 'api',
    leewaySeconds: 0,
    timeoutMs: 1,
    idTokenSignature: 'tls',
    responseMode: 'fragment',
    renewal: [],
  }
  expect(resolve(given)).toMatchObject(given)
})

test.each([
  ['undefined', undefined, []],
  // Durations and resources of null are refused.
  ['null', null, ['leewaySeconds', 'clockToleranceSeconds', 'timeoutMs', 'resource']],
] as const)('takes an option of %s for an absent one', (_title, absent, except) => {
  const names = Object.keys(resolve()).filter(
    (name) => !(name in required) && !except.some((other) => other === name),
  )
  const undone = Object.fromEntries(names.map((name) => [name, absent]))
  const plain = (options: object): string => JSON.stringify(options)
  expect(plain(resolve(undone))).toBe(plain(resolve()))
  for (const name of names) expect(resolve(undone)).toHaveProperty(name)
})

const refused: readonly [option: string, values: readonly unknown[]][] = [
  [
    'issuer',
    [
      undefined,
      '',
      5,
      {},
      'login.example',
      '/login',
      'http://public.example',
      'http://public.example/.localhost',
      'https://login.example?a',
      'https://login.example/#a',
      'https://login.example#',
      ' https://login.example',
      'https://login.example\n',
      'https://user:password@login.example',
      'javascript:alert(1)',
    ],
  ],
  ['clientId', [undefined, '', 5, null]],
  ['redirectUri', [undefined, '', 5, null]],
  ['renewal', [{}, 5, 0, false, '', () => [], [5], [null], ['refresh_token']]],
  ['fetch', [5, '', false, {}]],
  ['navigate', ['/login', 0, false, {}]],
  ['onLoginRequired', ['Redirect', '', 5, {}, ['throw'], Symbol('x')]],
  ['responseMode', ['form_post', 'web_message', '', 5, ['query'], Object.create(null)]],
  ['trustedAudiences', ['other', 5, 0, '', {}]],
  ['clientSecret', ['secret', '']],
  ['client_secret', ['secret', '']],
  ['leewaySeconds', [-1, NaN, Infinity, 2 ** 31, '30', null, {}]],
  ['clockToleranceSeconds', [-1, NaN, Infinity, 2 ** 31, '30', null]],
  ['timeoutMs', [-1, NaN, Infinity, 2 ** 31, '30', null]],
  ['jwks', [{}, { keys: 'x' }, { keys: ['x'] }, { keys: [null] }]],
  ['metadata', ['http://public.example/metadata', 'data:application/json,{}', 'javascript:1']],
  ['postLogoutRedirectUri', ['http://public.example/', 'data:text/html,x', 'javascript:1']],
  ['resource', ['api', 'https://api.example#a', ['https://api.example', '/api']]],
]
const cases = refused.flatMap(([option, values]) =>
  named(values).map(([name, value]) => [option, name, value] as const),
)

// covers spec:no-client-secret spec:https-issuer fault:issuer-http fault:client-secret
test.each(cases)('refuses %s: %s', async (option, _, value) => {
  expect(await outcome(() => resolve({ [option]: value }))).toBe(`config_invalid/${option}`)
})

test.each(['state', 'nonce', 'redirect_uri', 'request_uri'])(
  'refuses %s among the extra parameters',
  async (name) => {
    const attempt = () => resolve({ authorizationParams: { [name]: 'x' } })
    expect(await outcome(attempt)).toBe(`config_invalid/authorizationParams.${name}`)
  },
)

// covers spec:no-client-secret fault:client-secret
test('does not repeat a secret in the error', async () => {
  const error = await failure(() => resolve({ clientSecret: 'planted-secret' }))
  expect(`${error.message}${JSON.stringify(error)}`).not.toContain('planted-secret')
})

test.each(['http://localhost:4000', 'http://127.0.0.1:4000', 'https://login.example/tenant/'])(
  'takes the issuer %s as it is written',
  (issuer) => {
    expect(resolve({ issuer }).issuer).toBe(issuer)
  },
)

test.each([
  ['a URL', 'https://cdn.example/metadata.json'],
  ['a path', '/metadata.json'],
  ['a relative path', 'metadata.json'],
  ['a URL on this very machine', 'http://localhost:4000/metadata'],
  ['a document', { issuer: 'x' }],
])('takes %s for the metadata', (_, metadata) => {
  expect(resolve({ metadata }).metadata).toEqual(metadata)
})

test('takes static keys', () => {
  const jwks = { keys: [{ kty: 'RSA' }] }
  expect(resolve({ jwks }).jwks).toBe(jwks)
})

// covers threat:polluted-prototype spec:polluted-prototype fault:inherited-options
test('takes nothing from a polluted prototype', () => {
  const polluted = Object.prototype as Record<string, unknown>
  const values: Readonly<Record<string, unknown>> = {
    scope: 'evil',
    audience: 'evil',
    resource: 'https://evil.example',
    authorizationParams: { login_hint: 'evil' },
    metadata: { issuer: 'evil' },
    jwks: { keys: [] },
    idTokenSignature: 'tls',
    idTokenSigningAlg: 'none',
    trustedAudiences: ['evil'],
    responseMode: 'evil',
    timeoutMs: 1,
    clockToleranceSeconds: 1e9,
    fetch: () => 'evil',
    navigate: () => 'evil',
    logger: {},
    transactionStorage: {},
    tokenStorage: {},
    clientSecret: 'evil',
  }
  const clean = resolve()
  Object.assign(polluted, values)
  try {
    const options = resolve() as unknown as Record<string, unknown>
    for (const [name, value] of Object.entries(values)) expect(options[name], name).not.toBe(value)
    for (const name of ['audience', 'metadata', 'jwks', 'fetch', 'navigate', 'idTokenSigningAlg'])
      expect(options[name], name).toBeUndefined()
    expect(options['idTokenSignature']).toBe('verify')
    expect(options['authorizationParams']).toEqual({})
    expect(options['resource']).toEqual(clean.resource)
  } finally {
    for (const name of Object.keys(values)) delete polluted[name]
  }
})

test.each<[string, unknown]>([
  ['an object with three functions', createSharedStorage()],
  ['a web storage', createTransactionStorage()],
  ['a function that was not called', memoryStorage],
  ['something with another member of that name', { open: 1 }],
])('refuses %s as a token storage, and says how it is passed', (_what, tokenStorage) => {
  const given = () => resolve({ tokenStorage })
  expect(given).toThrow(expect.objectContaining({ code: 'config_invalid', reason: 'tokenStorage' }))
  expect(given).toThrow('customStorage({ get, set, delete })')
})

test('a token storage that only the prototype could open is refused', () => {
  const polluted = Object.prototype as Record<string, unknown>
  polluted['open'] = () => undefined
  try {
    expect(() => resolve({ tokenStorage: {} })).toThrow('tokenStorage')
  } finally {
    delete polluted['open']
  }
})

test.each(['get', 'set', 'delete'])('a storage of one’s own needs the function %s', (name) => {
  for (const storage of [{ ...createSharedStorage(), [name]: undefined }, null, 'text'])
    expect(() => customStorage(storage as CustomStorage)).toThrow('config_invalid')
})

test('a storage is not touched before its first use', () => {
  expect(() => resolve({ tokenStorage: webStorage(blockedStorage) })).not.toThrow()
})

test('refuses a required option that only the prototype has', async () => {
  const polluted = Object.prototype as Record<string, unknown>
  polluted['issuer'] = 'https://evil.example'
  try {
    const attempt = () => resolveOptions({ clientId: 'app', redirectUri: '/' } as ClientOptions)
    expect(await outcome(attempt)).toBe('config_invalid/issuer')
  } finally {
    delete polluted['issuer']
  }
})
