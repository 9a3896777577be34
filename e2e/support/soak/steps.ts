import type { Fault } from 'sotto/testing'
import type { Random } from '../../../bench/fleet/random.ts'
import type { SoakWorld } from './world.ts'

/** Something that happens; its name says what, so that a failure can be read. */
export interface Step {
  readonly name: string
  readonly run: (world: SoakWorld) => Promise<unknown>
}

const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!

const FAULTS: readonly Fault[] = [
  { endpoint: 'token', name: 'drop', times: 4 },
  { endpoint: 'token', name: 'truncated', times: 1 },
  { endpoint: 'token', name: 'hang', times: 1 },
  { endpoint: 'token', name: 'hang', times: 1, afterProcessing: true },
  { endpoint: 'token', name: 'status', status: 500 },
  { endpoint: 'token', name: 'status', status: 503, afterProcessing: true, times: 1 },
  { endpoint: 'token', name: 'retryLater', status: 429, retryAfterSeconds: 20, times: 2 },
  { endpoint: 'token', name: 'gatewayError', status: 504, times: 2 },
  { endpoint: 'token', name: 'html' },
  { endpoint: 'token', name: 'empty', times: 2 },
  { endpoint: 'token', name: 'noCors', times: 1 },
  { endpoint: 'token', name: 'idTokenSignature', times: 1 },
  { endpoint: 'token', name: 'oauthError', error: 'temporarily_unavailable', times: 2 },
  { endpoint: 'authorize', name: 'status', status: 503 },
  { endpoint: 'authorize', name: 'drop', times: 2 },
  { endpoint: 'authorize', name: 'hang', times: 1 },
  { endpoint: 'authorize', name: 'interactivePage', times: 2 },
  { endpoint: 'authorize', name: 'webMessage', variant: 'wrongState', times: 1 },
  { endpoint: 'authorize', name: 'webMessage', variant: 'none', times: 1 },
  { endpoint: 'authorize', name: 'webMessage', variant: 'garbageFirst', times: 2 },
  { endpoint: 'authorize', name: 'webMessage', variant: 'twice', times: 2 },
  { endpoint: 'authorize', name: 'xFrameOptions', times: 1 },
  { endpoint: 'discovery', name: 'status', status: 503, times: 2 },
  { endpoint: 'jwks', name: 'status', status: 503, times: 2 },
  { endpoint: 'jwks', name: 'noCors', times: 1 },
  { endpoint: 'revocation', name: 'hang', times: 1 },
]

const pass = (random: Random): Step => {
  const seconds = pick(random, [20, 100, 240, 240, 600, 3600, 28_800])
  return { name: `${seconds} s pass`, run: (world) => world.pass(seconds) }
}

const ask = (random: Random): Step => {
  const cacheMode = pick(random, ['on', 'on', 'off'] as const)
  return {
    name: `every tab asks for a token, cache ${cacheMode}`,
    run: ({ awake }) => Promise.all(awake().map((tab) => tab.ask(cacheMode))),
  }
}

const fault = (random: Random): Step => {
  const added = pick(random, FAULTS)
  return {
    name: `fault ${JSON.stringify(added)}`,
    run: async ({ pair }) => pair.control.addFault(added),
  }
}

const faultsEnd = (): Step => ({
  name: 'the faults end',
  run: async ({ pair }) => pair.control.clearFaults(),
})

const network = (random: Random): Step => {
  const isOffline = random() < 0.4
  return {
    name: isOffline ? 'the network goes' : 'the network is there',
    run: ({ context }) => context.setOffline(isOffline),
  }
}

const secondTab = (random: Random): Step => {
  const isReloaded = random() < 0.3
  return {
    name: `the second tab ${isReloaded ? 'is opened anew' : 'comes or goes'}`,
    async run(world) {
      const wasOpen = world.second !== undefined
      await world.closeSecond()
      // Without a network no page is loaded.
      await world.context.setOffline(false)
      if (!wasOpen || isReloaded) await world.openSecond()
    },
  }
}

const freeze = (random: Random): Step => {
  const isAsking = random() < 0.5
  return {
    name: `the second tab freezes or thaws${isAsking ? ', in the middle of a renewal' : ''}`,
    async run({ second }) {
      if (!second) return
      if (second.isFrozen()) return second.thaw()
      if (isAsking)
        await second.page.evaluate(() => {
          void auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
        })
      return second.freeze()
    },
  }
}

const clock = (random: Random): Step => {
  const aheadSeconds = pick(random, [0, 0, -7200, -90, 90, 7200])
  return {
    name: `the system clock is ${aheadSeconds} s ahead`,
    run: (world) => world.setClock(aheadSeconds * 1000),
  }
}

const storage = (random: Random): Step => {
  const refuses = random() < 0.5
  return {
    name: `the browser ${refuses ? 'refuses its storages' : 'has storages'}`,
    run: (world) => world.refuseStorage(refuses),
  }
}

const sessionEnds = (random: Random): Step => {
  const isWhole = random() < 0.5
  return {
    name: isWhole ? 'the server ends all' : 'the session at the server ends',
    async run({ pair: { control } }) {
      control.endSessions()
      if (isWhole) control.revokeRefreshTokens()
    },
  }
}

const KINDS: readonly { readonly weight: number; readonly create: (random: Random) => Step }[] = [
  { weight: 10, create: pass },
  { weight: 10, create: ask },
  { weight: 6, create: fault },
  { weight: 3, create: faultsEnd },
  { weight: 3, create: network },
  { weight: 2, create: secondTab },
  { weight: 2, create: freeze },
  { weight: 1, create: clock },
  { weight: 1, create: storage },
  { weight: 0.3, create: sessionEnds },
]

/** What happens next: the same for the same seed, whatever has become of the steps before. */
export function nextStep(random: Random): Step {
  const all = KINDS.reduce((sum, { weight }) => sum + weight, 0)
  let left = random() * all
  for (const { weight, create } of KINDS) {
    left -= weight
    if (left < 0) return create(random)
  }
  return ask(random)
}
