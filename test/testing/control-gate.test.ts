import { expect, test } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import {
  authorizationUrl,
  createBrowser,
  createCode,
  createServer,
  issuer,
  postRefresh,
  postToken,
  readBody,
} from './support.ts'

const panel = 'http://localhost:3000'
const hostile = 'https://hostile.example'
const json = { 'content-type': 'application/json' }
const signIn = { method: 'POST', body: JSON.stringify({ op: 'signIn', user: 'alice' }) }

/** What becomes of the operation `signIn` with these headers. */
const post = async (
  headers: Readonly<Record<string, string>>,
  server = createServer({ controlOrigins: [panel] }),
  base = server.issuer,
) => {
  const response = await server.fetch(`${base}/control`, {
    ...signIn,
    headers: new Headers({ ...json, ...headers }),
  })
  const sessions = server.control.sessions().length
  const readableBy = response.headers.get('access-control-allow-origin')
  return { status: response.status, sessions, readableBy, body: await readBody(response) }
}

test.each([
  ['no browser', {}, null],
  ['a page of its own', { origin: issuer, 'sec-fetch-site': 'same-origin' }, null],
  ['a registered origin', { origin: panel, 'sec-fetch-site': 'same-site' }, panel],
])('takes an operation from %s', async (_who, headers, readableBy) => {
  expect(await post(headers)).toMatchObject({ status: 200, sessions: 1, readableBy })
})

test.each([
  ['another origin', { origin: hostile, 'sec-fetch-site': 'cross-site' }],
  ['another origin, in a browser that does not say more', { origin: hostile }],
  ['another port of this machine', { origin: 'http://localhost:5173' }],
  ['a sandboxed page', { origin: 'null' }],
  ['a page that sends no origin', { 'sec-fetch-site': 'cross-site' }],
  ['another port, by a page that sends no origin', { 'sec-fetch-site': 'same-site' }],
  ['a browser, but not its address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'cors' }],
  ['a name that was made to lead here', { host: 'hostile.example:4000' }],
])('refuses an operation from %s', async (_who, headers) => {
  expect(await post(headers)).toMatchObject({ status: 403, sessions: 0, readableBy: null })
})

test.each([
  ['http://localhost:4000', 'http://127.0.0.1:4000', 200],
  ['http://localhost:4000', 'http://[::1]:4000', 200],
  ['http://localhost:4000', 'http://localhost:4001', 403],
  ['http://localhost:4000', 'http://hostile.example:4000', 403],
  ['http://idp.localhost:4000', 'http://localhost:4001', 403],
  // A proxy stands before it.
  ['https://login.example/x', 'http://localhost:4000/x', 200],
  ['https://login.example/x', 'https://login.example/x', 200],
  ['https://login.example/x', 'https://login.example:444/x', 403],
])('the server %s answers at %s with %i', async (name, base, status) => {
  const server = createAuthorizationServer({ issuer: name })
  expect((await post({}, server, base)).status).toBe(status)
  const { origin } = new URL(base)
  const own = await post({ origin, 'sec-fetch-site': 'same-origin' }, server, base)
  expect(own.status).toBe(status)
})

test('believes the address of a request no more than its header', async () => {
  const base = 'http://hostile.example:4000'
  const answered = await post({ host: 'localhost:4000' }, createServer(), base)
  expect(answered.status).toBe(403)
})

test('says how the origin of a page is registered', async () => {
  const { body } = await post({ origin: hostile })
  expect(body.error).toContain(`--control-origin ${hostile}`)
})

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
  'refuses an operation of the type "%s", which a form can send',
  async (type) => {
    const server = createServer({ controlOrigins: [panel] })
    const answered = await post({ 'content-type': type, origin: panel }, server)
    expect(answered).toMatchObject({ status: 415, sessions: 0 })
  },
)

test('takes no other method', async () => {
  const server = createServer()
  const put = { ...signIn, method: 'PUT', headers: json }
  expect((await server.fetch(`${issuer}/control`, put)).status).toBe(405)
  const login = { ...signIn, headers: json }
  expect((await server.fetch(`${issuer}/control/login?user=bob`, login)).status).toBe(405)
  expect(server.control.sessions()).toEqual([])
})

test('refuses a body that is too long', async () => {
  const server = createServer()
  const long = { method: 'POST', body: ' '.repeat(65_537) }
  expect((await server.fetch(`${issuer}/control`, { ...long, headers: json })).status).toBe(413)
  expect((await server.fetch(`${issuer}/token`, long)).status).toBe(413)
  expect(server.control.requests()).toEqual([])
})

test('answers a preflight for a registered origin only', async () => {
  const server = createServer({ controlOrigins: [panel] })
  const ask = (origin: string) =>
    server.fetch(`${issuer}/control`, { method: 'OPTIONS', headers: { origin } })
  const { status, headers } = await ask(panel)
  expect([status, headers.get('vary')]).toEqual([204, 'Origin'])
  expect(headers.get('access-control-allow-origin')).toBe(panel)
  expect(headers.get('access-control-allow-headers')).toBe('Content-Type')
  const refused = await ask(hostile)
  expect(refused.status).toBe(403)
  expect(refused.headers.has('access-control-allow-origin')).toBe(false)
})

test.each([`${panel}/`, 'localhost:3000', 'null'])('takes no controlOrigins of "%s"', (origin) => {
  expect(() => createServer({ controlOrigins: [origin] })).toThrow('controlOrigins')
})

const typed = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }
const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }

test.each(['/control', '/control/login?user=bob'])(
  'opens %s for the address bar, not for a link elsewhere',
  async (path) => {
    const server = createServer()
    expect((await server.fetch(issuer + path, { headers: followed })).status).toBe(403)
    expect(server.control.sessions()).toEqual([])
    expect((await server.fetch(issuer + path, { headers: typed })).status).toBe(200)
  },
)

test.each([
  [`${panel}/anywhere?x=y`, `${panel}/anywhere?x=y`],
  [authorizationUrl(), authorizationUrl()],
  ['/account', `${issuer}/account`],
])('a login link may lead to %s', async (back, location) => {
  const link = `${issuer}/control/login?user=bob&return=${encodeURIComponent(back)}`
  const response = await createServer().fetch(link)
  expect([response.status, response.headers.get('location')]).toEqual([303, location])
})

test.each([
  hostile,
  '//hostile.example',
  '/\\hostile.example',
  'http://localhost:3000@hostile.example/',
  'javascript:alert(1)',
  'com.example.app:/callback',
  'http://localhost:3001/',
  'http://',
])('a login link may not lead to %s', async (back) => {
  const redirectUris = [`${panel}/callback`, 'com.example.app:/callback']
  const server = createServer({ clients: [{ clientId: 'app', redirectUris }] })
  const link = `${issuer}/control/login?user=bob&return=${encodeURIComponent(back)}`
  const response = await server.fetch(link)
  expect(response.status).toBe(400)
  expect(response.headers.has('set-cookie')).toBe(false)
  expect(server.control.sessions()).toEqual([])
})

/** A login, a code, a refresh: all that a request can hold. */
const usedServer = async () => {
  const server = createServer()
  const browser = createBrowser(server)
  await browser.logIn()
  const code = createCode(server, { scope: 'openid offline_access' })
  const tokens = await readBody(await postToken(server, { code }))
  await postRefresh(server, tokens.refresh_token)
  await browser.open(`${issuer}/userinfo`, {
    headers: { authorization: `Bearer ${tokens.access_token}`, referer: `${panel}/?code=${code}` },
  })
  const cookies = [...browser.jar.values()]
  await browser.open(`${issuer}/end-session?id_token_hint=${tokens.id_token}`)
  await server.fetch(`${issuer}/token`, { method: 'POST', body: `{"refresh_token":"${code}"}` })
  const secrets = [
    ...cookies,
    code,
    tokens.refresh_token,
    tokens.access_token,
    tokens.id_token,
    'the-state',
    'the-nonce',
  ]
  return { server, secrets }
}

test('tells no secret of the requests over HTTP', async () => {
  const { server, secrets } = await usedServer()
  const inProcess = JSON.stringify(server.control.requests())
  const op = (name: string) => ({
    method: 'POST',
    headers: json,
    body: JSON.stringify({ op: name }),
  })
  const told = await Promise.all([
    server.fetch(`${issuer}/control`),
    server.fetch(`${issuer}/control`, op('snapshot')),
    server.fetch(`${issuer}/control`, op('requests')),
  ])
  for (const response of told) {
    const text = await response.text()
    for (const secret of secrets) {
      expect(inProcess).toContain(secret)
      expect(text).not.toContain(secret)
    }
    expect(text).toContain('"grant_type":"refresh_token"')
    expect(text).toContain('refresh_token=%28hidden%29')
  }
})

test('forgets the oldest of what there is too much of', async () => {
  const server = createServer()
  const first = createCode(server)
  const refreshed = await readBody(
    await postToken(server, { code: createCode(server, { scope: 'openid offline_access' }) }),
  )
  for (let count = 0; count < 1100; count += 1) createCode(server)
  expect((await postToken(server, { code: first })).status).toBe(400)
  expect(server.control.sessions()).toHaveLength(1000)
  expect((await postRefresh(server, refreshed.refresh_token)).status).toBe(200)
}, 20_000)

test('forgets the oldest sessions too where nothing but the control is used', async () => {
  const server = createServer()
  for (let count = 0; count < 1100; count += 1) server.control.signIn({ user: 'alice' })
  await server.fetch(`${issuer}/control`)
  expect(server.control.sessions()).toHaveLength(1000)
}, 20_000)

test('keeps the newest thousand requests', async () => {
  const server = createServer()
  const numbers = Array.from({ length: 1100 }, (_, index) => index)
  await Promise.all(numbers.map((number) => server.fetch(`${issuer}/userinfo?${number}`)))
  const kept = server.control.requests()
  expect(kept).toHaveLength(1000)
  expect(kept.at(-1)?.query).toBe('?1099')
}, 20_000)

test('keeps fewer requests where they are long', async () => {
  const server = createServer()
  const long = { method: 'POST', body: 'x'.repeat(65_000) }
  for (let count = 0; count < 70; count += 1) await server.fetch(`${issuer}/token`, long)
  const kept = server.control.requests().length
  expect(kept).toBeLessThan(70)
  expect(kept).toBeGreaterThan(1)
}, 20_000)
