import { expect, test } from 'vitest'
import {
  authorizationUrl,
  createBrowser,
  createCode,
  createServer,
  issuer,
  postRefresh,
  postToken,
  redirected,
  readBody,
} from './support.ts'

const createPost =
  (server: ReturnType<typeof createServer>) =>
  async (body: unknown, status = 200) => {
    const json = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = { 'content-type': 'application/json' }
    const response = await server.fetch(`${issuer}/control`, {
      method: 'POST',
      body: json,
      headers,
    })
    expect(response.status).toBe(status)
    return readBody(response)
  }

test('records requests with their parameters, origin and destination', async () => {
  const server = createServer({ now: () => 5000 })
  const headers = { origin: 'http://localhost:3000', 'sec-fetch-dest': 'empty' }
  await postToken(server, { code: 'x' }, headers)
  await server.fetch(`${authorizationUrl()}&resource=a&resource=b`)
  const [token, authorize] = server.control.requests()
  expect(token).toMatchObject({
    endpoint: 'token',
    method: 'POST',
    path: '/token',
    query: '',
    origin: 'http://localhost:3000',
    secFetchDest: 'empty',
    time: 5000,
    parameters: { grant_type: 'authorization_code', code: 'x' },
    headers,
  })
  expect(new URLSearchParams(token?.body).get('code')).toBe('x')
  expect(authorize?.names.filter((name) => name === 'resource')).toHaveLength(2)
  expect(authorize?.parameters['resource']).toBe('a')
  server.control.clearRequests()
  expect(server.control.requests()).toEqual([])
})

test('does not record passwords', async () => {
  const server = createServer()
  await createBrowser(server).logIn()
  const [login] = server.control.requests({ endpoint: 'login' })
  expect(login?.parameters['username']).toBe('alice')
  expect(login?.parameters['password']).toBe('(hidden)')
  expect(login?.body).toBe('')
})

test('ends the sessions of one user', async () => {
  const server = createServer()
  server.control.signIn({ user: 'alice' })
  server.control.signIn({ user: 'bob' })
  expect(server.control.endSessions({ user: 'alice' })).toBe(1)
  expect(server.control.sessions()).toMatchObject([{ sub: 'bob' }])
  expect(server.control.endSessions()).toBe(1)
})

test('signs a user in with a cookie', async () => {
  const server = createServer()
  const { cookie, sid } = server.control.signIn({ user: 'bob' })
  const response = await server.fetch(authorizationUrl({ prompt: 'none' }), { headers: { cookie } })
  expect(redirected(response).has('code')).toBe(true)
  expect(server.control.sessions()).toMatchObject([{ sid, sub: 'bob' }])
})

test('revokes refresh tokens', async () => {
  const server = createServer()
  const code = createCode(server, { scope: 'openid offline_access' })
  const { refresh_token: refreshToken } = await readBody(await postToken(server, { code }))
  expect(server.control.revokeRefreshTokens({ user: 'bob' })).toBe(0)
  expect(server.control.revokeRefreshTokens()).toBe(1)
  expect((await postRefresh(server, refreshToken)).status).toBe(400)
})

test('counts refresh tokens that are good, of a user who exists', async () => {
  const server = createServer()
  const code = createCode(server, { scope: 'openid offline_access' })
  const { refresh_token } = await readBody(await postToken(server, { code }))
  await postRefresh(server, refresh_token)
  // One was used, and replaced.
  expect(server.control.revokeRefreshTokens({ user: 'alice' })).toBe(1)
  expect(server.control.revokeRefreshTokens({ user: 'alice' })).toBe(0)
  expect(() => server.control.revokeRefreshTokens({ user: 'carol' })).toThrow(/carol/)
})

test('takes what is undefined for absent, and no number that is none', () => {
  const { control } = createServer()
  expect(control.endSessions({ user: undefined } as object)).toBe(0)
  expect(() => control.advanceClock({ seconds: NaN })).toThrow(/"seconds" to be a number/)
  expect(() => control.endSessions([] as object)).toThrow(/must be an object/)
})

test('answers an authorization request without a browser', () => {
  const { control } = createServer()
  const url = authorizationUrl({ response_mode: 'web_message' })
  expect(control.authorize({ url, user: 'alice' })).toMatchObject({
    messages: [{ type: 'authorization_response', response: { state: 'the-state' } }],
  })
  const failed = control.authorize({ url: authorizationUrl() })
  expect('location' in failed && failed.location).toContain('error=login_required')
  expect(() => control.authorize({ url: authorizationUrl({ client_id: 'x' }) })).toThrow(TypeError)
})

test('waits as long as the latency says', async () => {
  const server = createServer()
  server.control.setLatency({ endpoint: 'jwks', ms: 40 })
  const start = performance.now()
  await server.fetch(`${issuer}/jwks`)
  expect(performance.now() - start).toBeGreaterThanOrEqual(38)
})

test('changes how long things live', async () => {
  const server = createServer()
  server.control.setLives({ accessTokenSeconds: 7 })
  const body = await readBody(await postToken(server, { code: createCode(server) }))
  expect(body.expires_in).toBe(7)
})

test('clears faults by endpoint and by name', () => {
  const { control } = createServer()
  control.addFault({ endpoint: 'jwks', name: 'drop' })
  control.addFault({ endpoint: 'token', name: 'drop' })
  control.addFault({ endpoint: 'token', name: 'hang' })
  control.clearFaults({ endpoint: 'token', name: 'hang' })
  expect(control.snapshot().faults).toHaveLength(2)
  control.clearFaults({ endpoint: 'jwks' })
  expect(control.snapshot().faults).toEqual([{ endpoint: 'token', name: 'drop' }])
  control.clearFaults()
  expect(control.snapshot().faults).toEqual([])
})

test('goes back to the start', async () => {
  const server = createServer({ now: () => 1000 })
  const keys = async () => (await server.fetch(`${issuer}/jwks`)).text()
  const before = await keys()
  await server.control.rotateKeys()
  server.control.signIn({ user: 'alice' })
  server.control.addFault({ endpoint: 'jwks', name: 'drop' })
  server.control.advanceClock({ seconds: 60 })
  server.control.setLives({ codeSeconds: 1 })
  server.control.reset()
  expect(server.control.snapshot()).toMatchObject({
    now: 1000,
    lives: { codeSeconds: 60 },
    faults: [],
    sessions: [],
    requests: [],
  })
  expect(await keys()).toBe(before)
})

test('takes every operation over HTTP', async () => {
  const server = createServer({ now: () => 1000 })
  const post = createPost(server)
  await post({ op: 'addFault', endpoint: 'jwks', name: 'status', status: 500, times: 1 })
  expect((await server.fetch(`${issuer}/jwks`)).status).toBe(500)
  expect((await post({ op: 'requests', endpoint: 'jwks' })).result).toHaveLength(1)
  expect((await post({ op: 'advanceClock', seconds: 1 })).result).toBe(2000)
  expect((await post({ op: 'signIn', user: 'alice' })).result).toHaveProperty('cookie')
  expect((await post({ op: 'rotateKeys', keepOld: false })).result).toEqual(expect.any(String))
  expect((await post({ op: 'reset' })).result).toBeNull()
  const response = await server.fetch(`${issuer}/control`)
  expect((await readBody(response)).result).toEqual(server.control.snapshot())
})

test.each([
  ['JSON that breaks off', '{', 'JSON'],
  ['null', 'null', 'object'],
  ['a misspelled operation', { op: 'adFault' }, 'there is no operation "adFault"'],
  ['an operation that only the prototype has', { op: 'toString' }, 'there is no operation'],
  ['no operation', {}, 'there is no operation'],
  ['an unknown member of reset', { op: 'reset', hard: true }, 'no member "hard"'],
  ['a member that every object has', { op: 'reset', constructor: 1 }, 'no member "constructor"'],
  ['advanceClock without seconds', { op: 'advanceClock' }, 'needs "seconds"'],
  [
    'advanceClock by seconds that are a text',
    { op: 'advanceClock', seconds: '5' },
    '"seconds" to be a number',
  ],
  [
    'setLives of a misspelled life',
    { op: 'setLives', accesTokenSeconds: 5 },
    'no member "accesTokenSeconds"',
  ],
  [
    'setLatency of a misspelled endpoint',
    { op: 'setLatency', endpoint: 'userInfo', ms: 5 },
    '"endpoint" to be one of',
  ],
  ['signIn of an unknown user', { op: 'signIn', user: 'carol' }, 'there is no user "carol"'],
  [
    'addFault of a misspelled fault',
    { op: 'addFault', endpoint: 'token', name: 'dorp' },
    'there is no fault "dorp"',
  ],
  [
    'addFault at a misspelled endpoint',
    { op: 'addFault', endpoint: 'tokens', name: 'drop' },
    '"endpoint" to be one of',
  ],
  [
    'addFault of a fault that another endpoint has',
    { op: 'addFault', endpoint: 'jwks', name: 'metadata' },
    '"endpoint" to be one of',
  ],
  [
    'addFault of a delay without its length',
    { op: 'addFault', endpoint: 'token', name: 'delay' },
    'needs "ms"',
  ],
  [
    'addFault with a misspelled member',
    { op: 'addFault', endpoint: 'token', name: 'drop', time: 1 },
    'no member "time"',
  ],
  [
    'addFault for no times at all',
    { op: 'addFault', endpoint: 'token', name: 'drop', times: 0 },
    'whole number',
  ],
  [
    'addFault of an unknown variant',
    { op: 'addFault', endpoint: 'authorize', name: 'webMessage', variant: 'x' },
    'one of: flat',
  ],
  [
    'addFault of a late message without its delay',
    { op: 'addFault', endpoint: 'authorize', name: 'webMessage', variant: 'late' },
    '"ms"',
  ],
  [
    'clearFaults of a misspelled fault',
    { op: 'clearFaults', name: 'dorp' },
    'there is no fault "dorp"',
  ],
  [
    'endSessions of an unknown user',
    { op: 'endSessions', user: 'carol' },
    'there is no user "carol"',
  ],
])('answers 400 to %s and says why', async (_case, body, message) => {
  const { error } = await createPost(createServer())(body, 400)
  expect(error).toContain(message)
})

test('throws on a misspelled fault in the same process too', () => {
  const { control } = createServer()
  const fault: unknown = { endpoint: 'token', name: 'dorp' }
  expect(() => control.addFault(fault as never)).toThrow('there is no fault "dorp"')
})

test('logs a browser in by a link', async () => {
  const browser = createBrowser(createServer())
  const back = encodeURIComponent(authorizationUrl({ prompt: 'none' }))
  const response = await browser.open(`${issuer}/control/login?user=bob&return=${back}`)
  expect(response.status).toBe(303)
  const answer = await browser.open(response.headers.get('location') ?? '')
  expect(redirected(answer).has('code')).toBe(true)
})

test.each(['user=carol', 'user=bob&retrun=x', 'user=bob&return=https://x.test/', ''])(
  'answers 400 to the login link with "%s"',
  async (query) => {
    const response = await createServer().fetch(`${issuer}/control/login?${query}`)
    expect(response.status).toBe(400)
    expect(response.headers.has('set-cookie')).toBe(false)
  },
)

test('has no control endpoint when it is turned off', async () => {
  const server = createServer({ control: false })
  expect((await server.fetch(`${issuer}/control`)).status).toBe(404)
  expect((await server.fetch(`${issuer}/control/login?user=bob`)).status).toBe(404)
  expect(server.control.sessions()).toEqual([])
})
