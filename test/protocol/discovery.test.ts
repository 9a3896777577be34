import { expect, test } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import type { AuthorizationServer, Fault } from 'sotto/testing'
import { discoverServer, type ServerMetadata } from '../../src/protocol/discovery.ts'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { named } from '../support/in-words.ts'
import { failure, issuer, outcome, serverMetadata } from '../support/protocol-exchange.ts'
import { wholeFetch } from '../support/whole-response.ts'

const discoverFrom = (
  server: Pick<AuthorizationServer, 'fetch'>,
  metadata?: object | string,
  needsKeys = true,
): Promise<ServerMetadata> =>
  discoverServer(issuer, metadata, needsKeys, createBoundedFetch(server.fetch, 500))

const discoverWith = (fault: Fault): Promise<ServerMetadata> => {
  const server = createAuthorizationServer({ issuer })
  server.control.addFault(fault)
  return discoverFrom(server)
}

const withMember = (name: string, value: unknown): Promise<ServerMetadata> => {
  // Without the member where the value is undefined, as in JSON.
  const document = JSON.stringify({ ...serverMetadata, [name]: value })
  return discoverFrom({ fetch: async () => new Response(document) })
}

const withBody = (body: string): Promise<ServerMetadata> =>
  discoverFrom({ fetch: async () => new Response(body) })

// covers spec:metadata
test('gets the metadata from below the issuer', async () => {
  const server = createAuthorizationServer({ issuer })
  expect(await discoverFrom(server)).toMatchObject(serverMetadata)
  expect(server.control.requests()).toMatchObject([
    { endpoint: 'discovery', method: 'GET', path: '/.well-known/openid-configuration' },
  ])
})

test.each([
  ['https://login.example/', 'https://login.example/.well-known/openid-configuration'],
  ['https://login.example/a', 'https://login.example/a/.well-known/openid-configuration'],
  ['https://login.example/a/', 'https://login.example/a/.well-known/openid-configuration'],
])('looks for the metadata of %s at %s', async (own, expected) => {
  const seen: string[] = []
  const fetch = wholeFetch(async (url) => {
    seen.push(url)
    return Response.json({ ...serverMetadata, issuer: own })
  })
  const found = await discoverServer(own, undefined, true, fetch)
  expect(seen).toEqual([expected])
  expect(found.issuer).toBe(own)
})

test('gets the metadata from the URL it is told, and compares the issuer', async () => {
  const url = 'https://cdn.example/metadata.json'
  const seen: string[] = []
  const fetch = wholeFetch(async (asked) => {
    seen.push(asked)
    return Response.json({ ...serverMetadata, issuer: 'https://evil.example' })
  })
  const attempt = discoverServer(issuer, url, true, fetch)
  expect(await outcome(attempt)).toBe('discovery_invalid/issuer')
  expect(seen).toEqual([url])
})

// covers spec:metadata
test('takes static metadata without a request', async () => {
  const server = createAuthorizationServer({ issuer })
  expect(await discoverFrom(server, serverMetadata)).toEqual(serverMetadata)
  expect(server.control.requests()).toEqual([])
})

test('compares the issuer of static metadata', async () => {
  const server = createAuthorizationServer({ issuer })
  const metadata = { ...serverMetadata, issuer: `${issuer}/` }
  expect(await outcome(discoverFrom(server, metadata))).toBe('discovery_invalid/issuer')
})

// covers threat:mix-up spec:same-issuer fault:metadata-issuer
test.each(
  named<unknown>([
    'https://evil.example',
    'https://login.example/',
    'https://LOGIN.example',
    'HTTPS://login.example',
    'https://login.example:443',
    'http://login.example',
    'https://login.example/tenant',
    'foo',
    '',
    5,
    null,
    undefined,
    ['https://login.example'],
  ]),
)('refuses metadata whose issuer is %s', async (_, other) => {
  expect(await outcome(withMember('issuer', other))).toBe('discovery_invalid/issuer')
})

// covers fault:metadata-issuer
test.each([
  ['an object that cannot be a text', '{ "toString": 1, "valueOf": 1 }'],
  ['a list without end', '['.repeat(50_000) + ']'.repeat(50_000)],
])('refuses metadata whose issuer is %s, and does not show it', async (_, json) => {
  const body = JSON.stringify({ ...serverMetadata, issuer: 0 }).replace('0', json)
  const error = await failure(withBody(body))
  expect(error).toMatchObject({ code: 'discovery_invalid', reason: 'issuer' })
  expect(error.evidence).toBeUndefined()
})

const endpoints = ['authorization_endpoint', 'token_endpoint', 'jwks_uri']
const unusable = [
  'javascript:alert(1)',
  'data:text/html,x',
  'blob:https://login.example/x',
  '/authorize',
  '//login.example/authorize',
  'http://public.example/authorize',
  'http://public.example/.localhost/authorize',
  'http://localhost:x@public.example/authorize',
  '',
  5,
  null,
  undefined,
  {},
  ['https://login.example/authorize'],
]
const cases = endpoints.flatMap((name) =>
  named<unknown>(unusable).map(([words, value]) => [words, name, value] as const),
)

// covers threat:hostile-server spec:https-endpoints spec:library-http fault:metadata-endpoint
test.each(cases)('refuses %s as the %s', async (_, name, value) => {
  expect(await outcome(withMember(name, value))).toBe('discovery_invalid/endpoint')
})

// covers spec:library-http
test.each(endpoints)('accepts a %s on this very machine over http', async (name) => {
  const value = 'http://localhost:4000/endpoint'
  expect(await withMember(name, value)).toMatchObject({ [name]: value })
})

test('needs no key endpoint where no keys are needed', async () => {
  const { jwks_uri, ...metadata } = serverMetadata
  expect(jwks_uri).toBeDefined()
  const server = createAuthorizationServer({ issuer })
  expect(await discoverFrom(server, metadata, false)).toEqual(metadata)
})

// covers spec:s256
test.each([
  ['plain alone', ['plain']],
  ['an empty list', []],
  ['the text plain', 'plain'],
  ['an object', {}],
  ['s256 in small letters', ['s256']],
])('refuses a server whose code challenge methods are %s', async (_, methods) => {
  const attempt = withMember('code_challenge_methods_supported', methods)
  expect(await outcome(attempt)).toBe('discovery_invalid/pkce')
})

// covers fault:metadata-pkce-plain
test.each([
  ['S256 alone', ['S256']],
  ['plain and S256', ['plain', 'S256']],
  ['the text S256', 'S256'],
  ['not in the metadata', undefined],
])('accepts a server whose code challenge methods are %s', async (_, methods) => {
  await expect(withMember('code_challenge_methods_supported', methods)).resolves.toBeDefined()
})

// covers fault:metadata-no-document
test.each([
  ['a page', '<!doctype html><title>Welcome</title>'],
  ['nothing at all', ''],
  ['JSON without its end', '{"issuer":"https://login.example"'],
  ['null', 'null'],
  ['zero', '0'],
  ['false', 'false'],
  ['an empty text', '""'],
  ['an empty list', '[]'],
  ['the metadata in a list', JSON.stringify([serverMetadata])],
  ['the issuer alone', JSON.stringify(issuer)],
  ['true', 'true'],
])('refuses a document that is %s', async (_, body) => {
  expect(await outcome(withBody(body))).toBe('discovery_invalid/json')
})

// covers fault:metadata-content-type
test('accepts the document with any content type and a byte order mark', async () => {
  await expect(withBody(`\uFEFF${JSON.stringify(serverMetadata)}`)).resolves.toMatchObject({
    issuer,
  })
})

// covers fault:metadata-unreachable
test.each<[string, Fault]>([
  ['a 404', { endpoint: 'discovery', name: 'status', status: 404 }],
  [
    'a 500 with the metadata',
    { endpoint: 'discovery', name: 'status', status: 500, body: JSON.stringify(serverMetadata) },
  ],
  [
    'a 400 with the metadata',
    { endpoint: 'discovery', name: 'status', status: 400, body: JSON.stringify(serverMetadata) },
  ],
  ['a 429', { endpoint: 'discovery', name: 'status', status: 429 }],
  ['a redirect', { endpoint: 'discovery', name: 'redirect', location: 'https://evil.example' }],
  ['no connection', { endpoint: 'discovery', name: 'drop' }],
  ['a body that breaks off', { endpoint: 'discovery', name: 'truncated' }],
])('says that it can be tried again after %s', async (_, fault) => {
  expect(await failure(discoverWith(fault))).toMatchObject({
    code: 'discovery_failed',
    retryable: true,
  })
})

// covers fault:metadata-silent
test('gives up on a server that does not answer', async () => {
  expect(await outcome(discoverWith({ endpoint: 'discovery', name: 'hang' }))).toBe('timeout')
})

test('does not read a document without end', async () => {
  const attempt = discoverWith({ endpoint: 'discovery', name: 'huge', bytes: 20_000_000 })
  expect(await outcome(attempt)).toBe('response_too_large')
})

// covers spec:polluted-prototype
test('does not take members from a polluted prototype', async () => {
  const polluted = Object.prototype as Record<string, unknown>
  polluted['token_endpoint'] = 'https://evil.example/token'
  try {
    expect(await outcome(withMember('token_endpoint', undefined))).toBe(
      'discovery_invalid/endpoint',
    )
  } finally {
    delete polluted['token_endpoint']
  }
})

// covers fault:metadata-issuer
test('shows both issuers where they differ, and no more of a foreign one than a line', async () => {
  const other = await failure(withMember('issuer', `${issuer}/`))
  expect(other.message).toContain(`, expected ${issuer}, got ${issuer}/. `)
  const long = await failure(withMember('issuer', `https://evil.example/\n${'x'.repeat(999)}`))
  expect(long.evidence?.got).toMatch(/^https:\/\/evil\.example\/x{279}$/)
  expect((await failure(withMember('issuer', 5))).evidence?.got).toBe('5')
  expect((await failure(withMember('token_endpoint', 5))).evidence).toBeUndefined()
})

test('says which URL was asked for the metadata, and what came', async () => {
  const at = `${issuer}/.well-known/openid-configuration`
  const refused = { endpoint: 'discovery', name: 'status' } as const
  for (const status of [404, 503])
    expect((await failure(discoverWith({ ...refused, status }))).message).toContain(
      `discovery_failed, ${status}, asked ${at}. `,
    )
  const dropped = await failure(discoverWith({ endpoint: 'discovery', name: 'drop' }))
  expect(dropped.message).toContain(`discovery_failed, asked ${at}, alternative cors_or_csp. `)
})

test('says when a server that is busy wants to be asked for the metadata again', async () => {
  const busy = { endpoint: 'discovery', name: 'retryLater', retryAfterSeconds: 7 } as const
  expect(await failure(discoverWith(busy))).toMatchObject({ retryAfterSeconds: 7 })
})

test('says with which status the metadata was refused', async () => {
  const error = await failure(discoverWith({ endpoint: 'discovery', name: 'status', status: 404 }))
  expect(error).toMatchObject({
    code: 'discovery_failed',
    status: 404,
    cause: { code: 'server_error', status: 404 },
  })
})

test.each([
  'code_challenge_methods_supported',
  'id_token_signing_alg_values_supported',
  'authorization_response_iss_parameter_supported',
  'end_session_endpoint',
])('takes the member %s that is null for an absent one', async (name) => {
  expect(await withMember(name, null)).not.toHaveProperty(name)
})
