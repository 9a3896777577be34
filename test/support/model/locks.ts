import { createLocks } from '../flow-locks.ts'

/** What a page has: its locks end with it. */
export interface LockOwner {
  readonly isDead: () => boolean
  /** Each gives one lock back. */
  readonly releases: Set<() => void>
}

/**
 * Puts locks into the page that end with the tab that has them, as those of a browser do. All tabs
 * are one page here, so it is seen by whose storage is read first with the lock.
 *
 * @returns to be called when a tab begins to use its storage
 */
export function installOwnedLocks(): (owner: LockOwner) => void {
  const locks = createLocks()
  let granting: (() => void) | undefined

  const request = (
    name: string,
    options: LockOptions,
    work: (lock: Lock) => Promise<unknown>,
  ): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const hold = (lock: Lock | null): Promise<unknown> => {
        const ended = new Promise<void>((end) => (granting = end))
        const result = work(lock!)
        granting = undefined
        result.then(resolve, reject)
        return Promise.race([result.catch(() => {}), ended])
      }
      locks.request(name, options, hold).catch(reject)
    })
  Object.defineProperty(navigator, 'locks', { value: { request }, configurable: true })

  return (owner) => {
    if (!granting) return
    owner.releases.add(granting)
    if (owner.isDead()) granting()
  }
}
