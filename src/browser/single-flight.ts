import { AuthError } from '../errors.ts'

/** The work that several callers share. */
export type FlightWork<Value> = (
  signal: AbortSignal,
  /**
   * To be called when a request was sent whose answer must not be lost, such as a token request.
   */
  commit: () => void,
) => Promise<Value>

/** Has every member as its own, or no prototype, so that none is read from one. */
export interface Caller {
  readonly signal?: AbortSignal | undefined
  /** How long this caller waits, in milliseconds. */
  readonly timeoutMs?: number | undefined
}

export interface SingleFlight<Value> {
  /** Begins the work, or joins the one that is under way under this key. */
  join(key: string, caller: Caller, work: FlightWork<Value>): Promise<Value>
  /** Ends all work. Its callers are told at once; an answer that is under way is still taken. */
  abort(reason: unknown): void
}

interface Flight<Value> {
  /** How the work ends, or the reason of its abort. */
  readonly result: Promise<Value>
  readonly controller: AbortController
  readonly committed: boolean
  callers: number
}

/**
 * Joins identical calls: they share one piece of work, its result and its error. A caller that
 * gives up leaves the others alone; when the last one has left, the work is aborted, unless it is
 * past the point where that would lose something.
 */
export function createSingleFlight<Value>(): SingleFlight<Value> {
  const flights = new Map<string, Flight<Value>>()

  function start(key: string, work: FlightWork<Value>): Flight<Value> {
    const controller = new AbortController()
    const { signal } = controller
    const leave = (): void => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    let committed = false
    const done = work(signal, () => (committed = true)).finally(leave)
    const flight: Flight<Value> = {
      result: waitFor(done, { signal, timeoutMs: undefined }),
      controller,
      // It may be so at once.
      get committed() {
        return committed
      },
      callers: 0,
    }
    signal.addEventListener('abort', leave)
    // Whoever still waits gets the error; if no caller does, it is left.
    done.catch(() => {})
    flight.result.catch(() => {})
    flights.set(key, flight)
    return flight
  }

  return {
    async join(key, caller, work) {
      const flight = flights.get(key) ?? start(key, work)
      flight.callers++
      try {
        return await waitFor(flight.result, caller)
      } finally {
        flight.callers--
        if (!flight.callers && !flight.committed) flight.controller.abort()
      }
    },
    abort(reason) {
      for (const { controller } of flights.values()) controller.abort(reason)
    },
  }
}

/** Waits for a result as long as one caller cares to; the work itself goes on. */
export function waitFor<Value>(
  result: Promise<Value>,
  { signal, timeoutMs }: Caller,
): Promise<Value> {
  if (!signal && timeoutMs === undefined) return result
  let giveUp: () => void
  let timer: ReturnType<typeof setTimeout> | undefined
  return new Promise<Value>((resolve, reject) => {
    // First of all: an error that comes after the caller has left is left to nobody.
    result.then(resolve, reject)
    giveUp = () => reject(signal?.reason as Error)
    signal?.throwIfAborted()
    signal?.addEventListener('abort', giveUp)
    if (timeoutMs !== undefined)
      timer = setTimeout(() => reject(new AuthError('timeout', { reason: 'caller' })), timeoutMs)
  }).finally(() => {
    signal?.removeEventListener('abort', giveUp)
    clearTimeout(timer)
  })
}
