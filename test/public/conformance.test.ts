// The relying party modules of the OpenID conformance suite, each under its own name, against the
// mock server. @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { pendingLoginKeys } from '../support/flow-storage.ts'
import { fetchUserInfo, refreshToken } from 'sotto'
import type { AuthorizationServer } from 'sotto/testing'
import {
  createClient,
  createServer,
  preparePage,
  type TestClient,
  passTime,
} from '../support/flow-client.ts'
import { MODULE_NAMES } from '../support/conformance-module-names.ts'
import { CONFORMANCE_MODULES, type ConformanceCase } from '../support/conformance-modules.ts'

beforeEach(preparePage)

test('the table has every relying party module of the suite, and no other', () => {
  expect(Object.keys(CONFORMANCE_MODULES).sort()).toEqual([...MODULE_NAMES].sort())
})

const cases = Object.entries(CONFORMANCE_MODULES).filter(
  (entry): entry is [string, ConformanceCase] => 'expected' in entry[1],
)

test.each(cases)('%s', async (_name, module) => {
  const { page, asked } = await open(module)
  if (module.refreshFaults) return expectRefresh(page, module)
  if (module.asksUserInfo) return expectUserInfo(page, module)
  expect(await logIn(page)).toBe(module.expected)
  if (module.keys === 'replaceAfterLogin') {
    await page.server.control.rotateKeys({ keepOld: false })
    expect(await logIn(page)).toBe(module.expected)
  }
  if (module.expected !== 'accepted') return expectNothing(page)
  await expectSession(page, module)
  const visited = page.visits.map(({ pathname }) => pathname)
  expect([...asked, ...visited]).toEqual(expect.arrayContaining(Object.values(module.moved ?? {})))
  // No login without the keys: every signature is checked.
  expect(page.server.control.requests({ endpoint: 'jwks' })).not.toEqual([])
  if (module.logsOut) await expectLogout(page)
})

/** A client of a server that behaves as the module says, and the paths that it asked for. */
async function open(
  module: ConformanceCase,
): Promise<{ readonly page: TestClient; readonly asked: string[] }> {
  const users = [{ sub: 'alice', username: 'alice', password: 'alice', claims: CLAIMS }]
  const server = createServer({ users, clients, signingAlg: module.signingAlg ?? 'RS256' })
  const asked: string[] = []
  if (module.keys === 'add') await server.control.rotateKeys()
  for (const fault of module.faults ?? []) server.control.addFault(fault)
  if (module.moved) {
    const moved = Object.entries(module.moved).map(([name, path]) => [name, server.issuer + path])
    const set = Object.fromEntries(moved) as Record<string, string>
    server.control.addFault({ endpoint: 'discovery', name: 'metadata', set })
  }
  const send = module.keys === 'replaceBeforeSigning' ? rotateInFlight(server) : server.fetch
  const fetch: typeof globalThis.fetch = (input, init) => {
    const { pathname } = new URL(String(input))
    asked.push(pathname)
    // What was moved answers where it is now.
    return send(server.issuer + pathname.replace('/elsewhere', ''), init)
  }
  const refreshing = { scope: 'openid profile offline_access', renewal: [refreshToken()] }
  const options = { ...(module.refreshFaults && refreshing), ...module.options }
  return { page: createClient({ fetch, ...options }, { server }), asked }
}

const clients = [
  {
    clientId: 'app',
    redirectUris: ['http://localhost:3000/callback'],
    postLogoutRedirectUris: ['http://localhost:3000/signed-out'],
  },
]
const CLAIMS = { name: 'Alice Liddell', email: 'alice@example.com', phone_number: '+44 1865' }

/** Changes the key after it was published and before it signs. */
function rotateInFlight(server: AuthorizationServer): typeof fetch {
  let published!: () => void
  const keysSent = new Promise<void>((resolve) => (published = resolve))
  return async (url, init) => {
    if (String(url).endsWith('/token')) {
      await keysSent
      await server.control.rotateKeys({ keepOld: false })
    }
    const response = await server.fetch(url, init)
    if (String(url).endsWith('/jwks')) published()
    return response
  }
}

/** `accepted`, or the code and reason of the error. */
async function logIn(page: TestClient): Promise<string> {
  return page.logIn().then(
    () => 'accepted',
    ({ code, reason }: { code: string; reason: string }) => `${code}/${reason}`,
  )
}

async function expectSession(page: TestClient, module: ConformanceCase): Promise<void> {
  const { searchParams } = page.visits.at(-1)!
  expect(searchParams.get('response_type')).toBe('code')
  expect(searchParams.get('nonce')).toMatch(/^[\w-]{43}$/)
  expect(await page.auth.getUser()).toMatchObject({ sub: 'alice' })
  expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toMatch(/^ey/)
  if (module.options?.scope) expect(await page.auth.getUser()).toMatchObject(CLAIMS)
}

async function expectNothing(page: TestClient): Promise<void> {
  expect(await page.auth.isAuthenticated()).toBe(false)
  expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  expect(pendingLoginKeys()).toEqual([])
}

/** Refreshes what a login brought; what is refused leaves the token of the login. */
async function expectRefresh(
  { server, auth, logIn: begin }: TestClient,
  { refreshFaults = [], expected }: ConformanceCase,
): Promise<void> {
  await begin()
  const before = await auth.getTokenSilently()
  for (const fault of refreshFaults) server.control.addFault(fault)
  const outcome = await auth.getTokenSilently({ cacheMode: 'off' }).then(
    () => 'accepted',
    ({ code, reason }: { code: string; reason: string }) => `${code}/${reason}`,
  )
  expect(outcome).toBe(expected)
  const [, request] = server.control.requests({ endpoint: 'token' })
  expect(request?.parameters['grant_type']).toBe('refresh_token')
  expect((await auth.getTokenSilently()) === before).toBe(expected !== 'accepted')
}

/** Asks for claims after a login; what is refused leaves the user of the login. */
async function expectUserInfo(page: TestClient, { expected }: ConformanceCase): Promise<void> {
  const { server, auth } = page
  expect(await logIn(page)).toBe('accepted')
  const outcome = await fetchUserInfo(auth).then(
    (info) => {
      expect(info).toEqual({ sub: 'alice', name: CLAIMS.name, email: CLAIMS.email })
      return 'accepted'
    },
    ({ code, reason }: { code: string; reason: string }) => `${code}/${reason}`,
  )
  expect(outcome).toBe(expected)
  const [request, ...others] = server.control.requests({ endpoint: 'userinfo' })
  expect(request).toMatchObject({ method: 'GET', query: '', body: '' })
  expect(request?.headers['authorization']).toBe(`Bearer ${await auth.getTokenSilently()}`)
  expect(others).toEqual([])
  expect(await auth.getUser()).toMatchObject({ sub: 'alice' })
}

/**
 * Logs out, and comes back as the server says, to a page that knows of no session and asks for
 * none.
 */
async function expectLogout(page: TestClient): Promise<void> {
  const { server, auth, visits } = page
  expect(server.control.sessions()).toHaveLength(1)
  await auth.logout({ postLogoutRedirectUri: '/signed-out' })
  const { href, pathname, searchParams } = visits.at(-1)!
  expect(pathname).toBe('/end-session')
  expect(searchParams.get('state')).toMatch(/^\w+-logout\.[\w-]{43}$/)
  const location = (await server.fetch(href, { redirect: 'manual' })).headers.get('location')
  expect(location).toMatch(/^http:\/\/localhost:3000\/signed-out/)
  expect(server.control.sessions()).toEqual([])
  history.replaceState(null, '', location)
  const next = createClient({}, { server })
  const [snapshot] = await Promise.all([next.auth.start(), passTime(0)])
  expect(snapshot).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(next.renewal.requests).toEqual([])
  expect(window.location.href).not.toContain(searchParams.get('state'))
}
