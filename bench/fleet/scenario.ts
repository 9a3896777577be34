// What happens to a fleet, one thing after the other.
import { createFleet, openingMs, type Fleet, type FleetOptions } from './fleet.ts'
import { measureLoad, type Stretch } from './load.ts'
import { EPOCH_MS, type ServerState } from './server.ts'

const MINUTE = 60_000
const OUTAGE_MS = 10 * MINUTE
const MAINTENANCE_MS = 5 * MINUTE

export interface Report {
  readonly fleet: Fleet
  /** Nothing happens. */
  readonly steady: Stretch
  /** Ten minutes without a server: half of them without a connection, then with 503. */
  readonly outage: Stretch
  /** It asks for patience: 429, `Retry-After: 30`. */
  readonly busy: Stretch
  readonly afterOutage: Stretch
  /** Users without a token at the end. */
  readonly lost: number
}

/** The server is lost, is busy, and is there again. */
export async function runOutage(options: FleetOptions): Promise<Report> {
  const fleet = createFleet(options)
  const pass = createPass(fleet)
  const lifeMs = options.tokenSeconds * 1000
  await pass(openingMs(options.tokenSeconds) + lifeMs)
  const steady = await pass(Math.max(10 * MINUTE, lifeMs / 2))
  const unreachable = await pass(OUTAGE_MS / 2, { kind: 'unreachable' })
  const broken = await pass(OUTAGE_MS / 2, { kind: 'status', status: 503 })
  const busy = await pass(2 * MINUTE, { kind: 'status', status: 429, retryAfter: () => '30' })
  const afterOutage = await pass(10 * MINUTE, { kind: 'up' })
  const lost = await fleet.countLost()
  const outage = { fromMs: unreachable.fromMs, toMs: broken.toMs }
  return { fleet, steady, outage, busy, afterOutage, lost }
}

/**
 * The server says until when it is out of order: five minutes of 503 with one and the same date.
 *
 * @returns the five minutes after it
 */
export async function runMaintenance(fleet: Fleet): Promise<Stretch> {
  const pass = createPass(fleet)
  const end = new Date(EPOCH_MS + fleet.clock.now() + MAINTENANCE_MS).toUTCString()
  await pass(MAINTENANCE_MS, { kind: 'status', status: 503, retryAfter: () => end })
  return pass(5 * MINUTE, { kind: 'up' })
}

export interface OfficeReport {
  readonly users: number
  /** Requests of its users in the second that had the most. */
  readonly peak: number
}

/** Some users lose their network for ten minutes, and have it back in the same moment. */
export async function runOffice(fleet: Fleet, share: number): Promise<OfficeReport> {
  const pass = createPass(fleet)
  const office = fleet.users.slice(0, Math.round(fleet.users.length * share))
  for (const user of office) user.counted = 'office'
  const connect = (isOnline: boolean): void => {
    for (const { page } of office.flatMap(({ tabs }) => tabs)) page.connect(isOnline)
  }
  connect(false)
  await pass(10 * MINUTE)
  connect(true)
  const back = await pass(MINUTE)
  return { users: office.length, peak: measureLoad(fleet.server, back, 'office').peak }
}

type Pass = (ms: number, state?: ServerState) => Promise<Stretch>

/** Lets time pass, with the server in that state from now on. */
function createPass({ clock, server }: Fleet): Pass {
  return async (ms, state) => {
    const fromMs = clock.now()
    if (state) server.state = state
    await clock.runUntil(fromMs + ms)
    return { fromMs, toMs: clock.now() }
  }
}
