import { isExpired } from '../authorization/transaction-store.ts'
import type { CallbackResult, ClientContext } from './context.ts'
import { waitFor } from '../browser/single-flight.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { AUTHORIZATION_RESPONSE_PARAMETERS } from '../protocol/authorization-response.ts'
import { stateTag, type Transaction } from '../protocol/transaction.ts'
import { parseUrl } from '../protocol/url.ts'
import { cleanCallbackUrl, readCallbackUrl } from '../protocol/callback-url.ts'
import { callbacks, type Callback, type Completion } from './callback-memo.ts'
import { completeAuthorization } from '../authorization/complete-authorization.ts'
import { storeTokens } from '../session/store-tokens.ts'
import { loadSession } from '../session/stored-session.ts'
import { takeTransaction } from '../authorization/take-transaction.ts'
import { targetKey } from '../authorization/target.ts'

export interface CallbackOptions {
  /** The callback, if it is not the page's own address. */
  readonly url?: string
  readonly signal?: AbortSignal
}

/** How long an outcome is kept for what mounts twice, in milliseconds. */
const KEEP_MS = 5000

/** Explicit processing of a redirect response. See `AuthClient.handleRedirectCallback`. */
export async function handleRedirectCallback(
  context: ClientContext,
  { url, signal }: CallbackOptions = {},
): Promise<CallbackResult> {
  signal?.throwIfAborted()
  try {
    const callback = takeCallback(context, url)
    if (!callback) throw new AuthError('state_unknown')
    return await waitFor(finishCallback(context, callback), { signal })
  } catch (error) {
    if (isAuthError(error)) context.session.fail(error)
    throw error
  }
}

/**
 * Takes a response out of a URL, by default the page's. All of it happens at once: whether it is ours, the cleaning of the address
 * bar, the consumption of the transaction. A `code` that was meant for something else stays where it is. A page whose response was
 * just taken gives the same one again.
 */
export function takeCallback(
  context: ClientContext,
  address: string = location.href,
): Callback | undefined {
  const { issuer, clientId } = context.options
  // The whole strings: a tag is a hint, and may be that of another client as well.
  const key = `${issuer} ${clientId}`
  const known = findCallback(key)
  const tag = stateTag(context.options)
  const url = parseUrl(address, location.href)
  const parameters = url && readCallbackUrl(url, (state) => state.startsWith(`${tag}.`))
  if (!parameters) return known?.pageUrl === address ? known : undefined
  const state = parameters.get('state')!
  if (known?.state === state) return known
  if (context.transactions.isOfAnother(state)) return undefined
  if (url.href === location.href)
    history.replaceState(
      history.state,
      '',
      cleanCallbackUrl(url, (name) => AUTHORIZATION_RESPONSE_PARAMETERS.includes(name)),
    )
  const transaction = takeTransaction(context, parameters, state)
  const callback: Callback = {
    state,
    loginId: crypto.randomUUID(),
    pageUrl: location.href,
    completion: complete(context, parameters, transaction, url.href).finally(
      () => (callback.settledAt = performance.now()),
    ),
    isSilent: !(transaction instanceof AuthError) && transaction.kind === 'silent_redirect',
  }
  // Whoever waits for it gets the error; nobody may be waiting yet.
  callback.completion.catch(() => {})
  callbacks.set(key, callback)
  return callback
}

/** Forgets it after some seconds: its tokens would be handed out as new. */
function findCallback(key: string): Callback | undefined {
  const callback = callbacks.get(key)
  if (!(performance.now() > (callback?.settledAt ?? Infinity) + KEEP_MS)) return callback
  callbacks.delete(key)
  return undefined
}

async function complete(
  context: ClientContext,
  parameters: URLSearchParams,
  transaction: Transaction | AuthError,
  address: string,
): Promise<Completion> {
  if (transaction instanceof AuthError) throw transaction
  const { kind, appState, returnTo } = transaction
  const { generation } = context.marker.read()
  try {
    if (isExpired(transaction)) throw new AuthError('transaction_expired')
    const tokens = await completeAuthorization(context, transaction, parameters, { address })
    if (kind === 'login') context.redirects.reset()
    return { tokens, transaction, generation, isTaken: false }
  } catch (error) {
    throw Object.assign(error as AuthError, { appState, returnTo })
  } finally {
    // However it ended, this fallback is over: without a token it is not tried again by itself.
    if (kind === 'fallback') context.redirects.complete(targetKey(transaction))
  }
}

/** Brings an outcome into this client, once. */
export function finishCallback(
  context: ClientContext,
  callback: Callback,
): Promise<CallbackResult> {
  const { state, loginId, completion } = callback
  if (context.callback?.state !== state) {
    context.loginId = loginId
    context.callback = { state, result: settle(context, completion) }
  }
  return context.callback.result
}

async function settle(
  context: ClientContext,
  completion: Promise<Completion>,
): Promise<CallbackResult> {
  // A stored session of another user must be known first, so that it is ended properly.
  await loadSession(context)
  const outcome = await completion
  const { tokens, transaction, generation, isTaken } = outcome
  const { kind, appState, returnTo } = transaction
  // The parameters of a fallback decide what its token is for; those of a login (a hint, a language) do not.
  const target =
    kind === 'fallback'
      ? transaction
      : (ownFields({ ...transaction, authorizationParams: {} }) as unknown as Transaction)
  outcome.isTaken ||= !context.disposed
  const interactive = kind !== 'silent_redirect'
  try {
    await storeTokens(context, tokens, target, {
      ...{ generation, interactive, isTaken },
      // Another client of this page may come next.
      onGeneration: (current) => (outcome.generation = current),
    })
  } catch (error) {
    throw Object.assign(error as AuthError, { appState, returnTo })
  }
  return { appState, returnTo, user: context.session.user! }
}
