// @vitest-environment happy-dom
import {
  assert,
  asyncProperty,
  array,
  constantFrom,
  integer,
  oneof,
  record,
  constant,
} from 'fast-check'
import type { AuthorizationServer } from 'sotto/testing'
import { AuthError, autoRenew, type AuthErrorCode, type RenewalStrategy } from 'sotto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  type TestClient,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createTokenSet } from '../support/flow-tokens.ts'
import { membersOf } from '../support/snapshot-members.ts'

const FAULTS = [
  'network_error',
  'timeout',
  'server_error',
  'silent_timeout',
  'silent_blocked',
] as const
const AUDIENCES = ['', 'https://billing.example.com'] as const
const LIVES = [3, 60, 300, 3600] as const
const MAX_TABS = 3

/** What can happen to an app: to its tabs, its user, its server, its network and its clocks. */
const event = oneof(
  record({
    type: constant('getToken' as const),
    tab: integer({ min: 0, max: MAX_TABS - 1 }),
    audience: constantFrom(...AUDIENCES),
    cacheMode: constantFrom('on' as const, 'off' as const, 'cache-only' as const),
  }),
  record({ type: constant('openTab' as const), autoRenews: constantFrom(true, false) }),
  record({
    type: constantFrom('closeTab' as const, 'logOut' as const),
    tab: integer({ min: 0, max: MAX_TABS - 1 }),
  }),
  record({
    type: constant('logIn' as const),
    tab: integer({ min: 0, max: MAX_TABS - 1 }),
    user: constantFrom('alice', 'bob'),
  }),
  record({
    type: constant('pass' as const),
    ms: constantFrom(100, 5000, 70_000, 400_000, 1_000_000),
  }),
  record({ type: constant('sleep' as const), ms: constantFrom(10_000, 600_000, 28_800_000) }),
  record({
    type: constant('setClock' as const),
    ms: constantFrom(-86_400_000, -90_000, 90_000, 86_400_000),
  }),
  record({ type: constant('network' as const), fault: constantFrom(undefined, ...FAULTS) }),
  record({ type: constant('serverUser' as const), user: constantFrom(undefined, 'alice', 'bob') }),
  record({ type: constant('serverLives' as const), seconds: constantFrom(...LIVES) }),
)
type Event = typeof event extends { generate(...args: never[]): { value: infer Value } }
  ? Value
  : never

interface Tab extends TestClient {
  /** Whom it has shown, since a person last decided. */
  sub: string | undefined
}

/** A browser with some tabs, and a server whose session a silent renewal asks. */
function createWorld(server: AuthorizationServer) {
  preparePage()
  const tokenStorage = createSharedStorage()
  const tabs: Tab[] = []
  const world = {
    tabs,
    serverUser: undefined as string | undefined,
    fault: undefined as AuthErrorCode | undefined,
    lifeSeconds: 300,
    isLoggedOut: false,
    /** Silent requests so far, and how many of them somebody can account for. */
    requests: 0,
    accounted: 0,
    open,
    close: () => tabs.splice(0).forEach(({ auth }) => auth.dispose()),
  }
  const strategy: RenewalStrategy = async (_context, { scope, audience = '' }) => {
    world.requests++
    if (world.fault) throw new AuthError(world.fault)
    if (!world.serverUser) throw new AuthError('login_required', { oauthError: 'login_required' })
    const accessToken = `${world.serverUser}|${audience}|${world.requests}`
    const claims = { sub: world.serverUser }
    return {
      tokens: createTokenSet({ accessToken, scope, claims, expiresInSeconds: world.lifeSeconds }),
    }
  }

  async function open(autoRenews: boolean): Promise<void> {
    const tab = createClient({ tokenStorage, renewal: [strategy] }, { server })
    tabs.push({ ...tab, sub: undefined })
    if (autoRenews) autoRenew(tab.auth)
    world.accounted++
    await settle(tab.auth.start())
  }
  return world
}
type World = ReturnType<typeof createWorld>

/** How a promise ends, with as little time passing as it takes. */
async function settle<Value>(promise: Promise<Value>): Promise<{ value?: Value; error?: unknown }> {
  let outcome: { value?: Value; error?: unknown } | undefined
  promise.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error }),
  )
  for (let round = 0; !outcome; round++) {
    if (round > 400) throw new Error('a call hangs')
    // Cryptography takes real time; what waits for a timer, the other.
    if (round > 3) await sleep(1)
    await passTime(round < 300 ? 1 : 1000)
  }
  return outcome
}

/** Lets what other tabs were told arrive, and what it sets off end. */
async function deliver(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    await passTime(150)
  }
}

const decode = (token: string): { readonly sub: string; readonly audience: string } => {
  if (token.includes('|')) return { sub: token.split('|')[0]!, audience: token.split('|')[1]! }
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
    sub: string
  }
  return { sub, audience: '' }
}

async function getToken(
  world: World,
  { tab: index, audience, cacheMode }: Extract<Event, { type: 'getToken' }>,
) {
  const tab = world.tabs[index]
  if (!tab) return
  if (cacheMode !== 'cache-only') world.accounted++
  const { value, error } = await settle(
    tab.auth.getTokenSilently({ cacheMode, ...(audience && { audience }) }),
  )
  if (error) expect(error).toBeInstanceOf(AuthError)
  if (!value) return
  const user = await tab.auth.getUser()
  expect(decode(value)).toEqual({ sub: user?.sub, audience })
  expect(world.isLoggedOut, 'a token after a logout').toBe(false)
}

async function logIn(world: World, index: number, user: string): Promise<void> {
  const tab = world.tabs[index]
  if (!tab) return
  await settle(tab.logIn(user))
  Object.assign(world, { serverUser: user, isLoggedOut: false })
  for (const each of world.tabs) each.sub = undefined
  // Each of the others may look again.
  world.accounted += world.tabs.length
}

async function logOut(world: World, index: number): Promise<void> {
  const tab = world.tabs[index]
  if (!tab) return
  await settle(tab.auth.logout({ localOnly: true }))
  world.isLoggedOut = true
  for (const each of world.tabs) each.sub = undefined
}

async function apply(world: World, happening: Event): Promise<void> {
  const before = performance.now()
  switch (happening.type) {
    case 'getToken':
      await getToken(world, happening)
      break
    case 'openTab':
      if (world.tabs.length < MAX_TABS) await world.open(happening.autoRenews)
      break
    case 'closeTab':
      world.tabs.splice(happening.tab, 1).forEach(({ auth }) => auth.dispose())
      break
    case 'logIn':
      await logIn(world, happening.tab, happening.user)
      break
    case 'logOut':
      await logOut(world, happening.tab)
      break
    case 'pass':
      await passTime(happening.ms)
      break
    case 'sleep':
    case 'setClock':
      vi.setSystemTime(Date.now() + happening.ms)
      dispatchEvent(new Event('pageshow'))
      break
    case 'network':
      world.fault = happening.fault
      break
    case 'serverUser':
      world.serverUser = happening.user
      break
    case 'serverLives':
      world.lifeSeconds = happening.seconds
  }
  await deliver()
  // What renews by itself may ask once in ten seconds, and a tab that hears of something may look
  // again.
  const elapsedMs = performance.now() - before
  world.accounted += world.tabs.length * (2 + Math.ceil(elapsedMs / 10_000))
}

/** What must hold whatever happened. */
async function check(world: World, happening: Event): Promise<void> {
  const before = world.tabs.map((tab) => ({ tab, status: tab.auth.getSnapshot().status }))
  const { isLoggedOut, fault, requests } = world
  await apply(world, happening)
  const isDecision = happening.type === 'logIn' || happening.type === 'logOut'
  for (const { tab, status } of before)
    if (status === 'authenticated' && (fault ?? happening.type === 'network') && !isDecision)
      expect(tab.auth.getSnapshot().status, 'the network ended a session').toBe('authenticated')
  if (isLoggedOut && world.isLoggedOut)
    expect(world.requests, 'asked after a logout').toBe(requests)
  expect(world.requests, 'a storm of requests').toBeLessThanOrEqual(world.accounted)
  for (const tab of world.tabs) {
    const { status, user } = membersOf(tab.auth.getSnapshot())
    if (world.isLoggedOut) expect(status, 'signed in after a logout').toBe('anonymous')
    if (!user) continue
    tab.sub ??= user.sub
    expect(user.sub, 'went over to another user').toBe(tab.sub)
  }
}

test('whatever happens, no network event ends a session, no token is of another user or audience, nothing storms, and a logout holds', async () => {
  const server = createServer()
  await assert(
    asyncProperty(array(event, { minLength: 5, maxLength: 30 }), async (events) => {
      const world = createWorld(server)
      try {
        await world.open(true)
        await world.open(false)
        for (const happening of events) await check(world, happening)
      } finally {
        world.close()
      }
    }),
    {
      numRuns: Number(process.env['MODEL_RUNS'] ?? (process.env['CI'] ? 60 : 20)),
      seed: Number(process.env['MODEL_SEED'] ?? 1),
    },
  )
}, 600_000)
