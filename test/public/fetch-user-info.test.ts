// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { fetchUserInfo } from 'sotto'
import type { Fault } from 'sotto/testing'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { logInWithRefreshToken } from '../support/refresh-client.ts'
import { answer, logInForUserInfo, type UserInfoPage } from '../support/user-info.ts'

beforeEach(preparePage)

test('tells what the server knows of the user, frozen through and through', async () => {
  const address = { locality: 'Oxford' }
  const set = { address, email_verified: false }
  const { auth } = await logInForUserInfo({ endpoint: 'userinfo', name: 'userinfoResponse', set })
  const info = await fetchUserInfo(auth)
  expect(info).toEqual({
    sub: 'alice',
    name: 'Alice Liddell',
    preferred_username: 'alice',
    email: 'alice@example.com',
    ...set,
  })
  expect([info, info['address']].every(Object.isFrozen)).toBe(true)
})

// covers spec:user-info-header
test('sends the access token in a header and nowhere else, past the cache and without cookies', async () => {
  const { auth, sent, asked } = await logInForUserInfo()
  await fetchUserInfo(auth)
  expect(sent).toMatchObject([
    {
      url: 'https://login.example.com/userinfo',
      init: {
        method: 'GET',
        cache: 'no-store',
        redirect: 'manual',
        credentials: 'omit',
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${await auth.getTokenSilently()}`,
        },
      },
    },
  ])
  expect(asked()).toMatchObject([{ query: '', body: '' }])
})

test('each call is one request, and needs no other', async () => {
  const { auth, server } = await logInForUserInfo()
  server.control.clearRequests()
  await fetchUserInfo(auth)
  await fetchUserInfo(auth)
  expect(server.control.requests().map(({ endpoint }) => endpoint)).toEqual([
    'userinfo',
    'userinfo',
  ])
})

test('asks with the token that it was told to', async () => {
  const { auth, sent } = await logInForUserInfo()
  const options = { audience: 'https://api.example.com', scope: 'openid' }
  // The server does not know that token.
  await fetchUserInfo(auth, options).catch(() => {})
  const token = await auth.getTokenSilently({ ...options, cacheMode: 'cache-only' })
  expect(token).toBeDefined()
  expect(sent.at(-1)?.init?.headers).toMatchObject({ authorization: `Bearer ${token}` })
})

// covers spec:user-info-sub fault:user-info-other-user
test.each([
  ['of another user', { set: { sub: 'mallory' } }],
  ['without a sub', { remove: ['sub'] }],
  ['with an empty sub', { set: { sub: '' } }],
  ['with a sub in a list', { set: { sub: ['alice'] } }],
])('refuses claims %s, and keeps the session as it is', async (_, change) => {
  const { auth } = await logInForUserInfo({
    endpoint: 'userinfo',
    name: 'userinfoResponse',
    ...change,
  })
  const [token, snapshot] = [await auth.getTokenSilently(), auth.getSnapshot()]
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({
    code: 'userinfo_invalid',
    reason: 'sub',
    status: 200,
    retryable: false,
  })
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBe(token)
  expect(auth.getSnapshot()).toBe(snapshot)
})

// covers spec:user-info-sub
test('a sub that only the prototype has is none', async () => {
  const { auth } = await logInForUserInfo(answer('{"email":"mallory@example.com"}'))
  const polluted = Object.prototype as Record<string, unknown>
  polluted['sub'] = 'alice'
  try {
    await expect(fetchUserInfo(auth)).rejects.toMatchObject({ reason: 'sub' })
  } finally {
    delete polluted['sub']
  }
})

// covers spec:user-info-json fault:user-info-no-object
test.each([
  ['content_type', 'a page', answer('<!doctype html><title>Welcome</title>', 'text/html')],
  ['content_type', 'claims as text', answer('{"sub":"alice"}', 'text/plain')],
  [
    'content_type',
    'signed claims',
    answer('eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln', 'application/jwt'),
  ],
  ['content_type', 'nothing', { endpoint: 'userinfo', name: 'empty' }],
  ['status', 'no content', { endpoint: 'userinfo', name: 'noContent' }],
  ['format', 'a list', answer('["alice"]')],
  ['format', 'a text', answer('"alice"')],
  ['format', 'null', answer('null')],
  ['format', 'half an object', answer('{"sub":"alice"')],
] as const)('refuses an answer for its %s: %s', async (reason, _, fault) => {
  const { auth } = await logInForUserInfo(fault)
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({ code: 'userinfo_invalid', reason })
})

// covers fault:user-info-no-object
test('refuses lists that are nested deeper than anybody can look', async () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000)
  const { auth } = await logInForUserInfo(answer(`{"sub":"alice","a":${deep}}`))
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({
    code: 'userinfo_invalid',
    reason: 'format',
  })
})

// covers spec:user-info-claims-apart fault:user-info-pretends
test('claims called iss, aud, exp or __proto__ change neither the session nor a prototype', async () => {
  const { auth } = await logInForUserInfo(
    answer('{"sub":"alice","iss":"evil","aud":"evil","exp":1,"name":"x","__proto__":{"a":1}}'),
  )
  const [user, idToken] = [await auth.getUser(), await auth.getIdToken()]
  const info = await fetchUserInfo(auth)
  expect(Object.getPrototypeOf(info)).toBe(Object.prototype)
  expect(info['a']).toBeUndefined()
  expect(await auth.getUser()).toBe(user)
  expect((await auth.getIdToken())?.claims).toBe(idToken?.claims)
  expect(Object.keys(Object.prototype)).toEqual([])
})

const refused: Fault = { ...answer('{"error":"invalid_token"}', 'application/json', 401), times: 1 }

// covers spec:user-info-renews-once fault:user-info-401
test('after a 401 it gets a new token and asks once more', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault(refused)
  const old = await page.auth.getTokenSilently()
  await passTime(1000)
  expect(await fetchUserInfo(page.auth)).toMatchObject({ sub: 'alice' })
  const tokens = [old, await page.auth.getTokenSilently()]
  expect(new Set(tokens).size).toBe(2)
  const asked = page.server.control.requests({ endpoint: 'userinfo' })
  expect(asked.map(({ headers }) => headers['authorization'])).toEqual(
    tokens.map((token) => `Bearer ${token}`),
  )
  expect(page.refreshes()).toHaveLength(1)
})

// covers spec:user-info-renews-once fault:user-info-401
test('a second 401 is the end of it', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ ...refused, times: 9 })
  await expect(fetchUserInfo(page.auth)).rejects.toMatchObject({
    code: 'userinfo_invalid',
    reason: 'status',
    status: 401,
    oauthError: 'invalid_token',
  })
  expect(page.server.control.requests({ endpoint: 'userinfo' })).toHaveLength(2)
  await expect(fetchUserInfo(page.auth)).rejects.toMatchObject({ status: 401 })
  expect(page.refreshes()).toHaveLength(1)
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

// covers fault:user-info-unreachable
test.each([
  [403, { code: 'userinfo_invalid', reason: 'status', status: 403 }],
  [404, { code: 'userinfo_invalid', reason: 'status', status: 404 }],
  [429, { code: 'server_error', status: 429, retryable: true }],
  [503, { code: 'server_error', status: 503, retryable: true }],
])('a %d is not tried again', async (status, error) => {
  const { auth, asked, renewal } = await logInForUserInfo(answer('', 'text/plain', status))
  await expect(fetchUserInfo(auth)).rejects.toMatchObject(error)
  expect(asked()).toHaveLength(1)
  expect(renewal.requests).toEqual([])
})

// covers spec:user-info-https fault:user-info-unreachable
test('follows no redirect with the token', async () => {
  const location = 'https://evil.example/userinfo'
  const { auth, sent } = await logInForUserInfo({
    endpoint: 'userinfo',
    name: 'redirect',
    location,
  })
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({
    code: 'server_error',
    reason: 'redirect',
  })
  expect(sent.map(({ url }) => url)).toEqual(['https://login.example.com/userinfo'])
})

// covers fault:user-info-unreachable
test('an answer that does not come in time is a timeout', async () => {
  const { auth } = await logInForUserInfo({ endpoint: 'userinfo', name: 'hang' })
  const outcome = expect(fetchUserInfo(auth)).rejects.toMatchObject({ code: 'timeout' })
  await passTime(10_001)
  await outcome
})

// covers spec:user-info-https
test.each([
  undefined,
  '',
  5,
  'http://login.example.com/userinfo',
  'javascript:alert(1)',
  '/userinfo',
  'https://user@login.example.com/userinfo',
])('sends no token to the endpoint %j', async (endpoint) => {
  const server = createServer()
  const set = endpoint === undefined ? {} : { userinfo_endpoint: endpoint }
  const remove = endpoint === undefined ? ['userinfo_endpoint'] : []
  server.control.addFault({ endpoint: 'discovery', name: 'metadata', set, remove })
  const page = createClient({}, { server })
  await page.logIn()
  server.control.clearRequests()
  await expect(fetchUserInfo(page.auth)).rejects.toMatchObject({
    code: 'discovery_invalid',
    reason: 'userinfo_endpoint',
  })
  expect(server.control.requests()).toEqual([])
})

test('rejects as getTokenSilently does, and sends nothing', async () => {
  const { auth, asked } = await logInForUserInfo()
  await auth.logout({ localOnly: true })
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({ code: 'logged_out' })
  auth.dispose()
  await expect(fetchUserInfo(auth)).rejects.toMatchObject({ code: 'disposed' })
  expect(asked()).toEqual([])
})

// covers spec:user-info-session-ended fault:user-info-overtaken
test.each<[string, string, (page: UserInfoPage) => Promise<void>]>([
  ['a logout', 'logged_out', ({ auth }) => auth.logout({ localOnly: true })],
  ['a login as somebody else', 'user_changed', (page) => page.logIn('bob')],
  ['the end of the client', 'disposed', async ({ auth }) => auth.dispose()],
])('claims that %s has overtaken are not given out', async (_, code, overtake) => {
  const page = await logInForUserInfo({ endpoint: 'userinfo', name: 'delay', ms: 1000 })
  const outcome = expect(fetchUserInfo(page.auth)).rejects.toMatchObject({ code })
  await passTime(500)
  expect(page.asked()).toHaveLength(1)
  await overtake(page)
  await passTime(501)
  await outcome
})
