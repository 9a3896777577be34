import { waitFor } from '../browser/single-flight.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { PROTOCOL, type VaultRequest } from './messages.ts'
import { openWorker, type OpenedWorker } from './open-worker.ts'
import type { VaultScript } from './vault-script.ts'

/** A page's way to the worker, which may not load, hang or die. */
export interface VaultConnection {
  /** Whether tabs share it. */
  isShared(): boolean
  /**
   * Whether it answers; undefined where it may be late only, and what it keeps is not lost. Never
   * rejects, and is bounded.
   */
  isReady(): Promise<boolean | undefined>
  /**
   * Asks it: what it answers by itself has to come at once; what a server has to answer, whenever
   * it comes.
   *
   * @throws where no answer comes
   */
  ask(request: VaultRequest): Promise<unknown>
}

/** Longer than any worker takes that is well. */
const WAIT_MS = 2000
/** When a worker that gave no answer is begun anew, in milliseconds. */
const AGAIN_MS = 60_000

interface Begun extends OpenedWorker {
  /** Whether it is known to be of this version. */
  isKnown: boolean
  /**
   * Since when it is not waited for, by `performance.now()`: it gave no answer, or is of another
   * version. It may be late only.
   */
  silentSince: number | undefined
}

interface Waiting {
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/**
 * The worker is begun when it is asked for the first time.
 *
 * @param signal aborted when the page is done with it
 * @param onFailure called once, where it does not answer
 */
export function createVaultConnection(
  script: VaultScript,
  signal: AbortSignal,
  onFailure: () => void,
): VaultConnection {
  const waiting = new Map<string, Waiting>()
  let begun: Begun | undefined
  let hasFailed = false
  /** Whether it cannot be waited for: one does not load, or is the second that gives no answer. */
  let isLost = false

  function fail(worker: Begun, isForGood = isLost): void {
    isLost = isForGood
    worker.silentSince = performance.now()
    if (!hasFailed && !signal.aborted) onFailure()
    hasFailed = true
  }

  function begin(): Begun {
    if (begun && performance.now() < (begun.silentSince ?? Infinity) + AGAIN_MS) return begun
    begun?.end()
    isLost = !!begun
    const worker: Begun = {
      ...openWorker(script, {
        onMessage(data) {
          const { id, answer } = ownFields(data)
          worker.silentSince = undefined
          isLost = false
          waiting.get(String(id))?.resolve(answer)
        },
        onError() {
          fail(worker, true)
          for (const { reject } of waiting.values()) reject(new TypeError())
        },
      }),
      isKnown: false,
      silentSince: undefined,
    }
    if (!worker.post) fail(worker, true)
    return (begun = worker)
  }

  function leave(): void {
    if (signal.aborted && !waiting.size) begun?.end()
  }

  async function post(request: VaultRequest): Promise<unknown> {
    signal.throwIfAborted()
    const worker = begin()
    const id = crypto.randomUUID()
    worker.post?.({ ...request, id })
    // An answer that comes all the same says that it is there again.
    if (worker.silentSince !== undefined) throw new TypeError()
    const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    try {
      // What is asked of a server is waited for also when the page is done: a code is used up.
      const isOfServer = /^(send|end)$/.test(request.verb)
      return await (isOfServer ? answer : waitFor(answer, { signal, timeoutMs: WAIT_MS }))
    } catch (error) {
      fail(worker)
      throw error
    } finally {
      waiting.delete(id)
      leave()
    }
  }

  async function isReady(): Promise<boolean | undefined> {
    try {
      const { version } = ownFields(await post({ verb: 'hello' }))
      const worker = begin()
      worker.isKnown = version === PROTOCOL
      if (!worker.isKnown) fail(worker, true)
      return worker.isKnown
    } catch {
      return !isLost && undefined
    }
  }

  signal.addEventListener('abort', leave)

  return {
    isShared: () => !signal.aborted && begin().isShared,
    isReady,
    async ask(request) {
      signal.throwIfAborted()
      if (!begin().isKnown && !(await isReady())) throw new TypeError()
      return post(request)
    },
  }
}
