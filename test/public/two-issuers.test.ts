// @vitest-environment happy-dom
// Two issuers on one page. The hostile one has chosen its client ID so that its tag in `state` is
// that of the honest client.
import { beforeEach, expect, test } from 'vitest'
import { fetchUserInfo, type AuthClient, type ClientOptions, type Page } from 'sotto'
import type { AuthorizationServer } from 'sotto/testing'
import { findCollidingClientId, tagOf } from '../../e2e/support/colliding-client-id.ts'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  type TestClient,
} from '../support/flow-client.ts'
import { clientId, createRenewal, issuer, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const rogueIssuer = 'https://login.evil.example'
const rogueId = findCollidingClientId(rogueIssuer, { issuer, clientId })
const REDIRECT_URI = 'http://localhost:3000/callback'
/** For mix-up: a redirect URI for each issuer. */
const APART = { redirectUri: '/rogue/callback' }

/** Nobody has a session here but by the login of a test. */
const nobody = () => createRenewal(...Array.from({ length: 9 }, loginRequired))

function createHonestServer(): AuthorizationServer {
  return createServer()
}

function createRogueServer(): AuthorizationServer {
  const redirectUris = [REDIRECT_URI, 'http://localhost:3000/rogue/callback']
  const server = createServer({
    issuer: rogueIssuer,
    clients: [{ clientId: rogueId, redirectUris }],
  })
  // No attacker promises to be told from others.
  forgetIssPromise(server)
  return server
}

function forgetIssPromise({ control }: AuthorizationServer): void {
  const remove = ['authorization_response_iss_parameter_supported']
  control.addFault({ endpoint: 'discovery', name: 'metadata', remove })
}

function leaveOutIss(server: AuthorizationServer): void {
  forgetIssPromise(server)
  const remove = ['iss']
  server.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', remove })
}

const createHonest = (
  server = createHonestServer(),
  options: Partial<ClientOptions> = {},
  page: Page = new Map(),
) => createClient(options, { server, renewal: nobody(), page })

const createRogue = (
  server = createRogueServer(),
  options: Partial<ClientOptions> = {},
  page: Page = new Map(),
) =>
  createClient(
    { issuer: rogueIssuer, clientId: rogueId, ...options },
    { server, renewal: nobody(), page },
  )

/** Shows an address in the page, as after a redirect. */
const arrive = (address: string): void => history.replaceState(null, '', address)

const settle = (work: Promise<unknown>): Promise<unknown> => work.catch(() => {})

const tokenRequests = ({ server }: TestClient) => server.control.requests({ endpoint: 'token' })

const issuerOf = async (auth: AuthClient) => (await auth.getIdToken())?.claims.iss

test('the tags collide', async () => {
  const [honest, rogue] = [createHonest(), createRogue()]
  await honest.auth.loginWithRedirect()
  await rogue.auth.loginWithRedirect()
  const tags = [honest, rogue].map(({ visits }) =>
    visits[0]?.searchParams.get('state')?.split('.').at(0),
  )
  const tag = tagOf({ issuer, clientId })
  expect(tags).toEqual([tag, tag])
})

for (const method of ['start', 'handleRedirectCallback'] as const)
  for (const names of [
    ['honest', 'rogue'],
    ['rogue', 'honest'],
    ['rogue', 'rogue', 'honest', 'honest'],
    ['honest', 'rogue', 'honest', 'rogue'],
  ] as const)
    test(`signs the honest clients in and no other when ${names.join(', ')} call ${method}`, async () => {
      const [server, rogueServer] = [createHonestServer(), createRogueServer()]
      const login = createHonest(server)
      await login.auth.loginWithRedirect()
      arrive(login.answer('alice'))
      const page: Page = new Map()
      const clients = names.map((name) =>
        name === 'honest' ? createHonest(server, {}, page) : createRogue(rogueServer, {}, page),
      )
      await Promise.all(clients.map(({ auth }) => settle(auth[method]())))
      const issuers = await Promise.all(clients.map(({ auth }) => issuerOf(auth)))
      expect(issuers).toEqual(names.map((name) => (name === 'honest' ? issuer : undefined)))
    })

test.each(['start', 'handleRedirectCallback'] as const)(
  '%s of the hostile client sends nothing of an honest callback to its server',
  async (method) => {
    const [honest, rogue] = [createHonest(), createRogue()]
    await honest.auth.loginWithRedirect()
    arrive(honest.answer('alice'))
    await settle(rogue.auth[method]())
    await settle(honest.auth[method]())
    await settle(rogue.auth[method]())
    await settle(fetchUserInfo(rogue.auth))
    const seen = rogue.server.control.requests().map(({ endpoint }) => endpoint)
    expect(seen.filter((endpoint) => endpoint !== 'discovery')).toEqual([])
  },
)

test.each(['start', 'handleRedirectCallback'] as const)(
  '%s of the hostile client leaves the address of an honest callback alone',
  async (method) => {
    const [honest, rogue] = [createHonest(), createRogue()]
    await honest.auth.loginWithRedirect()
    const callback = honest.answer('alice')
    arrive(callback)
    await settle(rogue.auth[method]())
    expect(location.href).toBe(callback)
  },
)

test('an honest login is finished after the hostile client was handed its address', async () => {
  const [honest, rogue] = [createHonest(), createRogue()]
  await honest.auth.loginWithRedirect({ appState: 'mine' })
  const url = honest.answer('alice')
  await expect(rogue.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'state_unknown',
  })
  expect(await honest.auth.handleRedirectCallback({ url })).toMatchObject({
    appState: 'mine',
    user: { sub: 'alice' },
  })
})

test('the hostile client gets nothing of an honest callback that is finished', async () => {
  const [honest, rogue] = [createHonest(), createRogue()]
  await honest.auth.loginWithRedirect()
  const url = honest.answer('alice')
  await honest.auth.handleRedirectCallback({ url })
  await expect(rogue.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'state_unknown',
  })
})

test.each([
  ['honest', 'rogue'],
  ['rogue', 'honest'],
] as const)(
  'a login at the hostile issuer signs nobody in at the honest one when %s starts before %s',
  async (...order) => {
    const clients = { honest: createHonest(), rogue: createRogue() }
    await clients.rogue.auth.loginWithRedirect()
    arrive(clients.rogue.answer('alice'))
    for (const name of order) await clients[name].auth.start()
    expect(await issuerOf(clients.honest.auth)).toBeUndefined()
    expect(await issuerOf(clients.rogue.auth)).toBe(rogueIssuer)
  },
)

/**
 * Begins a login at the hostile issuer; the address to which the honest server brings its user
 * back, after having been led on to.
 */
async function mixUp(honest: TestClient, rogue: TestClient): Promise<string> {
  await rogue.auth.loginWithRedirect()
  const asked = Object.fromEntries(rogue.visits[0]!.searchParams)
  const query = new URLSearchParams({ ...asked, client_id: clientId, redirect_uri: REDIRECT_URI })
  const url = `${issuer}/authorize?${query}`
  const outcome = honest.server.control.authorize({ url, user: 'alice' })
  if (!('location' in outcome)) throw new Error('no redirect')
  return outcome.location
}

test('a code of the honest server never reaches the hostile one that has led on to it', async () => {
  const [honest, rogue] = [createHonest(), createRogue(undefined, APART)]
  leaveOutIss(honest.server)
  const url = await mixUp(honest, rogue)
  expect(new URL(url).searchParams.get('code')).toBeTruthy()
  await expect(rogue.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'issuer_mismatch',
    reason: 'redirect_uri',
  })
  expect(tokenRequests(rogue)).toEqual([])
})

test('a code that names the honest issuer never reaches the hostile one', async () => {
  const [honest, rogue] = [createHonest(), createRogue()]
  const url = await mixUp(honest, rogue)
  await expect(rogue.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'issuer_mismatch',
  })
  expect(tokenRequests(rogue)).toEqual([])
})

test('with requireIss one redirect URI for both is enough to tell a mix-up', async () => {
  const requireIss = true
  const [honest, rogue] = [createHonest(), createRogue(undefined, { requireIss })]
  leaveOutIss(honest.server)
  const url = await mixUp(honest, rogue)
  await expect(rogue.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
    code: 'issuer_mismatch',
  })
  expect(tokenRequests(rogue)).toEqual([])
})

test.each(['alice', undefined])(
  'requireIss refuses an answer without iss, with %s logged in',
  async (user) => {
    const honest = createHonest(undefined, { requireIss: true })
    leaveOutIss(honest.server)
    const authorizationParams = user === undefined ? { prompt: 'none' } : {}
    await honest.auth.loginWithRedirect({ authorizationParams })
    const url = honest.answer(user)
    await expect(honest.auth.handleRedirectCallback({ url })).rejects.toMatchObject({
      code: 'issuer_mismatch',
    })
    expect(tokenRequests(honest)).toEqual([])
  },
)

test.each([
  ['/callback', '/callback'],
  ['/callback', '/callback/'],
  ['/callback.html', '/callback'],
  ['/callback/index.html', '/callback/'],
  ['/callback?client=one', '/callback?client=one'],
])('without iss a login for %s may be answered at %s', async (redirectUri, arrivedAt) => {
  const server = createServer({
    clients: [{ clientId, redirectUris: [`http://localhost:3000${redirectUri}`] }],
  })
  leaveOutIss(server)
  const honest = createHonest(server, { redirectUri })
  await honest.auth.loginWithRedirect()
  const answered = new URL(honest.answer('alice'))
  const url = new URL(arrivedAt, answered)
  for (const [name, value] of answered.searchParams) url.searchParams.set(name, value)
  const { user } = await honest.auth.handleRedirectCallback({ url: url.href })
  expect(user.sub).toBe('alice')
})

test.each([
  ['/callback', '/callback2'],
  ['/callback', '/rogue/callback'],
  ['/callback?client=one', '/callback?client=two'],
  ['/callback?client=one', '/callback'],
  ['/callback', 'https://app.example/callback'],
])('without iss a login for %s may not be answered at %s', async (redirectUri, arrivedAt) => {
  const server = createServer({
    clients: [{ clientId, redirectUris: [`http://localhost:3000${redirectUri}`] }],
  })
  leaveOutIss(server)
  const honest = createHonest(server, { redirectUri })
  await honest.auth.loginWithRedirect()
  const answered = new URL(honest.answer('alice'))
  const url = new URL(arrivedAt, answered)
  for (const name of ['code', 'state'])
    url.searchParams.set(name, answered.searchParams.get(name) ?? '')
  await expect(honest.auth.handleRedirectCallback({ url: url.href })).rejects.toMatchObject({
    code: 'issuer_mismatch',
    reason: 'redirect_uri',
  })
  expect(tokenRequests(honest)).toEqual([])
})

test('a second client gets nothing of a callback that was finished two hours ago', async () => {
  const honest = createHonest()
  await honest.auth.loginWithRedirect()
  arrive(honest.answer('alice'))
  await honest.auth.handleRedirectCallback()
  await passTime(7_200_000)
  const late = createHonest(honest.server)
  await expect(late.auth.handleRedirectCallback()).rejects.toMatchObject({ code: 'state_unknown' })
})

test('a second client that starts two hours after a callback has a token of its own', async () => {
  const honest = createHonest()
  await honest.auth.loginWithRedirect()
  arrive(honest.answer('alice'))
  await honest.auth.handleRedirectCallback()
  const old = await honest.auth.getTokenSilently()
  await passTime(7_200_000)
  const late = createClient({}, { server: honest.server })
  await late.auth.start()
  const token = await late.auth.getTokenSilently({ detailed: true })
  expect(token.accessToken).not.toBe(old)
  expect(late.renewal.requests).toHaveLength(1)
})
