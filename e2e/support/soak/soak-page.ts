// What runs in the pages of the soak: functions that refer to nothing outside themselves.
import type { ClientOptions } from 'sotto'

declare global {
  /** Moves the clocks of a page that has slept, or its system clock alone, as one who sets it. */
  var passSoakTime: (ms: number) => void
  var setSystemClock: (aheadMs: number) => void
  /** Whether the browser refuses its storages. */
  var refusesStorage: boolean
  /** The last renewals, newest last, and why no user is signed in: for whoever reads a failure. */
  var tellSession: () => string
  /** How many timers have not run yet. */
  var countTimers: () => number
}

/** Makes pages that are opened from now on obey the soak. */
export function installSoakPage(): void {
  let sleptMs = 0
  let aheadMs = 0
  const [now, elapsed] = [Date.now, performance.now.bind(performance)]
  Date.now = () => now() + sleptMs + aheadMs
  performance.now = () => elapsed() + sleptMs
  globalThis.passSoakTime = (ms) => {
    sleptMs += ms
    dispatchEvent(new Event('pageshow'))
  }
  globalThis.setSystemClock = (ms) => {
    aheadMs = ms
  }

  globalThis.refusesStorage = false
  const refuse = (prototype: object, name: string): void => {
    const method = (prototype as Record<string, (...args: unknown[]) => unknown>)[name]!
    Object.assign(prototype, {
      [name](this: unknown, ...args: unknown[]) {
        if (globalThis.refusesStorage) throw new DOMException('refused', 'SecurityError')
        return method.apply(this, args)
      },
    })
  }
  for (const name of ['getItem', 'setItem', 'removeItem']) refuse(Storage.prototype, name)
  refuse(IDBDatabase.prototype, 'transaction')

  const timers = new Set<number>()
  const { setTimeout: begin, clearTimeout: end } = window
  const { setInterval: beginInterval, clearInterval: endInterval } = window
  // A wait of ten seconds for a lock that a frozen tab holds: nobody should have to sit through it.
  const shorten = (ms: number): number => (ms >= 8000 && ms <= 10_000 ? ms / 10 : ms)
  Object.assign(window, {
    setTimeout: (work: () => void, ms = 0) => {
      const id = begin(() => {
        timers.delete(id)
        work()
      }, shorten(ms))
      timers.add(id)
      return id
    },
    setInterval: (work: () => void, ms?: number) => {
      const id = beginInterval(work, ms)
      timers.add(id)
      return id
    },
    clearTimeout: (id: number) => {
      timers.delete(id)
      end(id)
    },
    clearInterval: (id: number) => {
      timers.delete(id)
      endInterval(id)
    },
  })
  globalThis.countTimers = () => timers.size
}

/** How the pages of the soak keep their session. */
export const STORAGES = ['localStorage', 'IndexedDB'] as const
export type SoakStorage = (typeof STORAGES)[number]

/** Makes a client that renews by itself, and starts it; resolves with its status. */
export async function startSoakClient({
  storage,
  aheadMs,
  ...client
}: Pick<ClientOptions, 'issuer' | 'clientId'> & {
  readonly storage: SoakStorage
  readonly aheadMs: number
}): Promise<string> {
  setSystemClock(aheadMs)
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    scope: 'openid profile email offline_access',
    // Of faults that hang there are many.
    timeoutMs: 1000,
    tokenStorage:
      storage === 'IndexedDB' ? sotto.indexedDbStorage() : sotto.webStorage(() => localStorage),
    renewal: [sotto.refreshToken(), sotto.silentIframe()],
  })
  const renewals: string[] = []
  globalThis.auth.on('renewal', ({ outcome, error, attempts }) => {
    const tried = attempts.map(({ strategy, code, reason }) => [strategy, code, reason].join(' '))
    renewals.push(`${outcome} ${error ?? ''} (${tried.join(', ')})`)
    if (renewals.length > 6) renewals.shift()
  })
  globalThis.tellSession = () => `${JSON.stringify(auth.getSnapshot())}; ${renewals.join('; ')}`
  sotto.autoRenew(globalThis.auth)
  return (await globalThis.auth.start()).status
}

/** Asks for a token; resolves with the code of the error, or nothing. */
export async function askInPage(cacheMode: 'on' | 'off'): Promise<string | undefined> {
  try {
    await auth.getTokenSilently({ cacheMode })
    return undefined
  } catch (error) {
    return sotto.isAuthError(error) ? error.code : String(error)
  }
}
