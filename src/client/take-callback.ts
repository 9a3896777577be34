import { isExpired } from '../authorization/transaction-store.ts'
import { completeAuthorization } from '../authorization/complete-authorization.ts'
import { takeTransaction } from '../authorization/take-transaction.ts'
import { withKeys } from '../authorization/resolve-target.ts'
import { handOver } from '../browser/hand-over.ts'
import { replaceAddress } from '../browser/replace-address.ts'
import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { AuthError, isAuthError, withDetails } from '../errors.ts'
import {
  AUTHORIZATION_RESPONSE_PARAMETERS,
  needsLogin,
} from '../protocol/authorization-response.ts'
import { cleanCallbackUrl, readCallbackUrl } from '../protocol/callback-url.ts'
import { isPopupState } from '../protocol/popup-state.ts'
import { stateTag, type Transaction } from '../protocol/transaction.ts'
import { checkReturnTo, parseUrl } from '../protocol/url.ts'
import { noteRefusal } from '../renewal/silent-redirect-strategy.ts'
import type { CallbackResult } from './call-options.ts'
import type { ClientContext } from './context.ts'
import { enterLogin, type Completion } from './enter-login.ts'
import type { SessionOwner } from './session-owner.ts'

/** A response that this page has taken. */
export interface Callback {
  readonly state: string
  /**
   * The address of the page since the response was taken out of it; undefined where it came another
   * way.
   */
  readonly pageUrl: string | undefined
  readonly completion: Promise<Completion>
  /** Whether a transaction was found, and consumed. */
  readonly hasTransaction: boolean
  /** No person has logged in: a silent request that the whole page made. */
  readonly isSilent: boolean
  readonly returnTo: string | undefined
  readonly appState: unknown
  /** Whether it was finished before: Back leads to it once more. */
  readonly isRepeated: boolean
  /** When its tokens were there, or none came, by `performance.now()`. */
  exchangedAt?: number
  entered?: EnteredCallback
}

/** How a response came into the session of an owner. */
interface EnteredCallback {
  readonly owner: SessionOwner
  readonly result: Promise<CallbackResult>
  isOver: boolean
}

/**
 * How long an outcome is kept for a component that mounts twice, in milliseconds: later its tokens
 * would be handed out as new.
 */
export const KEEP_CALLBACK_MS = 5000

/**
 * Takes a response out of a URL, by default the page's. All of it happens at once: whether it is
 * ours, the cleaning of the address bar, the consumption of the transaction. A `code` that was
 * meant for something else stays where it is. A page whose response was just taken gives the same
 * one again.
 */
export function takeCallback(
  context: ClientContext,
  address: string = location.href,
): Callback | undefined {
  const { options, transactions, owner } = context
  const { entry } = owner
  const { exchangedAt = Infinity, entered } = entry.callback ?? {}
  const isForgotten =
    performance.now() > exchangedAt + KEEP_CALLBACK_MS && entered?.isOver !== false
  if (isForgotten) entry.callback = undefined
  const known = entry.callback
  const tag = stateTag(options)
  const url = parseUrl(address, location.href)
  const parameters = url && readCallbackUrl(url, (state) => state.startsWith(`${tag}.`))
  if (!parameters && known?.pageUrl === address) return known
  // Without one, this page may have been reloaded while it was finishing one.
  const state = parameters ? parameters.get('state')! : (transactions.findArrived(address) ?? '')
  if (!state.startsWith(`${tag}.`)) return undefined
  // A tag is a hint: a client of another issuer may have the same one.
  if (transactions.isOfAnotherClient(state)) return undefined
  const isOfPage = url?.href === location.href
  if (parameters && isOfPage) cleanAddress(url)
  if (known?.state === state) return known
  // Other scripts of the origin can write where it is kept.
  const finished = transactions.findFinished(state)
  const finishedReturnTo =
    finished === undefined ? finished : tryOrUndefined(() => checkReturnTo(finished))
  const transaction = parameters
    ? takeTransaction(transactions, parameters, state, () =>
        owner.emit('warning', { code: 'return_to_invalid', reason: 'callback' }),
      )
    : new AuthError('state_unknown')
  const hasTransaction = !(transaction instanceof AuthError)
  const callback: Callback = {
    state,
    pageUrl: isOfPage ? location.href : undefined,
    completion: complete(context, parameters, transaction, url?.href ?? address).finally(
      () => (callback.exchangedAt = performance.now()),
    ),
    hasTransaction,
    isSilent: hasTransaction && transaction.kind === 'silent_redirect',
    returnTo: hasTransaction ? transaction.returnTo : finishedReturnTo,
    appState: hasTransaction ? transaction.appState : undefined,
    isRepeated: finishedReturnTo !== undefined,
  }
  // Whoever waits for it gets the error; nobody may be waiting yet.
  callback.completion.catch(() => {})
  if (hasTransaction) transactions.arrive(location.href, state)
  entry.callback = callback
  return callback
}

/** How long a page that is reloaded may still be there when its requests fail, in milliseconds. */
const GOING_MS = 3000

/**
 * The page has done with a response. Not at once where its requests failed: Chromium has them fail
 * in a page that is reloaded, before it goes. Nor where a caller has given up.
 */
export function leaveCallback({ transactions }: ClientContext, error?: unknown): void {
  if (isAuthError(error, 'network_error')) setTimeout(transactions.depart, GOING_MS)
  else if (error === undefined || isAuthError(error)) transactions.depart()
}

/** Takes a response out of the address bar. */
export function cleanAddress(url: URL): void {
  const isResponse = (name: string): boolean => AUTHORIZATION_RESPONSE_PARAMETERS.includes(name)
  replaceAddress(history.state, cleanCallbackUrl(url, isResponse))
}

async function complete(
  { owner, redirects, ...context }: ClientContext,
  parameters: URLSearchParams | undefined,
  transaction: Transaction | AuthError,
  address: string,
): Promise<Completion> {
  if (transaction instanceof AuthError) {
    const state = parameters?.get('state') ?? ''
    // The app was loaded into a popup that another page waits for.
    if (isPopupState(state)) await handOver(state, address)
    throw transaction
  }
  const { kind, appState, returnTo } = transaction
  const generation = owner.session.currentGeneration()
  try {
    if (isExpired(transaction)) throw new AuthError('transaction_expired')
    const tokens = await completeAuthorization(context, transaction, parameters!, { address })
    if (kind !== 'fallback') redirects.reset(kind === 'login')
    if (kind === 'silent_redirect') owner.cookies.pageAnswered(true)
    return { tokens, transaction, generation }
  } catch (error) {
    if (kind === 'silent_redirect' && needsLogin(error as AuthError)) noteRefusal(owner)
    // The login is consumed: the same answer does not succeed later.
    throw withDetails(error, { appState, returnTo, retryable: false })
  } finally {
    // However it ended, this fallback is over: without a token it is not tried again by itself.
    if (kind === 'fallback') redirects.complete(withKeys(transaction).key)
  }
}

/** Brings an outcome into the session, once. */
export function finishCallback(
  { owner }: ClientContext,
  callback: Callback,
): Promise<CallbackResult> {
  const isAgain = callback.entered !== undefined
  if (callback.entered?.owner === owner) return callback.entered.result
  const result = enterLogin(owner, callback.completion, isAgain).finally(
    () => (entered.isOver = true),
  )
  const entered: EnteredCallback = { owner, result, isOver: false }
  callback.entered = entered
  return result
}
