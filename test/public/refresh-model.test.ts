// @vitest-environment happy-dom
// `refreshToken()` at servers of every kind, whatever tabs, network, clocks, users and server do.
import { assert, asyncProperty } from 'fast-check'
import { AuthError, autoRenew } from 'sotto'
import { expect, test, vi } from 'vitest'
import { clientId, issuer } from '../support/flow-tokens.ts'
import { MAX_TABS, scenario, type Happening } from '../support/model/events.ts'
import { claimsIn } from '../support/model/frame.ts'
import { advance, settle, watchCryptography } from '../support/real-time.ts'
import { createModelServer, createWorld, type Tab, type World } from '../support/model/world.ts'
import { membersOf } from '../support/snapshot-members.ts'

/** A world, and what somebody who watches it knows. */
interface Run extends World {
  /** Who has logged in, oldest first. */
  readonly people: string[]
  isLoggedOut: boolean
  /**
   * Whether the server has ended the session, or another user came: then it may be over anywhere.
   */
  mayEnd: boolean
  /** Every epoch so far: a hint of another tab may come late. */
  readonly epochs: string[]
  /** The last refresh token that was stored, whatever has become of it here. */
  given: string | undefined
  /** How many requests somebody can account for. */
  accounted: number
  underWay: number
  /**
   * Tabs that may have shown another user than the last one: they do not go over to them without
   * being asked.
   */
  readonly loyal: Set<Tab>
  readonly wrong: string[]
}

function follow<Value>(
  run: Run,
  call: Promise<Value>,
  judge: (value: Value) => void,
  judgeError: (error: AuthError) => void = () => {},
): void {
  run.underWay++
  call
    .then(judge, (error: unknown) => {
      if (error instanceof AuthError) judgeError(error)
      else run.wrong.push(`rejected with ${String(error)}`)
    })
    .finally(() => run.underWay--)
}

/** A person is asked only when the server would not take the refresh token any more. */
function judgeLogin(run: Run, { code, attempts = [] }: AuthError): void {
  const token = run.record()?.refreshToken?.token ?? run.given
  const isPossible = attempts.every(({ reason }) => !/audience|scope|refused/.test(String(reason)))
  if (!/^(login|interaction|consent)_required$/.test(code) || !token || !isPossible) return
  if (!run.isLoggedOut && !run.mayEnd && !run.network.isUsedUp(token))
    run.wrong.push(`${code}, and the refresh token is good`)
}

async function open(run: Run, autoRenews: boolean): Promise<void> {
  if (run.tabs.length === MAX_TABS) return
  const { auth } = run.open()
  run.accounted += 2
  if (autoRenews) autoRenew(auth)
  follow(run, auth.start(), () => {})
}

function noteEpoch({ epochs }: Run): void {
  const text = localStorage.getItem(`sotto:epoch ${issuer} ${clientId}`) ?? '{}'
  epochs.push((JSON.parse(text) as { readonly generation: string }).generation)
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
  follow(
    run,
    auth.getTokenSilently(options),
    (token) => {
      const { sub, aud } = claimsIn(token)
      if (run.isLoggedOut) run.wrong.push('a token after a logout')
      if (!run.mayEnd && !run.people.slice(first).includes(sub)) run.wrong.push(`a token of ${sub}`)
      const shown = membersOf(auth.getSnapshot()).user?.sub
      if (shown && shown !== sub) run.wrong.push(`a token of ${sub}, and ${shown} is shown`)
      if (aud !== (target.audience ?? issuer)) run.wrong.push(`a token for ${String(aud)}`)
    },
    (error) => judgeLogin(run, error),
  )
}

async function logIn(run: Run, page: Tab, user: string): Promise<void> {
  const before = run.people.at(-1)
  // The server had somebody else: a tab that is just being told so may end the session of who has
  // logged in again meanwhile.
  const mayEnd = user === before && run.serverUser !== undefined && run.serverUser !== user
  run.network.fault = undefined
  // Calls that are under way may have a token of the one who has just come.
  run.people.push(user)
  const { serverUser } = run
  run.serverUser = user
  const { error } = await settle(page.logIn(user))
  // All others look again.
  run.accounted += 2 * run.tabs.length
  if (error) {
    run.serverUser = serverUser
    run.people.pop()
    return
  }
  if (!run.isLoggedOut && user !== before) run.tabs.forEach((one) => run.loyal.add(one))
  run.loyal.delete(page)
  Object.assign(run, { serverUser: user, isLoggedOut: false, mayEnd })
  noteEpoch(run)
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
      Object.assign(run, { isLoggedOut: true, given: undefined })
      run.loyal.clear()
      noteEpoch(run)
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
    case 'frameCookies':
      run.areCookiesBlocked = happening.areBlocked
      break
    case 'storage':
      run.storageMs = happening.ms
      break
    case 'lateHint':
      sayLate(run, happening.index)
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

/** A hint that was said before, or that no tab has said: it says that it is time to look. */
function sayLate({ epochs, isLoggedOut }: Run, index: number): void {
  const generation = epochs[index % Math.max(epochs.length, 1)] ?? ''
  const channel = new BroadcastChannel(`sotto:epoch ${issuer} ${clientId}`)
  // A logout would be believed, as it should be.
  channel.postMessage({ epoch: { generation, loggedOut: isLoggedOut && index % 2 === 0 } })
  channel.close()
}

const requestsOf = ({ frames, network: { refreshes } }: Run): number => frames + refreshes.sent

/** Lets something happen, and looks whether all that must hold does. */
async function check(run: Run, happening: Happening): Promise<void> {
  // Those that still show who was there before the last login are about to hear of it.
  const before = run.tabs.filter(
    ({ auth }) => membersOf(auth.getSnapshot()).user?.sub === run.people.at(-1),
  )
  const { isLoggedOut } = run
  const requests = requestsOf(run)
  const begunAt = performance.now()
  await apply(run, happening)
  const elapsedMs = performance.now() - begunAt
  // What renews by itself may ask once in ten seconds, by refresh token and by frame.
  run.accounted += 2 * run.tabs.length * (2 + Math.ceil(elapsedMs / 10_000))
  expect(run.wrong).toEqual([])
  expect(run.network.refreshes.strange, 'tokens that were used up and replaced').toBe(0)
  // A strict server takes a token that comes again for stolen, and ends what came of it: its word.
  if (run.network.refreshes.reused) run.mayEnd = true
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
  run.given = record.refreshToken?.token ?? run.given
  // Where it is over, a new tab may find another user at the server.
  if (!run.mayEnd) expect(record.sub).toBe(run.people.at(-1))
  const { idToken } = record.refreshToken ?? {}
  if (idToken) expect(claimsIn(idToken).sub).toBe(record.sub)
}

/** Once everything is well again, every tab has a token, if nobody has ended the session. */
async function recover(run: Run): Promise<void> {
  Object.assign(run.network, { fault: undefined, latencyMs: 0 })
  run.isFrameBlocked = false
  run.areCookiesBlocked = false
  run.storageMs = 10
  run.setClock(0)
  await check(run, { type: 'thawTabs' })
  for (let round = 0; run.underWay && round < 60; round++) await advance(2000)
  expect(run.underWay, 'calls that hang').toBe(0)
  // What callers have left goes on, and the pause that a server has asked for ends.
  await advance(25_000)
  if (run.isLoggedOut || run.mayEnd) return
  for (const page of run.tabs) {
    run.accounted += 2
    const { value, error } = await settle(page.auth.getTokenSilently({ cacheMode: 'off' }))
    if (error && run.loyal.has(page)) expect(error).toMatchObject({ code: 'user_changed' })
    else expect(value, `no token: ${String(error)}`).toBeTypeOf('string')
  }
}

test('whatever happens, refresh tokens are sent one at a time, and only the server, a logout or another user ends a session', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  watchCryptography()
  const modelServer = createModelServer()
  await assert(
    asyncProperty(scenario, async ({ rotation, areCookiesBlocked, events }) => {
      const run: Run = Object.assign(createWorld(modelServer, rotation), {
        people: [],
        epochs: [],
        isLoggedOut: false,
        mayEnd: false,
        given: undefined,
        accounted: 0,
        underWay: 0,
        wrong: [],
        loyal: new Set<Tab>(),
      })
      run.network.latencyMs = 40
      try {
        await open(run, true)
        await logIn(run, run.tabs[0]!, 'alice')
        await open(run, false)
        run.areCookiesBlocked = areCookiesBlocked
        for (const happening of events) await check(run, happening)
        await recover(run)
      } finally {
        run.tabs.splice(0).forEach(({ auth }) => auth.dispose())
      }
    }),
    {
      // As test/fuzz: CI has all of the runs, and whoever waits at a desk some of them.
      numRuns: Number(process.env['MODEL_RUNS'] ?? (process.env['CI'] ? 100 : 12)),
      seed: Number(process.env['MODEL_SEED'] ?? 1),
    },
  )
}, 600_000)
