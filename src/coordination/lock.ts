import { AuthError } from '../errors.ts'
import { ownFields } from '../own-fields.ts'

/** Longer than a renewal takes that is well; a tab that was frozen with the lock holds nobody up for longer. */
const WAIT_MS = 10_000

/**
 * Runs some work while no other tab of this origin runs work under the same name.
 *
 * @throws AuthError `lock_timeout` after 10 s of waiting, before the work has begun; an abort meanwhile rejects with the
 *   signal's reason
 */
export async function withLock<Value>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  signal?.throwIfAborted()
  // Barred in opaque origins, where there is no shared storage to guard either; absent in old browsers and in jsdom.
  if (origin === 'null' || !navigator.locks) return work()
  const waiting = new AbortController()
  const onAbort = (): void => waiting.abort(signal?.reason)
  const timer = setTimeout(() => waiting.abort(new AuthError('lock_timeout')), WAIT_MS)
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
