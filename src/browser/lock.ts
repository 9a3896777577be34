import { AuthError, isAuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { waitFor } from './single-flight.ts'

/**
 * Longer than a renewal takes that is well; a tab that was frozen with the lock holds the others up
 * for no longer.
 */
const LOCK_WAIT_MS = 10_000

/** Every member is given, so that none is read from a prototype. */
export interface HoldOptions {
  readonly signal: AbortSignal | undefined
  /** How long to wait for the lock, in milliseconds. Default: 10,000. */
  readonly waitMs: number | undefined
  /** Takes the lock away from a tab that is frozen with it. */
  readonly steal: boolean
  /** Whether only this page takes part. */
  readonly inPage: boolean
}

export interface Locks {
  /**
   * Runs some work while nothing else runs under the same name: in all tabs of this origin, or in
   * this page where the browser has no Web Locks or refuses them.
   *
   * @throws AuthError `lock_timeout` before the work has begun; an abort meanwhile rejects with the
   *   signal's reason
   */
  hold<Value>(name: string, options: HoldOptions, work: () => Promise<Value>): Promise<Value>
  /** Whether tabs can wait for one another. Asked of the browser once. */
  areShared(): Promise<boolean>
}

export function createLocks(): Locks {
  const queues = new Map<string, Promise<unknown>>()
  let shared: Promise<boolean> | undefined

  async function probe(): Promise<boolean> {
    try {
      // Barred in opaque origins, where no storage is shared either; absent in old browsers and in
      // jsdom. happy-dom has no `origin`.
      if (globalThis.origin === 'null' || !navigator.locks) return false
      const asked = navigator.locks.request(
        'sotto',
        ownFields({ ifAvailable: true }),
        async () => {},
      )
      // It answers at once, or the browser is out of order.
      await waitFor(asked, { signal: undefined, timeoutMs: LOCK_WAIT_MS })
      return true
    } catch {
      return false
    }
  }

  async function holdInPage<Value>(
    name: string,
    { signal, waitMs = LOCK_WAIT_MS }: HoldOptions,
    work: () => Promise<Value>,
  ): Promise<Value> {
    const before = queues.get(name)
    let release!: () => void
    const held = new Promise<void>((resolve) => (release = resolve))
    const turn = Promise.all([before, held])
    queues.set(name, turn)
    try {
      if (before) await waitFor(before, { signal, timeoutMs: waitMs })
      return await work()
    } catch (error) {
      throw isAuthError(error, 'timeout') && error.reason === 'caller'
        ? new AuthError('lock_timeout')
        : error
    } finally {
      release()
      if (queues.get(name) === turn) queues.delete(name)
    }
  }

  async function holdInAllTabs<Value>(
    name: string,
    { signal, waitMs = LOCK_WAIT_MS, steal }: HoldOptions,
    work: () => Promise<Value>,
  ): Promise<Value> {
    const waiting = new AbortController()
    const onAbort = (): void => waiting.abort(signal!.reason)
    const timer = setTimeout(() => waiting.abort(new AuthError('lock_timeout')), waitMs)
    signal?.addEventListener('abort', onAbort)
    const stopWaiting = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    let running: Promise<Value> | undefined
    try {
      // Every member is its own, so that none is read from a prototype. A lock that is stolen is
      // not waited for.
      const until = steal ? undefined : waiting.signal
      const options = { mode: 'exclusive', ifAvailable: false, steal, signal: until } as LockOptions
      return await navigator.locks.request(name, options, () => {
        stopWaiting()
        return (running = work())
      })
    } catch (error) {
      // Stolen from this tab, which stood still: its work goes on.
      if (running) return await running
      stopWaiting()
      throw error
    }
  }

  return {
    async hold(name, options, work) {
      const isShared = !options.inPage && (await this.areShared()) && !!navigator.locks
      // Before or meanwhile: nobody has listened so far.
      options.signal?.throwIfAborted()
      return (isShared ? holdInAllTabs : holdInPage)(name, options, work)
    },
    areShared: () => (shared ??= probe()),
  }
}
