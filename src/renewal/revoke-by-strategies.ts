import { waitFor } from '../browser/single-flight.ts'
import { isAuthError } from '../errors.ts'
import type { InternalContext } from './internal-strategy.ts'
import { partOf } from './run-strategies.ts'

/** How long a page that is signing out waits for a refresh token to be revoked, in milliseconds. */
const REVOCATION_MS = 2000

/**
 * Has the strategies revoke a refresh token that ends with the session. Never rejects, and what
 * takes longer goes on without the page: the user is signed out all the same.
 */
export async function revokeByStrategies(context: InternalContext, token: string): Promise<void> {
  const limits = { signal: undefined, timeoutMs: REVOCATION_MS }
  await waitFor(revoke(context, token), limits).catch(() => {})
}

async function revoke(context: InternalContext, token: string): Promise<void> {
  for (const strategy of context.options.renewal) {
    try {
      await partOf(strategy, 'onLogout')?.(context, token)
    } catch (error) {
      context.warn(isAuthError(error) ? error.code : 'network_error', 'revocation')
    }
  }
}
