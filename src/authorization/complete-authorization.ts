import type { ClientContext } from '../client/context.ts'
import { readAuthorizationResponse } from '../protocol/authorization-response.ts'
import { exchangeAuthorizationCode } from '../protocol/token-request.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Transaction } from '../protocol/transaction.ts'

export interface CompletionOptions {
  /** The page that the response came to, for a response by redirect. */
  readonly address?: string
  /** Called right before the code is sent: from then on giving up would lose it. */
  readonly onGrant?: () => void
}

/**
 * From an authorization response to validated tokens: the one way, whatever brought the response. Stores nothing.
 *
 * @throws AuthError
 */
export async function completeAuthorization(
  context: ClientContext,
  transaction: Transaction,
  parameters: URLSearchParams,
  { address, onGrant }: CompletionOptions = {},
): Promise<TokenSet> {
  // After a redirect this page asks for what the page before it asked for a moment ago. A server that names no lifetime for it would
  // be asked twice for one login.
  const { metadata, keys } = await context.getServer({ cache: 'force-cache' })
  const { requireIss } = context.options
  const code = readAuthorizationResponse(metadata, transaction, parameters, { address, requireIss })
  onGrant?.()
  return exchangeAuthorizationCode(
    { ...context.options, fetch: context.fetch, server: metadata, keys, transaction, code },
    Date.now,
  )
}
