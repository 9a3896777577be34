import { readAuthorizationResponse } from '../protocol/authorization-response.ts'
import { exchangeAuthorizationCode } from '../protocol/token-request.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Transaction } from '../protocol/transaction.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { AuthorizationContext } from './begin-authorization.ts'

export interface CompletionOptions {
  /** The page that the response came to, for a response by redirect. */
  readonly address?: string
  /** Called right before the code is sent: from then on giving up would lose it. */
  readonly onTokenRequest?: () => void
}

/**
 * From an authorization response to validated tokens: the one way, whatever brought the response.
 * Stores nothing.
 *
 * @throws AuthError
 */
export async function completeAuthorization(
  { options, server, fetch }: AuthorizationContext,
  transaction: Transaction,
  parameters: URLSearchParams,
  { address, onTokenRequest }: CompletionOptions = {},
): Promise<TokenSet> {
  // After a redirect this page asks for what the page before it asked for a moment ago. A server
  // that names no lifetime for it would be asked twice for one login.
  const { metadata, keys } = await server.get({ cache: 'force-cache' })
  const { requireIss } = options
  const code = readAuthorizationResponse(metadata, transaction, parameters, { address, requireIss })
  await options.dpop?.ready(transaction.dpopJkt)
  onTokenRequest?.()
  const endpoint = { ...options, fetch, server: metadata, keys, clock: server.clock }
  const tokens = await exchangeAuthorizationCode({ ...endpoint, transaction, code }, Date.now)
  const sessionState = parameters.get('session_state') ?? undefined
  return ownFields<TokenSet>({ ...tokens, sessionState })
}
