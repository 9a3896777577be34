// @vitest-environment happy-dom
// Through the sources: what is looked for in a report is every secret that there was.
import {
  AuthError,
  createAuthClient,
  mergeUserInfo,
  pushedAuthorizationRequest,
  type ClientOptions,
} from 'sotto'
import { dpop } from 'sotto/dpop'
import { debugReport, recordEvents } from 'sotto/explain'
import { createAuthorizationServer, fakeAuth, signedIn } from 'sotto/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { stubLocks } from '../support/flow-client.ts'

const issuer = 'https://login.example.com'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', 'http://localhost:3000/orders?code=secret-code#secret-hash')
  performance.clearMeasures()
  stubLocks()
})

function createClient(options: Partial<ClientOptions> = {}) {
  const given = { issuer, clientId: 'app', redirectUri: '/callback', renewal: [] }
  const auth = createAuthClient({ ...given, ...options }, new Map())
  onTestFinished(() => auth.dispose())
  return auth
}

const measures = () => performance.getEntriesByType('measure')

test('has the options, and of what may be secret or personal only that it is there', () => {
  const auth = createClient({
    scope: 'openid orders',
    audience: 'https://api.example.com',
    redirectUri: '/callback?secret=1',
    authorizationParams: { login_hint: 'alice@example.com', ui_locales: 'de' },
    metadata: 'https://login.example.com/meta?secret=1',
    onLoginRequired: () => {},
    logger: console,
  })
  const { options, sotto, createdAt } = debugReport(auth)
  expect(options).toEqual({
    issuer,
    clientId: 'app',
    scope: 'openid orders',
    audience: 'https://api.example.com',
    resource: [],
    idTokenSignature: 'verify',
    responseMode: 'query',
    clockToleranceSeconds: 30,
    timeoutMs: 10_000,
    redirectUri: '/callback',
    onLoginRequired: 'function',
    metadata: 'https://login.example.com/meta',
    authorizationParams: ['login_hint', 'ui_locales'],
    renewal: [],
    tokenStorage: 'memory',
    transactionStorage: 'sessionStorage',
    given: ['logger'],
  })
  expect(sotto).toMatch(/^\d+\.\d+\.\d+/)
  expect(Date.now() - Date.parse(createdAt)).toBeLessThan(5000)
})

test('names every other option that there is, a misspelled one, too', () => {
  const auth = createClient({
    dpop: dpop(),
    par: pushedAuthorizationRequest(),
    userInfo: mergeUserInfo(),
    jwks: { keys: [] },
    claims: undefined,
    ...{ leewaySecond: 5 },
  })
  const given = ['jwks', 'userInfo', 'par', 'dpop', 'leewaySecond']
  expect([...(debugReport(auth).options['given'] as string[])].sort()).toEqual(given.sort())
})

test('has nothing of the user and of the session’s secrets', async () => {
  const server = createAuthorizationServer({ issuer, signingAlg: 'ES256' })
  const auth = await signedIn(server)
  onTestFinished(() => auth.dispose())
  recordEvents(auth)
  await auth.getTokenSilently({ cacheMode: 'off' })
  const report = debugReport(auth)
  expect(report.session).toMatchObject({ status: 'authenticated', hasRefreshToken: true })
  expect(report.session.tokensExpireInSeconds[0]).toBeGreaterThan(200)
  expect(report.server).toEqual({ isKnown: true, clockOffsetSeconds: 0 })
  expect(report.environment['page']).toBe('http://localhost:3000/orders')
  expect(report.environment).toMatchObject({ hasLocks: true, hasSessionStorage: true })
  const text = JSON.stringify(report)
  const secrets = ['eyJ', 'secret', 'alice', 'Alice', await auth.getTokenSilently()]
  for (const secret of secrets) expect(text).not.toContain(secret)
})

test('has the error of the snapshot without what it carries for the app', async () => {
  const error = new AuthError('config_invalid', { reason: 'auth' })
  expect(() => debugReport(fakeAuth({ error }))).toThrow(/config_invalid/)
  const auth = createClient({ fetch: async () => new Response('', { status: 404 }) })
  await auth.start()
  const { session } = debugReport(auth)
  expect(session.status).toBe('anonymous')
  const failing = createClient({
    renewal: [
      async () => {
        throw new AuthError('discovery_failed', {
          status: 404,
          oauthErrorDescription: 'about alice',
          evidence: { asked: 'https://login.example.com/meta' },
        })
      },
    ],
  })
  await failing.start()
  expect(debugReport(failing).session).toMatchObject({
    status: 'error',
    error: {
      code: 'discovery_failed',
      status: 404,
      evidence: { asked: 'https://login.example.com/meta' },
    },
  })
  expect(JSON.stringify(debugReport(failing))).not.toContain('alice')
})

test('says what is suspected of cookies, and names a product', () => {
  const auth = createClient({ issuer: 'https://acme.eu.auth0.com/' })
  expect(debugReport(auth).server).toMatchObject({ isKnown: false, product: 'Auth0' })
  expect(debugReport(auth).session.cookies).toBe('not_suspected')
  const key = 'sotto:cookies https://acme.eu.auth0.com/ app'
  localStorage.setItem(key, 'suspected')
  expect(debugReport(auth).session.cookies).toBe('suspected_blocked')
  localStorage.setItem(key, 'confirmed')
  expect(debugReport(auth).session.cookies).toBe('confirmed_blocked')
})

test('keeps events with the operation that brought them, how long it took, and a measure of each', async () => {
  const server = createAuthorizationServer({ issuer, signingAlg: 'ES256' })
  const auth = await signedIn(server)
  onTestFinished(() => auth.dispose())
  expect(debugReport(auth).events).toEqual([])
  const stop = recordEvents(auth)
  await auth.getTokenSilently({ cacheMode: 'off' })
  server.control.addFault({ endpoint: 'token', name: 'refreshError', error: 'invalid_grant' })
  await auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
  const { events } = debugReport(auth)
  const first = events.filter(({ operation }) => operation === 'renewal-1')
  expect(first.map(({ type }) => type)).toEqual(['token', 'renewal'])
  expect(first.at(-1)).toMatchObject({ outcome: 'success', strategy: 'refresh_token' })
  expect(first.at(-1)?.durationMs).toBeGreaterThanOrEqual(0)
  expect(
    events.find(({ operation, type }) => operation === 'renewal-2' && type === 'renewal'),
  ).toMatchObject({ outcome: 'failure', code: 'session_expired' })
  expect(measures().map(({ name }) => name)).toEqual(['sotto:renewal', 'sotto:renewal'])
  const [measure] = measures() as PerformanceMeasure[]
  expect(measure?.detail).toMatchObject({ operation: 'renewal-1', outcome: 'success' })
  expect(measure?.duration).toBeGreaterThanOrEqual(0)
  stop()
  const count = debugReport(auth).events.length
  await auth.logout()
  expect(debugReport(auth).events).toHaveLength(count)
})

test('a start is an operation, and the last events are kept', async () => {
  const auth = createClient({ fetch: async () => new Response('', { status: 404 }) })
  recordEvents(auth, { limit: 2 })
  await auth.start()
  const { events } = debugReport(auth)
  expect(events.map(({ type }) => type)).toEqual(['start', 'renewal'])
  expect(events[0]).toMatchObject({
    operation: 'start-1',
    outcome: 'success',
    status: 'anonymous',
  })
  expect(measures().map(({ name }) => name)).toContain('sotto:start')
  await auth.logout()
  // What comes after it is of no operation.
  const last = debugReport(auth).events.at(-1)
  expect(last).toMatchObject({ type: 'warning', code: 'server_session_remains' })
  expect(last).not.toHaveProperty('operation')
})

test('what ended a recording does not end the next one', async () => {
  const auth = createClient({ fetch: async () => new Response('', { status: 404 }) })
  const stop = recordEvents(auth)
  stop()
  recordEvents(auth)
  stop()
  recordEvents(auth)
  await auth.start()
  const { events } = debugReport(auth)
  expect(events.filter(({ type }) => type === 'start')).toHaveLength(1)
})
