import { waitFor } from '../browser/single-flight.ts'
import type { ClientContext } from '../client/context.ts'

/** How long something that was added to a client goes on. */
export interface Lifetime {
  /** Aborted when it ends. From the beginning on a server, and of a client that is disposed of. */
  readonly signal: AbortSignal
  readonly stop: () => void
}

/** Until it is stopped, or the client disposed of. */
export function createLifetime({ ended }: ClientContext): Lifetime {
  const own = new AbortController()
  const stop = (): void => {
    own.abort()
    ended.signal.removeEventListener('abort', stop)
  }
  if (typeof document === 'undefined' || ended.signal.aborted) stop()
  else ended.signal.addEventListener('abort', stop)
  return { signal: own.signal, stop }
}

/** Waits for what is under way as long as the client lives; then it is `disposed`, at once. */
export function whileAlive<Value>(
  { ended }: ClientContext,
  result: Promise<Value>,
): Promise<Value> {
  return waitFor(result, { signal: ended.signal, timeoutMs: undefined })
}

/**
 * The listener, called in the zone where it is registered and not in that of who calls it. zone.js,
 * which Angular apps may have, does so for DOM events alone: a timer that is begun in Angular's zone
 * by an event of the client would keep the app from ever being stable.
 */
export function inThisZone(listener: () => void): () => void {
  const calls = new EventTarget()
  calls.addEventListener('call', listener)
  return () => void calls.dispatchEvent(new Event('call'))
}
