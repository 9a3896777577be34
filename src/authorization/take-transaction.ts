import type { ClientContext } from '../client/context.ts'
import { AuthError } from '../errors.ts'
import { checkResponseShape } from '../protocol/authorization-response.ts'
import type { Transaction } from '../protocol/transaction.ts'
import { checkReturnTo } from '../protocol/url.ts'

/** The transaction of a response, consumed; or what is wrong with the response. */
export function takeTransaction(
  context: ClientContext,
  parameters: URLSearchParams,
  state: string,
): Transaction | AuthError {
  try {
    // Before the transaction is consumed: a mangled URL does not cost a login that is still under way.
    checkResponseShape(parameters)
  } catch (error) {
    return error as AuthError
  }
  const { issuer, clientId } = context.options
  const transaction = context.transactions.take(state)
  return transaction?.issuer === issuer && transaction.clientId === clientId
    ? confineReturnTo(context, transaction)
    : new AuthError('state_unknown')
}

/** Other scripts of the origin can write where logins are stored. A place elsewhere is dropped: the login itself is as good as any. */
function confineReturnTo({ events }: ClientContext, transaction: Transaction): Transaction {
  let returnTo
  try {
    returnTo = transaction.returnTo && checkReturnTo(transaction.returnTo)
  } catch {
    events.emit('warning', { code: 'return_to_invalid', reason: 'callback' })
  }
  return Object.assign(transaction, { returnTo })
}
