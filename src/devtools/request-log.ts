import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { ownFields } from '../protocol/without-prototype.ts'

/** Of all servers; more than are shown of this one. */
const KEPT = 200

/** What the library sends: not the scripts, styles and pictures of the page. */
const SENT = ['fetch', 'iframe']

/**
 * Keeps the requests of the page as the browser has timed them. The browser's own list is full with
 * the modules of an app that is not bundled.
 *
 * @param signal aborted when none are kept any more
 */
export function createRequestLog(signal: AbortSignal): () => readonly PerformanceResourceTiming[] {
  const kept: PerformanceResourceTiming[] = []
  const keep = (list: PerformanceObserverEntryList): void => {
    const entries = list.getEntries() as PerformanceResourceTiming[]
    kept.push(...entries.filter(({ initiatorType }) => SENT.includes(initiatorType)))
    kept.splice(0, kept.length - KEPT)
  }
  tryOrUndefined(() => {
    const observer = new PerformanceObserver(keep)
    observer.observe(ownFields({ type: 'resource', buffered: true }))
    signal.addEventListener('abort', () => observer.disconnect())
  })
  return () => kept
}
