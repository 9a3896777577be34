import { expect, onTestFinished, test, vi } from 'vitest'
import { createEchoApi } from '../../src/testing/cli/echo-api.ts'
import { createCode, createServer, issuer, postToken, readBody } from './support.ts'

const url = 'http://localhost:4001'
const app = 'http://localhost:3000'

const setUp = async (changes: Readonly<Record<string, string>> = {}, name = issuer) => {
  const server = createServer({ issuer: name, accessTokenSeconds: 60 })
  const { access_token: token } = await readBody(
    await postToken(server, { code: createCode(server, changes) }),
  )
  const api = createEchoApi(server, { url, origins: [app] })
  const ask = async (authorization: string | undefined, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (authorization !== undefined) headers.set('authorization', authorization)
    const answer = await api.exchange(new Request(`${url}/orders?x=1`, { ...init, headers }))
    if (!(answer instanceof Response)) throw new Error('no answer')
    return answer
  }
  return { server, token, ask }
}

test.each([
  ['without an audience', {}],
  ['with an audience', { audience: url }],
  ['with a resource', { resource: `${url}/` }],
])(
  'echoes a request with the claims of its token, which was asked for %s',
  async (_case, changes) => {
    const { token, ask } = await setUp(changes)
    const init = { method: 'POST', body: 'hello', headers: { origin: app } }
    const response = await ask(`Bearer ${token}`, init)
    expect(response.headers.get('access-control-allow-origin')).toBe(app)
    expect(await response.json()).toMatchObject({
      method: 'POST',
      path: '/orders',
      query: '?x=1',
      body: 'hello',
      token: { sub: 'alice', client_id: 'app' },
    })
  },
)

const refusal = async (response: Response) => {
  expect(response.status).toBe(401)
  const { error } = await readBody(response)
  return [response.headers.get('www-authenticate'), error] as const
}

test('asks for a token where there is none', async () => {
  const { ask } = await setUp()
  expect(await refusal(await ask(undefined))).toEqual(['Bearer', 'there is no access token'])
})

// Any login satisfies the first of them, which an access token says then.
test.each([
  ['', undefined],
  ['?acr_values=1', undefined],
  ['?acr_values=2%201&max_age=60', undefined],
  ['?acr_values=2', 'acr_values="2"'],
  ['?max_age=10', 'max_age="10"'],
  ['?acr_values=2"x&max_age=10', 'acr_values="2x", max_age="10"'],
])('asks for another authentication of the user as %s says', async (query, wanted) => {
  const { server, token } = await setUp()
  server.control.advanceClock({ seconds: 20 })
  const api = createEchoApi(server, { url, origins: [app] })
  const headers = { authorization: `Bearer ${token}` }
  const answer = await api.exchange(new Request(`${url}/pay${query}`, { headers }))
  if (!(answer instanceof Response)) throw new Error('no answer')
  const challenge = wanted && `Bearer error="insufficient_user_authentication", ${wanted}`
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual(
    challenge ? [401, challenge] : [200, null],
  )
})

const forged = (token: string, changes: object) => {
  const [header, payload = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const changed = Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url')
  return [header, changed, signature].join('.')
}

test('refuses what is no good token, and says why', async () => {
  // A second must not pass by itself.
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const { server, token, ask } = await setUp()
  const invalid = 'Bearer error="invalid_token"'
  const expectRefusal = async (bad: string, reason: string) =>
    expect(await refusal(await ask(`Bearer ${bad}`))).toEqual([
      invalid,
      expect.stringContaining(reason),
    ])
  const { id_token: idToken } = await readBody(
    await postToken(server, { code: createCode(server) }),
  )
  await expectRefusal('opaque', 'not a JWT')
  await expectRefusal(idToken, 'typ')
  await expectRefusal(forged(token, { sub: 'mallory' }), 'signature')
  server.control.advanceClock({ seconds: 59 })
  expect((await ask(`Bearer ${token}`)).status).toBe(200)
  server.control.advanceClock({ seconds: 1 })
  await expectRefusal(token, 'exp')
  await server.control.rotateKeys({ keepOld: false })
  await expectRefusal(token, 'kid')
})

test('refuses a token for another API, and one of another server', async () => {
  const other = await setUp({ audience: 'https://other.example' })
  expect((await refusal(await other.ask(`Bearer ${other.token}`)))[1]).toContain('aud')
  const here = await setUp()
  // Servers of one issuer share their first key; this one only says that it is another.
  const issuedBy = createEchoApi(
    { ...here.server, issuer: `${issuer}/`, fetch: here.server.fetch },
    { url, origins: [] },
  )
  const headers = { authorization: `Bearer ${here.token}` }
  const answer = await issuedBy.exchange(new Request(url, { headers }))
  if (!(answer instanceof Response)) throw new Error('no answer')
  expect((await refusal(answer))[1]).toContain('iss')
})

test('answers the preflight of an app, and of nobody else', async () => {
  const { ask } = await setUp()
  const preflight = (origin: string) =>
    ask(undefined, { method: 'OPTIONS', headers: { origin } }).then(({ headers }) =>
      headers.get('access-control-allow-headers'),
    )
  expect(await preflight(app)).toContain('Authorization')
  expect(await preflight('https://hostile.example')).toBeNull()
})
