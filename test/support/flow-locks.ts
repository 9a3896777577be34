interface Request {
  /** Gives it the lock. */
  readonly grant: () => void
  /** Takes the lock away from it. */
  readonly steal: () => void
}

/**
 * The part of the LockManager that is used here: exclusive locks, one queue for each name, an abort
 * only while waiting, and theft.
 */
export function createLocks(): Pick<LockManager, 'request'> & {
  readonly held: ReadonlyMap<string, unknown>
} {
  const held = new Map<string, Request>()
  const queues = new Map<string, Request[]>()

  function release(name: string, request: Request): void {
    if (held.get(name) !== request) return
    held.delete(name)
    queues.get(name)?.shift()?.grant()
  }

  async function request(
    name: string,
    { signal, steal, ifAvailable }: LockOptions,
    work: (lock: Lock | null) => unknown,
  ): Promise<unknown> {
    // What is stolen is not waited for.
    if (signal && steal) throw new DOMException('steal with signal', 'NotSupportedError')
    signal?.throwIfAborted()
    if (ifAvailable && held.has(name)) return work(null)
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    return new Promise((resolve, reject) => {
      const asked: Request = {
        grant() {
          held.set(name, asked)
          // Not at once: a browser asks another process.
          const done = Promise.resolve().then(() => work({ name, mode: 'exclusive' }))
          void done.then(resolve, reject).finally(() => release(name, asked))
        },
        steal: () => reject(new DOMException('Stolen', 'AbortError')),
      }
      if (steal) held.get(name)?.steal()
      if (steal || !held.has(name)) return asked.grant()
      queue.push(asked)
      signal?.addEventListener('abort', () => {
        const index = queue.indexOf(asked)
        if (index < 0) return
        queue.splice(index, 1)
        reject(signal.reason as Error)
      })
    })
  }

  return { held, request: request as LockManager['request'] }
}
