import type { ClientContext } from '../client/context.ts'
import { AuthError } from '../errors.ts'
import { leavePage } from '../browser/navigation.ts'

/** After this a page that is still there was not left, and may be left again. */
const LEAVING_MS = 3000

/**
 * Leaves the page, once: calls that come while it is leaving wait with the first. A logout overtakes a login that is being prepared,
 * which rejects with `logged_out`; a login that comes while a logout is under way waits, for it would keep that from arriving.
 *
 * @param work calls `go` when everything is prepared, or not at all: then the page stays
 */
export async function leave(
  context: ClientContext,
  isLogout: boolean,
  signal: AbortSignal | undefined,
  work: (go: (url: URL) => Promise<void>, aborted: AbortSignal) => Promise<void>,
): Promise<void> {
  const { leaving, redirections, options } = context
  const overtakes = isLogout && leaving.logout !== leaving.round
  if (overtakes) redirections.abort(new AuthError('logged_out'))
  if (overtakes || performance.now() - leaving.since > LEAVING_MS) {
    leaving.round++
    leaving.since = Infinity
  }
  if (isLogout) leaving.logout = leaving.round
  const key = String(leaving.round)
  const isLeft = await redirections.join(key, { signal }, async (aborted, commit) => {
    let isGoing = false
    try {
      await work(async (url) => {
        aborted.throwIfAborted()
        commit()
        isGoing = true
        leaving.since = performance.now()
        await (options.navigate ?? leavePage)(url)
      }, aborted)
      return isGoing
    } finally {
      if (isLogout) leaving.logout = 0
    }
  })
  // It waited for a logout that had nowhere to go.
  if (!isLeft && !isLogout) return leave(context, isLogout, signal, work)
}
