import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { ownFields } from '../protocol/without-prototype.ts'

/**
 * Counts the tabs that show the panel of one client: they hold a lock together.
 *
 * @param signal aborted when this tab shows it no longer
 * @returns a function that gives the last count, and looks again; undefined where the browser
 *   refuses locks
 */
export function createTabCount(name: string, signal: AbortSignal): () => number | undefined {
  let count: number | undefined
  const whileShown = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve()),
  )
  const shared: LockOptions = ownFields({ mode: 'shared' })
  // Where site data is blocked there is no count, and all the rest is shown.
  const refused = (): void => {}
  void tryOrUndefined(() => navigator.locks.request(name, shared, () => whileShown).catch(refused))
  return () => {
    void tryOrUndefined(() =>
      navigator.locks.query().then(({ held = [] }) => {
        count = held.filter((lock) => lock.name === name).length
      }, refused),
    )
    return count
  }
}
