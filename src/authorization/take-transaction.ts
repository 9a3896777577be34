import { AuthError } from '../errors.ts'
import { checkResponseShape } from '../protocol/authorization-response.ts'
import type { Transaction } from '../protocol/transaction.ts'
import { checkReturnTo } from '../protocol/url.ts'
import type { TransactionStore } from './transaction-store.ts'

/**
 * The transaction of a response, consumed; or what is wrong with the response.
 *
 * @param onForeignReturn called where other scripts of the origin have changed the place to return
 *   to: it is dropped
 */
export function takeTransaction(
  transactions: TransactionStore,
  parameters: URLSearchParams,
  state: string,
  onForeignReturn: () => void,
): Transaction | AuthError {
  try {
    // Before the transaction is consumed: a mangled URL does not cost a login that is still under
    // way.
    checkResponseShape(parameters)
  } catch (error) {
    return error as AuthError
  }
  const transaction = transactions.take(state)
  if (!transaction) return new AuthError('state_unknown')
  let returnTo
  try {
    returnTo = transaction.returnTo && checkReturnTo(transaction.returnTo)
  } catch {
    onForeignReturn()
  }
  const taken = Object.assign(transaction, { returnTo })
  transactions.finish(taken)
  return taken
}
