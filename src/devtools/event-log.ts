import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import type { AuthClient } from '../client/auth-client.ts'
import { recordedEvents, recordEvents, type RecordedEvent } from '../explain/record-events.ts'

/** As many as one looks at. */
const KEPT = 30

/** An event, and when it was by the clock of this device, in milliseconds since 1970. */
export interface LoggedEvent extends RecordedEvent {
  readonly at: number
}

export interface EventLog {
  /** What has happened, newest first. */
  readonly events: () => readonly LoggedEvent[]
  readonly clear: () => void
}

/**
 * Records what happens, and keeps it for the pages that follow in this tab: a login leaves the page
 * and comes back to another. It is in sessionStorage, without a token, as all that is recorded.
 *
 * @param name of the item in sessionStorage
 * @param signal aborted when nothing is recorded any more
 */
export function createEventLog(
  auth: AuthClient<object>,
  name: string,
  signal: AbortSignal,
): EventLog {
  const earlier = readEvents(name)
  let clearedAt = 0

  function events(): LoggedEvent[] {
    const here = recordedEvents(auth).map((event) => ({ ...event, at: timeOf(event.atMs) }))
    return [...earlier, ...here].filter(({ at }) => at > clearedAt).slice(-KEPT)
  }

  const keep = (): void =>
    tryOrUndefined(() => sessionStorage.setItem(name, JSON.stringify(events())))
  signal.addEventListener('abort', recordEvents(auth))
  // At once, not as the page goes away: Firefox loses that of a page with the header
  // Cross-Origin-Opener-Policy.
  for (const type of ['session', 'token', 'renewal', 'warning'] as const)
    signal.addEventListener('abort', auth.on(type, keep))
  return {
    events: () => events().reverse(),
    clear: () => {
      // By the clock of the events, which may stand still while the device sleeps.
      clearedAt = timeOf(performance.now())
      keep()
    },
  }
}

function timeOf(atMs: number): number {
  return Math.round(performance.timeOrigin + atMs)
}

/** Those of the pages before this one; none where another version, or another script, wrote them. */
function readEvents(name: string): readonly LoggedEvent[] {
  const kept = tryOrUndefined(() => JSON.parse(sessionStorage.getItem(name) ?? '[]') as unknown)
  return Array.isArray(kept) && kept.every(isLogged) ? kept : []
}

function isLogged(value: unknown): value is LoggedEvent {
  const { at, type, attempts = [] } = (value ?? {}) as Partial<LoggedEvent>
  const areAttempts =
    Array.isArray(attempts) && attempts.every((one: unknown) => typeof one === 'object' && one)
  return typeof at === 'number' && typeof type === 'string' && areAttempts
}
