// @vitest-environment happy-dom
// One session for all clients of a page with the same issuer and client ID.
import { beforeEach, expect, test } from 'vitest'
import { memoryStorage, refreshToken, type Page } from 'sotto'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  type TestOptions,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const

/** Two clients of one page and one configuration. */
function createTwo(options: TestOptions = {}) {
  const page: Page = new Map()
  const [server, renewal] = [createServer(), createRenewal()]
  const open = (more: TestOptions = {}) =>
    createClient({ ...options, ...more }, { server, renewal, page })
  return { page, server, renewal, open, one: open(), other: open() }
}

// covers fault:two-clients
test('they have one login, one cache and one renewal', async () => {
  const { one, other, renewal, server } = createTwo()
  await one.logIn()
  expect(other.auth.getSnapshot()).toBe(one.auth.getSnapshot())
  expect(await other.auth.getTokenSilently()).toBe(await one.auth.getTokenSilently())
  await Promise.all([one.auth.getTokenSilently(off), other.auth.getTokenSilently(off)])
  expect(renewal.requests).toHaveLength(1)
  expect(server.control.requests({ endpoint: 'discovery' })).toHaveLength(1)
})

test('options that are no JSON keep neither from working', async () => {
  const { one, other } = createTwo({ jwks: { keys: [{ kid: 1n }] } as never })
  for (const { auth } of [one, other])
    expect((await auth.start()).status).toMatch(/authenticated|anonymous/)
})

test('they have one logout', async () => {
  const { one, other } = createTwo()
  await one.logIn()
  await other.auth.logout({ localOnly: true })
  expect(one.auth.getSnapshot()).toMatchObject({ status: 'anonymous' })
  await expect(one.auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
})

test('each hears the events of both, and one that is disposed of hears none', async () => {
  const { one, other } = createTwo()
  const heard: string[] = []
  one.auth.on('token', () => heard.push('one'))
  other.auth.on('token', () => heard.push('other'))
  await one.logIn()
  expect(heard.sort()).toEqual(['one', 'other'])
  one.auth.dispose()
  await other.auth.getTokenSilently(off)
  expect(heard.sort()).toEqual(['one', 'other', 'other'])
})

test('each keeps its own scope, and what it chose for a login', async () => {
  const { one, open, renewal } = createTwo()
  const wide = open({ scope: 'openid orders' })
  await one.logIn()
  await wide.auth.getTokenSilently()
  await one.auth.getTokenSilently()
  expect(renewal.requests.map(({ scope }) => scope)).toEqual(['openid orders'])
})

test('a client of another page, another issuer or another client ID has a session of its own', async () => {
  const { one, page, server } = createTwo()
  await one.logIn()
  const elsewhere = createClient({}, { server })
  const others = [{ clientId: 'app2' }, { issuer: 'https://other.example.com' }]
  const apart = others.map((options) => createClient(options, { page, server }))
  for (const { auth } of [elsewhere, ...apart]) expect(await auth.isAuthenticated()).toBe(false)
})

test('the session lives until the last client is disposed of, and no longer', async () => {
  const { one, other, page, open } = createTwo()
  await one.logIn()
  await passTime(5001)
  one.auth.dispose()
  expect(await other.auth.isAuthenticated()).toBe(true)
  expect(page.size).toBe(1)
  other.auth.dispose()
  await passTime(5000)
  expect(page.size).toBe(0)
  expect(open().auth.getSnapshot()).toEqual({ status: 'loading' })
})

test('disposing twice, or of an old client after a new one came, takes nothing away', async () => {
  const { one, other, open, page } = createTwo()
  one.auth.dispose()
  other.auth.dispose()
  const next = open()
  one.auth.dispose()
  other.auth.dispose()
  await next.logIn()
  expect(page.size).toBe(1)
  expect(await open().auth.isAuthenticated()).toBe(true)
})

test('the call of a client that is disposed of ends; that of another goes on', async () => {
  const { one, other, renewal } = createTwo()
  await one.logIn()
  const release = renewal.hold()
  const [ended, kept] = [one.auth.getTokenSilently(off), other.auth.getTokenSilently(off)]
  const outcome = expect(ended).rejects.toMatchObject({ code: 'disposed' })
  await passTime(0)
  one.auth.dispose()
  release()
  await outcome
  expect(await kept).toBeTypeOf('string')
  expect(renewal.requests).toHaveLength(1)
})

// covers fault:two-clients
test.each([
  ['just after', 4999, 'authenticated'],
  ['some seconds after', 5001, 'anonymous'],
])(
  'a client that is made anew %s a callback, at the same page, begins as it ended',
  async (_when, ms, status) => {
    const { one, other, open, server, renewal } = createTwo()
    other.auth.dispose()
    await one.auth.loginWithRedirect()
    history.replaceState(null, '', one.answer('alice'))
    await one.auth.start()
    one.auth.dispose()
    renewal.answers.push({ notPossible: 'no' })
    history.replaceState(null, '', '/callback')
    await passTime(ms)
    const { auth } = open()
    // The page that the response was taken out of.
    await auth.start()
    expect(auth.getSnapshot().status === 'authenticated').toBe(status === 'authenticated')
    expect(server.control.requests({ endpoint: 'token' })).toHaveLength(1)
  },
)

test.each<[string, TestOptions]>([
  ['tokenStorage', { tokenStorage: createSharedStorage() }],
  ['renewal', { renewal: [refreshToken()] }],
])('a later client with another %s is warned, and has the first one’s', async (reason, more) => {
  const { one, open, renewal } = createTwo()
  const later = open(more)
  await one.logIn()
  expect(await later.auth.getTokenSilently(off)).toBeTypeOf('string')
  expect(later.warnings).toEqual([{ code: 'config_invalid', reason }])
  expect(one.warnings).toEqual([])
  expect(renewal.requests).toHaveLength(1)
})

test('a later client with a storage and strategies of the same kind is not', async () => {
  const { one, open } = createTwo({ tokenStorage: memoryStorage() })
  const later = open({ tokenStorage: memoryStorage(), renewal: [createRenewal().strategy] })
  await one.logIn()
  await later.auth.getTokenSilently()
  expect(later.warnings).toEqual([])
})

const shared = { code: 'issuer_mismatch', reason: 'redirect_uri' }

/** Two clients of one page for two issuers. */
async function createForTwoIssuers(options: TestOptions = {}, promise = false) {
  const page: Page = new Map()
  const second = 'https://other.example.com'
  const servers = [createServer(), createServer({ issuer: second })]
  if (!promise)
    for (const { control } of servers)
      control.addFault({
        endpoint: 'discovery',
        name: 'metadata',
        remove: ['authorization_response_iss_parameter_supported'],
      })
  const one = createClient({}, { server: servers[0]!, page })
  const other = createClient({ issuer: second, ...options }, { server: servers[1]!, page })
  for (const { auth } of [one, other]) await auth.loginWithRedirect()
  return [...one.warnings, ...other.warnings]
}

// covers threat:mix-up
test('two issuers with one redirect URI are warned of, unless both name themselves', async () => {
  expect(await createForTwoIssuers()).toEqual([shared])
  expect(await createForTwoIssuers({ redirectUri: '/callback/' })).toEqual([shared])
  expect(await createForTwoIssuers({ redirectUri: '/other' })).toEqual([])
  expect(await createForTwoIssuers({}, true)).toEqual([])
})
