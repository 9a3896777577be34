import {
  beginAuthorization,
  type AuthorizationOptions,
} from '../authorization/begin-authorization.ts'
import { completeAuthorization } from '../authorization/complete-authorization.ts'
import type { KeyedTarget } from '../authorization/resolve-target.ts'
import { authorizeByPopup, openPopup, type PopupRequest } from '../browser/popup-window.ts'
import { waitFor, type Caller, type SingleFlight } from '../browser/single-flight.ts'
import type { AuthClient } from '../client/auth-client.ts'
import { contextOf, targetOf, type ClientContext } from '../client/context.ts'
import { checkLogin } from '../client/login-with-redirect.ts'
import type { SessionOwner } from '../client/session-owner.ts'
import { AuthError, withDetails } from '../errors.ts'
import { configInvalid, isDuration } from '../protocol/request-parameters.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Transaction } from '../protocol/transaction.ts'
import { resolveRedirectUri } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { whileAlive } from './lifetime.ts'
import type { PopupOptions } from './popup-options.ts'

/** What a popup has brought: nothing of it is in the session yet. */
export interface PopupOutcome {
  readonly context: ClientContext
  readonly target: KeyedTarget
  readonly tokens: TokenSet
  readonly transaction: Transaction
  /** The generation that the session had when the popup was opened, and has to have still. */
  readonly generation: string
}

/** Options without a prototype. */
export type PopupCall = PopupOptions

/** What is different for a login and for a token. */
export interface PopupPurpose<Result> {
  readonly name: 'login' | 'token'
  /**
   * Called before the popup is opened, and once more when the storage was read.
   *
   * @throws AuthError where the request would be in vain
   */
  readonly check: (context: ClientContext, isRestored: boolean) => void
  readonly finish: (outcome: PopupOutcome) => Promise<Result>
}

interface OpenPopup {
  readonly key: string
  readonly popup: Window
  /** Of those who wait for it. */
  readonly signals: (AbortSignal | undefined)[]
}

const TEN_MINUTES_MS = 600_000

/** One popup at a time for each session, as long as it is open. */
const openPopups: WeakMap<SessionOwner, OpenPopup> = /* @__PURE__ */ new WeakMap()

/**
 * Asks the server in a popup. Opens it in the same turn, because browsers allow it only in the
 * click itself. The same call while it is open joins it; another one is refused.
 */
export async function requestByPopup<Result>(
  auth: AuthClient<object>,
  call: PopupCall,
  purpose: PopupPurpose<Result>,
): Promise<Result> {
  const context = contextOf(auth)
  const { owner, ended } = context
  const { signal } = call
  signal?.throwIfAborted()
  ended.signal.throwIfAborted()
  // A living client, in a browser, that reads its storage; sends nothing.
  const entered = auth.isAuthenticated()
  // It has not come so far: the promise says why.
  if (!context.redirectUri) await entered
  entered.catch(() => {})
  purpose.check(context, false)
  const settings = readSettings(context, call)
  const key = `popup ${JSON.stringify([purpose.name, settings.target.key, settings.request])}`
  const opened = openPopups.get(owner)
  // One that everybody has given up closes in a moment.
  const isWanted = opened?.signals.some((one) => !one?.aborted)
  if (isWanted && opened!.key !== key)
    throw new AuthError('popup_blocked', { reason: 'already_open' })
  opened?.popup.focus()
  // A logout and the end of the client abort it, as they do every request of the session.
  const flights: SingleFlight<unknown> = owner.flights
  // So does whoever waits, also where another client of the page goes on with the same session.
  const wanted = new AbortController()
  const flight = flights.join(
    key,
    ownFields({ signal: wanted.signal }),
    async (aborted, commit) => {
      const generation = context.session.currentGeneration()
      const ready = async (): Promise<void> => {
        await entered
        purpose.check(context, true)
      }
      const answer = await askInPopup(context, { ...settings, key, ready, aborted })
      const { target } = settings
      return complete(context, answer, { aborted, commit }, (tokens, transaction) =>
        purpose.finish({ context, target, tokens, transaction, generation }),
      )
    },
  )
  openPopups.get(owner)?.signals.push(signal)
  const result = waitFor(flight as Promise<Result>, ownFields<Caller>({ signal }))
  return whileAlive(context, result).finally(() => wanted.abort())
}

interface PopupAnswer {
  readonly transaction: Transaction
  readonly response: URLSearchParams
}

/** Everything up to the response. The popup opens in the turn of the call. */
async function askInPopup(
  context: ClientContext,
  {
    width,
    height,
    timeoutMs,
    target,
    request,
    key,
    ready,
    aborted,
  }: PopupSettings & {
    readonly key: string
    readonly ready: () => Promise<void>
    readonly aborted: AbortSignal
  },
): Promise<PopupAnswer> {
  const popup = openPopup(width, height)
  const own: OpenPopup = { key, popup, signals: [] }
  openPopups.set(context.owner, own)
  let transaction: Transaction
  const begin = async (): Promise<PopupRequest> => {
    await ready()
    const begun = await beginAuthorization(context, target, { kind: 'popup', ...request })
    transaction = begun.transaction
    const { state, redirectUri } = transaction
    return { url: begun.url, state, redirectUri }
  }
  try {
    const response = await authorizeByPopup(popup, begin(), { timeoutMs, signal: aborted })
    return { transaction: transaction!, response }
  } finally {
    // After a logout the next one may be open already.
    if (openPopups.get(context.owner) === own) openPopups.delete(context.owner)
  }
}

/** Everything after the response. */
async function complete<Result>(
  context: ClientContext,
  { transaction, response }: PopupAnswer,
  { aborted, commit }: { readonly aborted: AbortSignal; readonly commit: () => void },
  finish: (tokens: TokenSet, transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const { appState } = transaction
  const onTokenRequest = (): void => {
    // After a logout no code is exchanged.
    aborted.throwIfAborted()
    commit()
  }
  try {
    const tokens = await completeAuthorization(context, transaction, response, { onTokenRequest })
    return await finish(tokens, transaction)
  } catch (error) {
    // The login is consumed: the same answer does not succeed later.
    throw withDetails(error, { retryable: false, ...(appState !== undefined && { appState }) })
  }
}

interface PopupSettings {
  readonly width: number
  readonly height: number
  readonly timeoutMs: number
  readonly target: KeyedTarget
  readonly request: Omit<AuthorizationOptions, 'kind'>
}

/** @throws AuthError `config_invalid` */
function readSettings(context: ClientContext, call: PopupCall): PopupSettings {
  const { width = 480, height = 640, timeoutMs = TEN_MINUTES_MS } = call
  for (const [option, value] of Object.entries({ width, height, timeoutMs }))
    if (!isDuration(value)) throw configInvalid(option)
  const responseMode = call.responseMode ?? context.options.responseMode
  if (!['query', 'fragment'].includes(responseMode)) throw configInvalid('responseMode')
  const redirectUri = call.redirectUri ? resolveRedirectUri(call.redirectUri) : context.redirectUri
  const target = targetOf(context, call)
  const request = { ...checkLogin(call), responseMode, redirectUri }
  return { width, height, timeoutMs, target, request }
}
