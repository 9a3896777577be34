import type { AuthClient } from '../client/auth-client.ts'
import type { AuthEvents, AuthWarning } from '../client/events.ts'
import type { RenewalAttempt } from '../errors.ts'

/** An event as it is kept: nothing of a user, and no token. */
export interface RecordedEvent {
  /** When it was, in milliseconds since the page began to load. */
  readonly atMs: number
  readonly type: keyof AuthEvents | 'start'
  /** The same for all that one operation brought about; absent where it was none. */
  readonly operation?: string
  /** How long the operation took. */
  readonly durationMs?: number
  readonly status?: string
  readonly outcome?: 'success' | 'failure'
  readonly code?: AuthWarning['code']
  readonly reason?: string
  readonly strategy?: string
  readonly attempts?: readonly RenewalAttempt[]
  readonly scope?: string
  readonly audience?: string
}

export interface RecordEventsOptions {
  /** How many events are kept. Default: 100, the last. */
  readonly limit?: number | undefined
}

const records: WeakMap<object, RecordedEvent[]> = /* @__PURE__ */ new WeakMap()

const recording: WeakSet<object> = /* @__PURE__ */ new WeakSet()

/** What was recorded of a client, oldest first. */
export function recordedEvents(auth: object): readonly RecordedEvent[] {
  return records.get(auth) ?? []
}

/**
 * Keeps the last events of a client for {@link debugReport}, and puts a measure named
 * `sotto:start` or `sotto:renewal` into the browser's performance timeline for each operation.
 * What happened while an operation was under way has its number. Nobody's claims and no token are
 * kept.
 *
 * @returns a function that ends it; what was kept stays. A second call while it goes on changes
 *   nothing
 * @example
 * ```ts
 * import { recordEvents } from 'sotto/explain'
 *
 * const stop = recordEvents(auth)
 * ```
 */
export function recordEvents(
  auth: AuthClient<object>,
  { limit = 100 }: RecordEventsOptions = {},
): () => void {
  // Two would keep each event twice.
  if (recording.has(auth)) return () => {}
  recording.add(auth)
  const kept = records.get(auth) ?? []
  records.set(auth, kept)
  const begunAt = performance.now()
  let isStarting = auth.getSnapshot().status === 'loading'
  let operations = 0

  function keep(type: RecordedEvent['type'], details: Partial<RecordedEvent>): void {
    kept.push({ atMs: Math.round(performance.now()), type, ...details })
    kept.splice(0, kept.length - limit)
  }

  /** An operation is over: what came since it began, and is of no other, belongs to it. */
  function finish(
    type: 'start' | 'renewal',
    startedAt: number,
    details: Partial<RecordedEvent>,
  ): void {
    const operation = `${type}-${++operations}`
    kept.forEach((event, index) => {
      if (event.operation === undefined && event.atMs >= Math.floor(startedAt))
        kept[index] = { ...event, operation }
    })
    const end = performance.now()
    keep(type, { operation, durationMs: Math.round(end - startedAt), ...details })
    const { outcome, strategy, code } = details
    performance.measure(`sotto:${type}`, {
      start: startedAt,
      end,
      detail: { operation, outcome, strategy, code },
    })
  }

  const ends = [
    auth.on('session', (snapshot) => {
      const { status } = snapshot
      keep('session', {
        status,
        ...(status === 'anonymous' && snapshot.reason && { reason: snapshot.reason }),
        ...(status === 'error' && describeError(snapshot.error)),
      })
      if (!isStarting || status === 'loading') return
      isStarting = false
      finish('start', begunAt, { outcome: status === 'error' ? 'failure' : 'success', status })
    }),
    auth.on('token', ({ scope, audience }) =>
      keep('token', { scope, ...(audience !== undefined && { audience }) }),
    ),
    auth.on('warning', ({ code, reason }) =>
      keep('warning', { code, ...(reason !== undefined && { reason }) }),
    ),
    auth.on('renewal', ({ durationMs, outcome, strategy, attempts, error: code }) =>
      finish('renewal', performance.now() - durationMs, {
        outcome,
        attempts,
        ...(strategy !== undefined && { strategy }),
        ...(code !== undefined && { code }),
      }),
    ),
  ]
  return () => {
    // Called again, it does not end a recording that was begun since.
    if (!ends.length) return
    recording.delete(auth)
    for (const end of ends.splice(0)) end()
  }
}

function describeError({
  code,
  reason,
}: {
  readonly code: AuthWarning['code']
  readonly reason?: string
}): Partial<RecordedEvent> {
  return { code, ...(reason !== undefined && { reason }) }
}
