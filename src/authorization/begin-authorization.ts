import type { ClientContext } from '../client/context.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { createAuthorizationRequestUrl } from '../protocol/authorization-request.ts'
import {
  createTransaction,
  type Target,
  type Transaction,
  type TransactionInput,
} from '../protocol/transaction.ts'

/** What distinguishes one authorization request from another, besides its target. */
export type AuthorizationOptions = Pick<TransactionInput, 'kind' | 'responseMode'> &
  Partial<Pick<TransactionInput, 'maxAge' | 'acrValues' | 'appState' | 'returnTo' | 'redirectUri'>>

/** Makes a new transaction and the URL of its authorization request. */
export async function beginAuthorization(
  context: ClientContext,
  target: Target,
  options: AuthorizationOptions,
): Promise<{ readonly transaction: Transaction; readonly url: URL }> {
  const { issuer, clientId, authorizationParams } = context.options
  const { metadata } = await context.getServer()
  const { max_age, acr_values } = ownFields({
    ...authorizationParams,
    ...target.authorizationParams,
  }) as { readonly max_age?: string; readonly acr_values?: string }
  const transaction = createTransaction({
    ...target,
    issuer,
    clientId,
    redirectUri: context.redirectUri,
    createdAt: Date.now(),
    // What was asked for as a plain parameter is held against the ID token all the same.
    ...(max_age && { maxAge: Number(max_age) }),
    ...(acr_values && { acrValues: acr_values }),
    ...options,
  })
  return {
    transaction,
    url: await createAuthorizationRequestUrl(metadata, transaction, authorizationParams),
  }
}
