import { leavePage } from '../browser/navigation.ts'
import { createSingleFlight } from '../browser/single-flight.ts'
import { AuthError } from '../errors.ts'

export interface LeaveOptions {
  readonly isLogout: boolean
  /** Whether Back must not lead to this page. */
  readonly isReplaced?: boolean
  readonly signal: AbortSignal | undefined
  /** Default: `location.assign`. */
  readonly navigate: ((url: URL) => void | Promise<void>) | undefined
}

/**
 * Leaves the page, once: calls that come while it is leaving wait with the first. A logout
 * overtakes a login that is being prepared, which rejects with `logged_out`; a login that comes
 * while a logout is under way waits, for it would keep that from arriving.
 */
export interface PageLeaver {
  /** @param work calls `go` when everything is prepared, or not at all: then the page stays */
  leave(
    options: LeaveOptions,
    work: (go: (url: URL) => Promise<void>, aborted: AbortSignal) => Promise<void>,
  ): Promise<void>
  /** Ends a login that is being prepared, and leaves a logout that is under way alone. */
  overtake(): boolean
  abort(reason: unknown): void
}

/** After this a page that is still there was not left, and may be left again. */
const LEAVING_MS = 3000

export function createPageLeaver(): PageLeaver {
  const flights = createSingleFlight<boolean>()
  /**
   * The redirect that is under way: since when, a number to tell it from the next, and the number
   * of the last logout.
   */
  const leaving = { round: 1, since: Infinity, logout: 0 }

  const leaver: PageLeaver = {
    async leave(options, work) {
      const { isLogout, isReplaced = false, signal, navigate } = options
      if ((isLogout && leaver.overtake()) || performance.now() - leaving.since > LEAVING_MS) {
        leaving.round++
        leaving.since = Infinity
      }
      if (isLogout) leaving.logout = leaving.round
      const key = String(leaving.round)
      const isLeft = await flights.join(
        key,
        { signal, timeoutMs: undefined },
        async (aborted, commit) => {
          let isGoing = false
          try {
            await work(async (url) => {
              aborted.throwIfAborted()
              commit()
              isGoing = true
              leaving.since = performance.now()
              await (navigate ? navigate(url) : leavePage(url, isReplaced))
            }, aborted)
            return isGoing
          } finally {
            if (isLogout) leaving.logout = 0
          }
        },
      )
      // It waited for a logout that had nowhere to go.
      if (!isLeft && !isLogout) return leaver.leave(options, work)
    },
    overtake() {
      const overtakes = leaving.logout !== leaving.round
      if (overtakes) flights.abort(new AuthError('logged_out'))
      return overtakes
    },
    abort: flights.abort,
  }
  return leaver
}
