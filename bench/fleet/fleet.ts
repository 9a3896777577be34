// Many users with their tabs: each tab is a page with a client of the library's own code.
import type { AuthClient } from 'sotto'
import { createBrowser, type SimulatedPage } from './browser.ts'
import { createClock, type SimulatedClock } from './clock.ts'
import type { Library, PageGlobals } from './library.ts'
import { createRandom, waitFor, type Random } from './random.ts'
import { CLIENT_ID, createServer, ISSUER, type SimulatedServer } from './server.ts'

/**
 * How apps set their clients up: by default, a frame for each tab, whose tokens are in its memory;
 * or one refresh token for all tabs of a user, in `localStorage`.
 */
export const SET_UPS = ['silentIframe', 'refreshToken'] as const
export type SetUp = (typeof SET_UPS)[number]

export interface FleetOptions {
  readonly load: (globals: PageGlobals) => Library
  readonly seed: number
  /** At least so many tabs; half of the users have each set-up. */
  readonly tabs: number
  readonly tokenSeconds: number
  /** How often the app of the tab in front asks for a token, on average; never, if not told. */
  readonly callEveryMs?: number
}

export interface User {
  /** What its requests are counted under: at first its set-up. */
  counted: string
  readonly tabs: readonly { readonly auth: AuthClient; readonly page: SimulatedPage }[]
}

export interface Fleet {
  readonly clock: SimulatedClock
  readonly server: SimulatedServer
  readonly users: readonly User[]
  /** Every tab asks for a token; resolves with how many users have a tab that gets none. */
  readonly countLost: () => Promise<number>
}

const MAX_TABS = 5
/** How long a user stays with one tab, on average. */
const SWITCH_MS = 600_000
/** Within which all tabs are opened: as long as a token lives, so that no hour has a rush hour. */
export const openingMs = (tokenSeconds: number): number => Math.max(900, tokenSeconds) * 1000
/** Longer than a renewal takes, and its turn among the tabs of a user. */
const PATIENCE_MS = 30_000

export function createFleet(options: FleetOptions): Fleet {
  const { load, seed, tabs, tokenSeconds, callEveryMs } = options
  const random = createRandom(seed)
  const clock = createClock()
  const server = createServer({ clock, random, tokenSeconds })
  const users: User[] = []
  for (let count = 0, planned; count < tabs; count += planned) {
    planned = 1 + Math.floor(random() * MAX_TABS)
    users.push(addUser(SET_UPS[users.length % 2]!, planned))
  }

  function addUser(setUp: SetUp, planned: number): User {
    const session = server.signIn()
    const own: User['tabs'][number][] = []
    const user: User = { counted: setUp, tabs: own }
    const counted = (): string => user.counted
    const browser = createBrowser({ clock, random, server, session, counted })
    let inFront = 0
    const show = (next: number): void => {
      own[inFront]?.page.show(false)
      inFront = next
      own[next]!.page.show(true)
    }
    const open = (): void => {
      const page = browser.open()
      const auth = createClient(load(page.globals), setUp, browser.localStorage)
      show(own.push({ auth, page }) - 1)
      void auth.start()
    }
    for (let number = 0; number < planned; number++)
      clock.setTimeout(open, random() * openingMs(tokenSeconds))
    again(clock, random, SWITCH_MS, () => {
      if (own.length > 1) show((inFront + 1) % own.length)
    })
    if (callEveryMs !== undefined)
      again(clock, random, callEveryMs, () => {
        own[inFront]?.auth.getTokenSilently().catch(() => {})
      })
    return user
  }

  return {
    clock,
    server,
    users,
    async countLost() {
      const served = new Set<AuthClient>()
      for (const { auth } of users.flatMap((user) => user.tabs))
        void auth.getTokenSilently().then(
          () => served.add(auth),
          () => {},
        )
      await clock.runUntil(clock.now() + PATIENCE_MS)
      return users.filter((user) => !user.tabs.every(({ auth }) => served.has(auth))).length
    },
  }
}

function createClient(
  { autoRenew, ...sotto }: Library,
  setUp: SetUp,
  localStorage: object,
): AuthClient {
  const auth = sotto.createAuthClient({
    issuer: ISSUER,
    clientId: CLIENT_ID,
    redirectUri: '/callback',
    // A signature makes no difference to when somebody comes.
    idTokenSignature: 'tls',
    ...(setUp === 'refreshToken' && {
      tokenStorage: sotto.webStorage(() => localStorage as Storage),
      renewal: [sotto.refreshToken(), sotto.silentIframe()],
    }),
  })
  autoRenew(auth)
  return auth
}

/** Does something again and again, at moments that nobody foresees. */
function again(clock: SimulatedClock, random: Random, meanMs: number, work: () => void): void {
  const next = (): void => {
    clock.setTimeout(
      () => {
        work()
        next()
      },
      waitFor(random, meanMs),
    )
  }
  next()
}
