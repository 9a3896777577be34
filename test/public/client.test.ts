// @vitest-environment happy-dom
import { inspect } from 'node:util'
import { beforeEach, expect, test, vi } from 'vitest'
import { autoRenew, createAuthClient, settled, type AuthClient, type RenewalStrategy } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createTokenSet } from '../support/flow-tokens.ts'

beforeEach(preparePage)

/** Every method that gives a promise. */
const calls: Record<string, (auth: AuthClient) => Promise<unknown>> = {
  start: (auth) => auth.start(),
  loginWithRedirect: (auth) => auth.loginWithRedirect(),
  handleRedirectCallback: (auth) => auth.handleRedirectCallback(),
  getTokenSilently: (auth) => auth.getTokenSilently(),
  'getTokenSilently cache-only': (auth) => auth.getTokenSilently({ cacheMode: 'cache-only' }),
  getUser: (auth) => auth.getUser(),
  getIdToken: (auth) => auth.getIdToken(),
  isAuthenticated: (auth) => auth.isAuthenticated(),
  logout: (auth) => auth.logout(),
}

test.each(Object.entries(calls))('%s rejects with disposed after dispose', async (_name, call) => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  auth.dispose()
  await expect(call(auth)).rejects.toMatchObject({ code: 'disposed' })
  expect(renewal.requests).toHaveLength(1)
})

test('a call in flight rejects with disposed', async () => {
  const { auth, renewal } = createClient()
  renewal.hold()
  const outcome = expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'disposed' })
  await passTime(1)
  auth.dispose()
  await outcome
})

test('a strategy that does not listen to its signal brings a disposed client nothing', async () => {
  let finish!: () => void
  const deaf: RenewalStrategy = () =>
    new Promise((resolve) => (finish = () => resolve({ tokens: createTokenSet() })))
  const { auth } = createClient({ renewal: [deaf] })
  const outcome = expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'disposed' })
  await passTime(1)
  auth.dispose()
  finish()
  await outcome
  expect(auth.getSnapshot().status).not.toBe('authenticated')
})

test('a login in flight rejects with disposed and does not leave the page', async () => {
  const { auth, server, visits } = createClient()
  server.control.setLatency({ endpoint: 'discovery', ms: 100 })
  const outcome = expect(auth.loginWithRedirect()).rejects.toMatchObject({ code: 'disposed' })
  await passTime(10)
  auth.dispose()
  await passTime(200)
  await outcome
  expect(visits).toEqual([])
})

test('a callback in flight rejects with disposed', async () => {
  const { auth, answer } = createClient()
  await auth.loginWithRedirect()
  const callback = auth.handleRedirectCallback({ url: answer('alice') })
  const outcome = expect(callback).rejects.toMatchObject({ code: 'disposed' })
  auth.dispose()
  await outcome
  expect(auth.getSnapshot().status).not.toBe('authenticated')
})

test('a disposed client tells nobody anything', async () => {
  const { auth } = createClient()
  await auth.getTokenSilently()
  const listener = vi.fn()
  auth.subscribe(listener)
  auth.on('session', listener)
  auth.dispose()
  dispatchEvent(new StorageEvent('storage', { key: 'sotto:epoch https://login.example.com app' }))
  await passTime(1)
  expect(listener).not.toHaveBeenCalled()
})

test('dispose may be called twice, and before anything else', () => {
  const { auth } = createClient()
  auth.dispose()
  expect(() => auth.dispose()).not.toThrow()
})

test('a new client goes on after the old one was disposed', async () => {
  const old = createClient()
  await old.auth.getTokenSilently()
  old.auth.dispose()
  const next = createClient()
  await expect(next.auth.getTokenSilently()).resolves.toBeTypeOf('string')
})

// covers threat:script-in-the-page spec:no-secret-leaves fault:client-as-json
test('shows no token to JSON, to the console or to a clone', async () => {
  const { auth } = createClient()
  const token = await auth.getTokenSilently()
  const idToken = await auth.getIdToken()
  const shown = [
    JSON.stringify(auth),
    JSON.stringify(auth.getSnapshot()),
    inspect(auth, { depth: Infinity, showHidden: true }),
    inspect(auth.getSnapshot(), { depth: Infinity, showHidden: true }),
  ]
  for (const text of shown) {
    expect(text).not.toContain(token)
    expect(text).not.toContain(idToken!.token)
  }
  expect(() => structuredClone(auth)).toThrow()
})

// covers spec:no-secret-leaves fault:logger
test('tells its logger every event, and no token, code, verifier, nonce or state', async () => {
  const logger = { debug: vi.fn(), warn: vi.fn() }
  const { auth, logIn, renewal, visits, server } = createClient({ logger })
  await logIn('alice', { scope: 'openid' })
  renewal.answers.push({ scope: 'openid' })
  const token = await auth.getTokenSilently({ scope: 'orders' })
  const [{ parameters } = { parameters: {} }] = server.control.requests({ endpoint: 'token' })
  const { searchParams } = visits[0]!
  const secrets = [
    token,
    (await auth.getIdToken())!.token,
    ...['state', 'nonce'].map((name) => searchParams.get(name)!),
    ...Object.entries(parameters).flatMap(([name, value]) =>
      /^(code|code_verifier)$/.test(name) ? [String(value)] : [],
    ),
  ]
  expect(secrets).toHaveLength(6)
  const said = inspect([logger.debug.mock.calls, logger.warn.mock.calls], { depth: Infinity })
  expect(said).toContain('sotto: token')
  expect(said).toContain('sotto: renewal')
  expect(said).toContain('sotto: session')
  expect(said).toContain('Sotto: scope_narrowed')
  for (const secret of secrets) expect(said).not.toContain(secret)
})

/** What would be reported as an uncaught error. */
function catchReported(): unknown[] {
  const reported: unknown[] = []
  const report = (error: unknown): number => reported.push(error)
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => {
    try {
      callback()
    } catch (thrown) {
      report(thrown)
    }
  })
  return reported
}

test('a listener that throws stops neither the others nor the call', async () => {
  const reported = catchReported()
  const { auth } = createClient()
  const error = new Error('a bug of the app')
  const other = vi.fn()
  auth.on('token', () => {
    throw error
  })
  auth.on('token', other)
  await expect(auth.getTokenSilently()).resolves.toBeTypeOf('string')
  expect(other).toHaveBeenCalledOnce()
  expect(reported).toEqual([error])
})

test('a client is an object of functions that need no this', async () => {
  const { auth } = createClient()
  const { getTokenSilently, getSnapshot } = auth
  await getTokenSilently()
  expect(getSnapshot().status).toBe('authenticated')
})

test('functions that take a client take the proxy of one that a store of a framework hands out', async () => {
  const { auth } = createClient()
  const proxy = new Proxy(auth, {})
  expect(() => autoRenew(proxy)()).not.toThrow()
  auth.dispose()
  await expect(settled(proxy)).resolves.toMatchObject({ error: { code: 'disposed' } })
})

test.each([
  ['issuer', { issuer: 'http://login.example.com' }],
  ['clientId', { clientId: '' }],
  ['redirectUri', { redirectUri: '' }],
])('creation refuses a wrong %s by its name', (reason, wrong) => {
  const right = { issuer: 'https://login.example.com', clientId: 'app', redirectUri: '/callback' }
  expect(() => createAuthClient({ ...right, ...wrong })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason }),
  )
})
