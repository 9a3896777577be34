// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { pushedAuthorizationRequest } from 'sotto'
import { dpop } from 'sotto/dpop'
import type { AuthorizationServerOptions, Fault } from 'sotto/testing'
import { clearKeys } from '../support/dpop-client.ts'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  type TestOptions,
} from '../support/flow-client.ts'

beforeEach(preparePage)

function openPage(
  options: TestOptions = {},
  server: Partial<AuthorizationServerOptions> = {},
  ...faults: Fault[]
) {
  const sent: (RequestInit | undefined)[] = []
  const mock = createServer(server)
  for (const fault of faults) mock.control.addFault(fault)
  const watch: typeof fetch = (url, init) => {
    if (String(url).endsWith('/par')) sent.push(init)
    return mock.fetch(url, init)
  }
  const own = { par: pushedAuthorizationRequest(), fetch: watch }
  const page = createClient({ ...own, ...options }, { server: mock })
  return { ...page, sent, pushes: () => mock.control.requests({ endpoint: 'par' }) }
}

const required = { pushedAuthorizationRequests: 'required' } as const

// covers spec:par-pushed
test('pushes every parameter, and leaves with a reference alone', async () => {
  const page = openPage({ audience: 'https://api.example.com' }, required)
  const resource = ['https://a.example.com', 'https://b.example.com']
  await page.auth.loginWithRedirect({
    resource,
    maxAge: 60,
    authorizationParams: { ui_locales: 'de' },
  })
  const [url] = page.visits
  expect(url?.origin).toBe('https://login.example.com')
  expect([...(url?.searchParams.keys() ?? [])]).toEqual(['client_id', 'request_uri'])
  const [push] = page.pushes()
  const names = [...(push?.names ?? [])].sort()
  expect(names).toEqual([
    ...['audience', 'client_id', 'code_challenge', 'code_challenge_method', 'max_age', 'nonce'],
    ...['redirect_uri', 'resource', 'resource', 'response_type', 'scope', 'state', 'ui_locales'],
  ])
  await page.auth.handleRedirectCallback({ url: page.answer('alice') })
  expect(await page.auth.isAuthenticated()).toBe(true)
})

// covers spec:par-pushed
test('pushes as a public client, past the cache, and without what asks for a preflight', async () => {
  const page = openPage()
  await page.auth.loginWithRedirect()
  expect(page.sent).toMatchObject([
    { method: 'POST', cache: 'no-store', redirect: 'manual', credentials: 'omit' },
  ])
  const names = [...new Headers(page.sent[0]?.headers).keys()]
  expect(names).toEqual(['accept', 'content-type'])
  expect(page.pushes()[0]?.query).toBe('')
})

// covers spec:par-once
test('each login has a reference of its own', async () => {
  const page = openPage()
  await page.auth.loginWithRedirect()
  await page.auth.loginWithRedirect()
  const references = page.visits.map(({ searchParams }) => searchParams.get('request_uri'))
  expect(new Set(references).size).toBe(2)
  expect(page.pushes()).toHaveLength(2)
})

// covers spec:par-required fault:par-required
test('says what to add where the server takes pushed requests only', async () => {
  const page = createClient({}, { server: createServer(required) })
  const error: unknown = await page.auth.loginWithRedirect().catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'config_invalid', reason: 'par' })
  expect((error as Error).message).toContain(
    'config_invalid, par. Add pushedAuthorizationRequest().',
  )
  expect(page.visits).toEqual([])
})

// covers spec:par-never-front fault:par-no-endpoint
test.each<[string, Fault | undefined]>([
  ['no endpoint', undefined],
  [
    'one that is not https',
    {
      endpoint: 'discovery',
      name: 'metadata',
      set: { pushed_authorization_request_endpoint: 'http://login.example.com/par' },
    },
  ],
])('begins no login where the server has %s', async (_, fault) => {
  const page = fault
    ? openPage({}, {}, fault)
    : openPage({}, { pushedAuthorizationRequests: 'off' })
  await expect(page.auth.loginWithRedirect()).rejects.toMatchObject({
    code: 'discovery_invalid',
    reason: 'pushed_authorization_request_endpoint',
  })
  expect(page.visits).toEqual([])
  expect(page.sent).toEqual([])
})

const par = { endpoint: 'par' } as const

// covers spec:par-never-front fault:par-refused
test.each<[string, Fault, object]>([
  [
    'an invalid_request',
    { ...par, name: 'oauthError', error: 'invalid_request', description: 'no' },
    { code: 'authorization_error', oauthError: 'invalid_request', oauthErrorDescription: 'no' },
  ],
  [
    'an invalid_client',
    { ...par, name: 'oauthError', error: 'invalid_client', status: 401 },
    { code: 'authorization_error', oauthError: 'invalid_client', status: 401 },
  ],
  [
    'a login_required',
    { ...par, name: 'oauthError', error: 'login_required' },
    { code: 'login_required' },
  ],
  [
    'an error that has the status of a success',
    { ...par, name: 'oauthError', error: 'x', status: 201 },
    { code: 'authorization_error' },
  ],
  ['a 500', { ...par, name: 'status', status: 500 }, { code: 'server_error', retryable: true }],
  ['a page', { ...par, name: 'html' }, { code: 'response_invalid', reason: 'status' }],
  ['empty', { ...par, name: 'empty' }, { code: 'response_invalid', reason: 'status' }],
  ['lost', { ...par, name: 'drop' }, { code: 'network_error' }],
  [
    'a redirect',
    { ...par, name: 'redirect', location: 'https://login.example.com/par2' },
    { code: 'server_error', reason: 'redirect' },
  ],
])('leaves no other way where the answer is %s', async (_, fault, error) => {
  const page = openPage({}, {}, fault)
  await expect(page.auth.loginWithRedirect()).rejects.toMatchObject(error)
  expect(page.visits).toEqual([])
})

// covers spec:par-never-front fault:par-refused
test('gives up on an endpoint that does not answer', async () => {
  const page = openPage({ timeoutMs: 1000 }, {}, { ...par, name: 'hang' })
  const leaving = page.auth.loginWithRedirect()
  const outcome = expect(leaving).rejects.toMatchObject({ code: 'timeout' })
  await vi.waitFor(() => expect(page.sent).toHaveLength(1))
  await passTime(1000)
  await outcome
  expect(page.visits).toEqual([])
})

// covers spec:par-answer fault:par-answer
test.each<[string, object, string]>([
  ['no reference', { remove: ['request_uri'] }, 'request_uri'],
  ['an empty reference', { set: { request_uri: '' } }, 'request_uri'],
  ['a reference that is no text', { set: { request_uri: 1 } }, 'request_uri'],
  ['a reference without an end', { set: { request_uri: 'x'.repeat(2001) } }, 'request_uri'],
  ['no life', { remove: ['expires_in'] }, 'expires_in'],
  ['a life of nothing', { set: { expires_in: 0 } }, 'expires_in'],
  ['a negative life', { set: { expires_in: -1 } }, 'expires_in'],
  ['a life in words', { set: { expires_in: 'x' } }, 'expires_in'],
])('refuses an answer with %s', async (_, change, reason) => {
  const page = openPage({}, {}, { ...par, name: 'pushedResponse', ...change })
  await expect(page.auth.loginWithRedirect()).rejects.toMatchObject({
    code: 'response_invalid',
    reason,
  })
  expect(page.visits).toEqual([])
})

// covers spec:par-answer
test('refuses a reference that comes with another status than 201', async () => {
  const body = JSON.stringify({ request_uri: 'urn:x', expires_in: 60 })
  const contentType = 'application/json'
  const page = openPage({}, {}, { ...par, name: 'status', status: 200, body, contentType })
  await expect(page.auth.loginWithRedirect()).rejects.toMatchObject({
    code: 'response_invalid',
    reason: 'status',
  })
})

// covers spec:par-answer fault:par-hostile-reference
test('a reference is a parameter, whatever it looks like', async () => {
  const reference = 'javascript:alert(1)//&state=x#y'
  const set = { request_uri: reference }
  const page = openPage({}, {}, { ...par, name: 'pushedResponse', set })
  await page.auth.loginWithRedirect()
  const [url] = page.visits
  expect(url?.searchParams.get('request_uri')).toBe(reference)
  expect([url?.origin, url?.pathname, url?.hash]).toEqual([
    'https://login.example.com',
    '/authorize',
    '',
  ])
  expect(url?.searchParams.has('state')).toBe(false)
})

test("the query of the server's own address stays where it is", async () => {
  const set = { authorization_endpoint: 'https://login.example.com/authorize?tenant=a' }
  const page = openPage({}, {}, { endpoint: 'discovery', name: 'metadata', set })
  await page.auth.loginWithRedirect()
  expect([...(page.visits[0]?.searchParams.keys() ?? [])]).toEqual([
    'tenant',
    'client_id',
    'request_uri',
  ])
  expect(page.pushes()[0]?.names).not.toContain('tenant')
})

test('a sentence of the server that quotes a secret of the request is left out', async () => {
  const server = createServer()
  const quote: typeof fetch = async (url, init) => {
    if (!String(url).endsWith('/par')) return server.fetch(url, init)
    const form = new URLSearchParams(init?.body as URLSearchParams)
    const body = { error: 'invalid_request', error_description: `nonce ${form.get('nonce')}` }
    const headers = { 'content-type': 'application/json' }
    return new Response(JSON.stringify(body), { status: 400, headers })
  }
  const options = { par: pushedAuthorizationRequest(), fetch: quote }
  const { auth } = createClient(options, { server })
  const error: unknown = await auth.loginWithRedirect().catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'authorization_error' })
  expect(error).not.toHaveProperty('oauthErrorDescription')
})

// covers spec:dpop-code-tied
test('pushes what ties the code to a key', async () => {
  clearKeys()
  const page = openPage({ dpop: dpop() }, required)
  await page.auth.loginWithRedirect()
  expect(page.pushes()[0]?.parameters['dpop_jkt']).toMatch(/^[\w-]{43}$/)
  await page.auth.handleRedirectCallback({ url: page.answer('alice') })
  const details = await page.auth.getTokenSilently({ detailed: true })
  expect(details.tokenType).toBe('DPoP')
})

test('a value that is no function is refused at once', () => {
  expect(() => openPage({ par: {} as ReturnType<typeof pushedAuthorizationRequest> })).toThrow(
    /par/,
  )
})
