import { isAuthError } from '../errors.ts'
import type { InternalContext } from './internal-strategy.ts'

/**
 * How many times as long as a request may take a tab must have stood still before the lock is taken
 * away from it.
 */
const STANDSTILL = 3

/**
 * Runs some work while no tab that shares the storage sends the refresh token: with the turns of a
 * target (`Session.inTurn`), all that is locked over the network.
 *
 * @throws AuthError `lock_timeout` where another tab is in the middle of a refresh
 */
export async function withRefreshLock<Value>(
  { session, sessionKey, options: { timeoutMs } }: InternalContext,
  signal: AbortSignal | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  // Without a strategy that uses it there is none, here or in the storage.
  if (!session.refreshTokens) return work()
  const { locks } = session.refreshTokens
  const name = `${sessionKey} refresh`
  // Where the storage is this page's own, so is the refresh token.
  const inPage = !session.isShared
  const options = { signal, waitMs: undefined, steal: false, inPage }
  try {
    return await locks.hold(name, options, work)
  } catch (error) {
    if (!isAuthError(error, 'lock_timeout') || inPage) throw error
    await session.reload()
    const { doubt } = session.refreshToken ?? {}
    // A tab that was suspended in the middle of its refresh: what became of the token nobody knows.
    const isStandingStill =
      doubt !== undefined && Date.now() - doubt.nextAt > STANDSTILL * timeoutMs
    if (!isStandingStill) throw error
    return locks.hold(name, { ...options, steal: true }, work)
  }
}
