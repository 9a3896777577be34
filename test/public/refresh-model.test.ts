// @vitest-environment happy-dom
// `refreshToken()` at a server that uses refresh tokens up, whatever tabs, network, clocks, users and server do.
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  oneof,
  record,
  type Arbitrary,
} from 'fast-check'
import { AuthError, autoRenew, type TokenOptions } from 'sotto'
import { expect, test, vi } from 'vitest'
import { issuer } from '../support/flow-tokens.ts'
import { claimsIn } from '../support/model/frame.ts'
import { NETWORK_FAULTS } from '../support/model/network.ts'
import { advance, settle, watchCryptography } from '../support/model/time.ts'
import { createRotatingServer, createWorld, type Tab, type World } from '../support/model/world.ts'

const MAX_TABS = 3
const BILLING = 'https://billing.example.com'
const tab = integer({ min: 0, max: MAX_TABS - 1 })

/** An event with its members. */
function when<Type extends string, Value extends object>(
  type: Type,
  members: { readonly [Key in keyof Value]: Arbitrary<Value[Key]> },
): Arbitrary<{ readonly type: Type } & Value> {
  return (record(members) as Arbitrary<Value>).map((value) => ({ type, ...value }))
}

const getToken = when('getToken', {
  tab,
  target: constantFrom<Pick<TokenOptions, 'scope' | 'audience'>>(
    ...[{}, {}, { scope: 'openid offline_access' }, { scope: 'email' }, { audience: BILLING }],
  ),
  cacheMode: constantFrom('on' as const, 'off' as const, 'off' as const),
  isImpatient: boolean(),
})
const pass = when('pass', { ms: constantFrom(20, 100, 600, 5000, 70_000, 400_000) })
const network = when('network', {
  fault: constantFrom(undefined, undefined, undefined, 'lost' as const, ...NETWORK_FAULTS),
})
const logInAs = when('logIn', { tab, user: constantFrom('alice', 'alice', 'bob') })

/** What can happen. */
const event = oneof(
  { weight: 12, arbitrary: getToken },
  { weight: 6, arbitrary: pass },
  { weight: 5, arbitrary: network },
  { weight: 2, arbitrary: when('openTab', { autoRenews: boolean() }) },
  { weight: 2, arbitrary: logInAs },
  ...[
    when('latency', { ms: constantFrom(0, 40, 400) }),
    when('frames', { isBlocked: boolean() }),
    when('closeTab', { tab }),
    when('killTab', { tab }),
    when('freezeTab', { tab }),
    when('thawTabs', {}),
    when('logOut', { tab }),
    when('sleep', { ms: constantFrom(10_000, 600_000, 28_800_000) }),
    when('setClock', { aheadMs: constantFrom(0, -86_400_000, -90_000, 90_000, 86_400_000) }),
    when('endSession', {}),
    when('serverUser', { user: constantFrom('alice', 'bob') }),
    when('lives', { accessTokenSeconds: constantFrom(3, 60, 300, 3600) }),
  ].map((arbitrary) => ({ weight: 1, arbitrary })),
)
type Happening = typeof event extends { generate(...args: never[]): { value: infer Value } }
  ? Value
  : never

/** A world, and what somebody who watches it knows. */
interface Run extends World {
  /** Who has logged in, oldest first. */
  readonly people: string[]
  isLoggedOut: boolean
  /** Whether the server has ended the session, or another user came: then it may be over anywhere. */
  mayEnd: boolean
  /** How many requests somebody can account for. */
  accounted: number
  underWay: number
  /** Tabs that may have shown another user than the last one: they do not go over to them without being asked. */
  readonly loyal: Set<Tab>
  readonly wrong: string[]
}

function follow<Value>(run: Run, call: Promise<Value>, judge: (value: Value) => void): void {
  run.underWay++
  call
    .then(judge, (error: unknown) => {
      if (!(error instanceof AuthError)) run.wrong.push(`rejected with ${String(error)}`)
    })
    .finally(() => run.underWay--)
}

async function open(run: Run, autoRenews: boolean): Promise<void> {
  if (run.tabs.length === MAX_TABS) return
  const { auth } = run.open()
  run.accounted += 2
  if (autoRenews) autoRenew(auth)
  follow(run, auth.start(), () => {})
}

function ask(
  run: Run,
  { auth }: Tab,
  { target, cacheMode, isImpatient }: Extract<Happening, { type: 'getToken' }>,
): void {
  run.accounted += 2
  const first = run.people.length - 1
  const options = {
    ...target,
    cacheMode,
    ...(isImpatient && { timeoutMs: 30 }),
  }
  follow(run, auth.getTokenSilently(options), (token) => {
    const { sub, aud } = claimsIn(token)
    if (run.isLoggedOut) run.wrong.push('a token after a logout')
    if (!run.mayEnd && !run.people.slice(first).includes(sub)) run.wrong.push(`a token of ${sub}`)
    const shown = auth.getSnapshot().user?.sub
    if (shown && shown !== sub) run.wrong.push(`a token of ${sub}, and ${shown} is shown`)
    if (aud !== (target.audience ?? issuer)) run.wrong.push(`a token for ${String(aud)}`)
  })
}

async function logIn(run: Run, page: Tab, user: string): Promise<void> {
  const before = run.people.at(-1)
  // The server had somebody else: a tab that is just being told so may end the session of who has logged in again meanwhile.
  const mayEnd = user === before && run.serverUser !== undefined && run.serverUser !== user
  run.network.fault = undefined
  // Calls that are under way may have a token of the one who has just come.
  run.people.push(user)
  const { error } = await settle(page.logIn(user))
  // All others look again.
  run.accounted += 2 * run.tabs.length
  if (error) return void run.people.pop()
  if (!run.isLoggedOut && user !== before) run.tabs.forEach((one) => run.loyal.add(one))
  run.loyal.delete(page)
  Object.assign(run, { serverUser: user, isLoggedOut: false, mayEnd })
}

async function apply(run: Run, happening: Happening): Promise<void> {
  const { server, network: net } = run
  const index = 'tab' in happening ? happening.tab : -1
  const page = run.tabs[index % run.tabs.length]
  const awake = page?.state === 'awake' ? page : undefined
  switch (happening.type) {
    case 'getToken':
      if (awake) ask(run, awake, happening)
      // So that others come while it is under way.
      return advance(8)
    case 'pass':
      return advance(happening.ms)
    case 'network':
      net.fault = happening.fault
      break
    case 'latency':
      net.latencyMs = happening.ms
      break
    case 'frames':
      run.isFrameBlocked = happening.isBlocked
      break
    case 'openTab':
      await open(run, happening.autoRenews)
      break
    case 'closeTab':
      if (page) run.close(page)
      break
    case 'killTab':
      if (page) run.kill(page)
      break
    case 'freezeTab':
      if (awake) awake.state = 'frozen'
      break
    case 'thawTabs':
      for (const one of run.tabs) one.state = 'awake'
      for (const one of run.tabs) one.wake()
      dispatchEvent(new Event('pageshow'))
      break
    case 'logOut':
      if (!awake) break
      await settle(awake.auth.logout({ localOnly: true }))
      run.isLoggedOut = true
      run.loyal.clear()
      break
    case 'logIn':
      if (awake) await logIn(run, awake, happening.user)
      break
    case 'sleep':
      vi.setSystemTime(Date.now() + happening.ms)
      dispatchEvent(new Event('pageshow'))
      break
    case 'setClock':
      run.setClock(happening.aheadMs)
      break
    case 'endSession':
      server.control.endSessions()
      server.control.revokeRefreshTokens()
      Object.assign(run, { serverUser: undefined, mayEnd: true })
      break
    case 'serverUser':
      if (run.serverUser !== happening.user)
        Object.assign(run, { serverUser: happening.user, mayEnd: true })
      break
    case 'lives':
      server.control.setLives({ accessTokenSeconds: happening.accessTokenSeconds })
  }
  await advance(60)
}

const requestsOf = ({ frames, network: { refreshes } }: Run): number => frames + refreshes.sent

/** Lets something happen, and looks whether all that must hold does. */
async function check(run: Run, happening: Happening): Promise<void> {
  const before = run.tabs.filter(({ auth }) => auth.getSnapshot().status === 'authenticated')
  const { isLoggedOut } = run
  const requests = requestsOf(run)
  const begunAt = performance.now()
  await apply(run, happening)
  const elapsedMs = performance.now() - begunAt
  // What renews by itself may ask once in ten seconds, by refresh token and by frame.
  run.accounted += 2 * run.tabs.length * (2 + Math.ceil(elapsedMs / 10_000))
  expect(run.wrong).toEqual([])
  expect(run.network.refreshes).toMatchObject({ reused: 0 })
  expect(run.network.refreshes.most, 'refresh grants at once').toBeLessThanOrEqual(1)
  expect(requestsOf(run), 'a storm of requests').toBeLessThanOrEqual(run.accounted)
  checkRecord(run)
  const awake = run.tabs.filter(({ state }) => state === 'awake')
  if (run.isLoggedOut) {
    if (isLoggedOut) expect(requestsOf(run), 'asked after a logout').toBe(requests)
    for (const { auth } of awake)
      expect(auth.getSnapshot().status, 'after a logout').not.toBe('authenticated')
  } else if (!run.mayEnd && !/log|thaw/i.test(happening.type)) {
    for (const { auth } of awake.filter((one) => before.includes(one)))
      expect(auth.getSnapshot().status, 'a session was ended').toBe('authenticated')
  }
}

function checkRecord(run: Run): void {
  const record = run.record()
  if (!record || run.isLoggedOut) return
  // Where it is over, a new tab may find another user at the server.
  if (!run.mayEnd) expect(record.sub).toBe(run.people.at(-1))
  const { idToken } = record.refreshGrant ?? {}
  if (idToken) expect(claimsIn(idToken).sub).toBe(record.sub)
}

/** Once everything is well again, every tab has a token, if nobody has ended the session. */
async function recover(run: Run): Promise<void> {
  Object.assign(run.network, { fault: undefined, latencyMs: 0 })
  run.isFrameBlocked = false
  run.setClock(0)
  await check(run, { type: 'thawTabs' })
  for (let round = 0; run.underWay && round < 60; round++) await advance(2000)
  expect(run.underWay, 'calls that hang').toBe(0)
  // What callers have left goes on.
  await advance(20_000)
  if (run.isLoggedOut || run.mayEnd) return
  for (const page of run.tabs) {
    run.accounted += 2
    const { value, error } = await settle(page.auth.getTokenSilently({ cacheMode: 'off' }))
    if (error && run.loyal.has(page)) expect(error).toMatchObject({ code: 'user_changed' })
    else expect(value, `no token: ${String(error)}`).toBeTypeOf('string')
  }
}

test('whatever happens, refresh tokens are sent one at a time and never twice, and end by no fault of the network', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  watchCryptography()
  const { server, skew } = createRotatingServer()
  await assert(
    asyncProperty(array(event, { minLength: 5, maxLength: 30, size: 'max' }), async (events) => {
      const run: Run = Object.assign(createWorld({ server, skew }), {
        ...{ people: [], isLoggedOut: false, mayEnd: false, accounted: 0, underWay: 0 },
        ...{ wrong: [], loyal: new Set<Tab>() },
      })
      run.network.latencyMs = 40
      try {
        await open(run, true)
        await logIn(run, run.tabs[0]!, 'alice')
        await open(run, false)
        for (const happening of events) await check(run, happening)
        await recover(run)
      } finally {
        run.tabs.splice(0).forEach(({ auth }) => auth.dispose())
      }
    }),
    {
      numRuns: Number(process.env['MODEL_RUNS'] ?? 60),
      seed: Number(process.env['MODEL_SEED'] ?? 1),
    },
  )
}, 600_000)
