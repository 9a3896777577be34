interface Waiting {
  readonly run: () => void
}

/** The part of the LockManager that is used here: exclusive locks, one queue for each name, an abort only while waiting. */
export function createLocks(): Pick<LockManager, 'request'> & { readonly held: Set<string> } {
  const held = new Set<string>()
  const queues = new Map<string, Waiting[]>()

  function release(name: string): void {
    held.delete(name)
    queues.get(name)?.shift()?.run()
  }

  async function acquire(name: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (!held.has(name)) {
      held.add(name)
      return
    }
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        run() {
          held.add(name)
          resolve()
        },
      }
      queue.push(waiting)
      signal?.addEventListener('abort', () => {
        const index = queue.indexOf(waiting)
        if (index < 0) return
        queue.splice(index, 1)
        reject(signal.reason as Error)
      })
    })
  }

  async function request(
    name: string,
    options: LockOptions,
    work: (lock: Lock) => unknown,
  ): Promise<unknown> {
    await acquire(name, options.signal)
    try {
      return await work({ name, mode: 'exclusive' })
    } finally {
      release(name)
    }
  }

  return { held, request: request as LockManager['request'] }
}
