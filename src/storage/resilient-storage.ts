import type { Locks } from '../browser/lock.ts'
import type { KeyValueStorage } from './storage.ts'

/** Longer than any storage that works takes. */
const WAIT_MS = 2000
/**
 * Longer than a write takes in a running tab. A tab that holds the lock longer is frozen, so it is
 * safe to write without the lock.
 */
const LOCK_WAIT_MS = 1000

export interface ResilientStorage {
  readonly shared: boolean
  readonly copied: boolean
  /** Whether it has not answered for so long that it is left alone. */
  hangs(): boolean
  /** Null where nothing is stored; undefined where that is not known. */
  get(key: string): Promise<unknown>
  /**
   * Changes a value in one step: `change` gives the new value, undefined to delete it, or what it
   * was given to leave it.
   *
   * @param urgent whether a storage that hangs is worth another try
   * @returns whether it is certain that this was done
   */
  update(key: string, change: (value: unknown) => unknown, urgent?: boolean): Promise<boolean>
  /** Without waiting, for a page that is about to go away. */
  write(key: string, value: unknown): void
}

/**
 * Makes a storage that never throws and never hangs: what fails is told to `warn`, once a kind, and
 * the caller goes on with what is in memory. One that hangs is left alone until it answers.
 */
export function createResilientStorage(
  storage: KeyValueStorage,
  locks: Locks,
  warn: (operation: string) => void,
): ResilientStorage {
  const failed = new Set<string>()
  let hung = false

  /** Undefined where it failed. */
  async function ask<Value>(
    operation: () => string,
    run: () => Promise<Value>,
  ): Promise<{ readonly value: Value } | undefined> {
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
      return { value }
    } catch {
      // Not a word of the error itself: that of an app's own storage may quote the value.
      const name = operation()
      if (!failed.has(name)) warn(name)
      failed.add(name)
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  /** For a storage that has no such step of its own: a short lock over the storage alone. */
  async function updateUnderLock(key: string, change: (value: unknown) => unknown): Promise<void> {
    let begun = false
    const work = async (): Promise<void> => {
      begun = true
      const before = (await storage.get(key)) ?? undefined
      const after = change(before)
      if (after === before) return
      await (after === undefined ? storage.delete(key) : storage.set(key, after))
    }
    const options = {
      signal: undefined,
      waitMs: LOCK_WAIT_MS,
      steal: false,
      inPage: storage.shared === false,
    }
    await locks.hold(`${key} storage`, options, work).catch((error: unknown) => {
      if (begun) throw error
      return work()
    })
  }

  return {
    get shared() {
      return storage.shared ?? true
    },
    get copied() {
      return storage.copied ?? false
    },
    hangs: () => hung,
    async get(key) {
      if (hung) return undefined
      const answer = await ask(
        () => 'get',
        async () => storage.get(key),
      )
      return answer && (answer.value ?? null)
    },
    async update(key, change, urgent) {
      if (hung && !urgent) return false
      let operation = 'get'
      const noted = (value: unknown): unknown => {
        const wanted = change(value)
        operation = wanted === undefined ? 'delete' : 'set'
        return wanted
      }
      const run = async (): Promise<void> =>
        storage.update ? storage.update(key, noted) : updateUnderLock(key, noted)
      return !!(await ask(() => operation, run))
    },
    write(key, value) {
      try {
        storage.set(key, value).catch(() => {})
      } catch {
        // The page goes away: the next one logs in silently.
      }
    },
  }
}
