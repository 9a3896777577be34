import type { TokenStorage } from './storage.ts'

/** Longer than any storage that works takes. */
const WAIT_MS = 2000

export interface ResilientStorage {
  readonly shared: boolean
  /** Whether anything was in it, ever: other tabs may know what this one cannot read any more. */
  worked(): boolean
  /** Null where nothing is stored; undefined where that is not known. */
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<unknown>
  delete(key: string): Promise<unknown>
}

/**
 * Makes a storage that never throws and never hangs: what fails is told to `warn`, once a kind, and the caller goes on with what
 * is in memory. One that hangs is left alone until it answers, except for deletions, which are worth another try.
 */
export function createResilientStorage(
  storage: TokenStorage,
  warn: (operation: string) => void,
): ResilientStorage {
  const failed = new Set<string>()
  let hung = false
  let worked = false

  async function attempt<Value>(
    operation: string,
    run: () => Promise<Value>,
  ): Promise<Value | null | undefined> {
    if (hung && operation !== 'delete') return undefined
    let timer
    try {
      const value = await Promise.race([
        // A device that has slept finds the time over before it finds the answer.
        run().finally(() => (hung = false)),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => {
            hung = true
            reject(new Error())
          }, WAIT_MS)
        }),
      ])
      worked ||= operation === 'set' || value != null
      return value ?? null
    } catch {
      // Not a word of the error itself: that of an app's own storage may quote the value.
      if (!failed.has(operation)) warn(operation)
      failed.add(operation)
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    shared: storage.shared ?? true,
    worked: () => worked,
    get: (key) => attempt('get', async () => storage.get(key)),
    set: (key, value) => attempt('set', async () => storage.set(key, value)),
    delete: (key) => attempt('delete', async () => storage.delete(key)),
  }
}
