import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'

/** Longer than a renewal takes that is well; a tab that was frozen with the lock holds nobody up for longer. */
export const LOCK_WAIT_MS = 10_000
/** However late it is: in this time a lock is had that is free, or that a tab has for a moment only. */
const LEAST_MS = 500

/**
 * Runs some work while no other tab of this origin runs work under the same name.
 *
 * @param waitUntil when to give up, by `performance.now()`; but not at once, because a lock that is free takes a moment as well.
 *   Default: in 10 s
 * @throws AuthError `lock_timeout` then, before the work has begun; an abort meanwhile rejects with the signal's reason
 */
export async function withLock<Value>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Value>,
  waitUntil: number = performance.now() + LOCK_WAIT_MS,
): Promise<Value> {
  signal?.throwIfAborted()
  // Barred in opaque origins, where there is no shared storage to guard either; absent in old browsers and in jsdom.
  if (origin === 'null' || !navigator.locks) return work()
  const waiting = new AbortController()
  const onAbort = (): void => waiting.abort(signal!.reason)
  const timer = setTimeout(
    () => waiting.abort(new AuthError('lock_timeout')),
    Math.max(waitUntil - performance.now(), LEAST_MS),
  )
  signal?.addEventListener('abort', onAbort)
  const stopWaiting = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
  try {
    return await navigator.locks.request(name, ownFields({ signal: waiting.signal }), () => {
      stopWaiting()
      return work()
    })
  } finally {
    stopWaiting()
  }
}
