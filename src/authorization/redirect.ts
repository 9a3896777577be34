import type { Target } from '../protocol/target.ts'
import {
  beginAuthorization,
  type AuthorizationContext,
  type AuthorizationOptions,
} from './begin-authorization.ts'
import type { LeaveOptions, PageLeaver } from './leave-page.ts'
import type { RedirectGuard } from './redirect-guard.ts'
import type { TransactionStore } from './transaction-store.ts'

/** What a request by the whole page needs of a client. */
export interface RedirectContext extends AuthorizationContext {
  readonly options: AuthorizationContext['options'] & Partial<Pick<LeaveOptions, 'navigate'>>
  readonly transactions: TransactionStore
  readonly redirects: RedirectGuard
  readonly leaver: PageLeaver
}

/**
 * Leaves for an authorization request.
 *
 * @param isCounted whether no person has begun it: too many of those in a row go in a circle
 */
export function redirect(
  context: RedirectContext,
  target: Target,
  options: AuthorizationOptions,
  signal: AbortSignal | undefined,
  isCounted = true,
): Promise<void> {
  const { transactions, redirects, leaver } = context
  const { navigate } = context.options
  // Nobody has asked for that page: Back leads to the one before.
  const isReplaced = options.kind === 'silent_redirect'
  return leaver.leave({ isLogout: false, isReplaced, signal, navigate }, async (go, aborted) => {
    const { transaction, url } = await beginAuthorization(context, target, options)
    aborted.throwIfAborted()
    if (isCounted) redirects.count()
    transactions.save(transaction)
    try {
      await go(url)
    } catch (error) {
      transactions.take(transaction.state)
      throw error
    }
  })
}
