import { MAX_TIMER_MS } from '../browser/max-timer.ts'
import { leewayMs, receivedTick, remainingMs, type TokenEntry } from '../session/token-cache.ts'
import type { AuthClient } from '../client/auth-client.ts'
import { contextOf, targetOf, type ClientContext } from '../client/context.ts'
import { isAuthError } from '../errors.ts'
import { createLifetime, inThisZone } from './lifetime.ts'
import { IN_BACKGROUND, renew } from '../renewal/renew.ts'
import type { KeyedTarget } from '../authorization/resolve-target.ts'
import type { TargetOptions } from '../protocol/target.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { configInvalid } from '../protocol/request-parameters.ts'

export interface AutoRenewOptions {
  /**
   * What is kept ready, as for `getTokenSilently`. Default: one token for the client's own scope
   * and audience.
   */
  readonly targets?: readonly TargetOptions[] | undefined
}

/** Between two attempts for one target, however short its tokens live. */
const MIN_INTERVAL_MS = 10_000
/** After the first failure the token is still good for as long; both without what chance adds. */
const BACKOFF_MS = 30_000
const MAX_BACKOFF_MS = 300_000
/** The pages of an office that is connected again do not come all at once. */
const ONLINE_MS = 10_000
/**
 * How early before it counts as expired a token is renewed; then up to twice as much more, by
 * chance: clients that came back together do not come together again.
 */
const AHEAD_MS = 60_000

/**
 * Keeps tokens ready, so that `getTokenSilently` answers from the cache: renews each a little
 * before it expires, while the page is visible and online and somebody is signed in. A page that
 * was hidden, asleep or in the back/forward cache renews once when it is back, and one that was
 * offline within ten seconds. Tabs that share a storage renew one for all. A failed renewal is tried
 * again with growing pauses, not before the server's `Retry-After`; by chance some wait longer than
 * others, so that pages do not come back to a server all at once. One that needs the user is not
 * tried again, and never redirects. Does nothing on a server.
 *
 * @returns a function that ends it; `dispose` ends it too
 * @throws AuthError `config_invalid` where `auth` is no client or a target is unfit
 * @example
 * ```ts
 * const stop = autoRenew(auth)
 * ```
 */
export function autoRenew(auth: AuthClient<object>, options: AutoRenewOptions = {}): () => void {
  const context = contextOf(auth)
  const { targets = [{}] } = ownFields(options) as AutoRenewOptions
  if (!Array.isArray(targets)) throw configInvalid('targets')
  // All of them before anything begins: nobody could end it.
  const resolved = targets.map((target: TargetOptions) =>
    targetOf(context, ownFields<TargetOptions>(target)),
  )
  const { signal, stop } = createLifetime(context)
  if (!signal.aborted) for (const target of resolved) keepReady(auth, context, target, signal)
  return stop
}

function keepReady(
  auth: AuthClient<object>,
  context: ClientContext,
  target: KeyedTarget,
  signal: AbortSignal,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let planned: { readonly entry: TokenEntry; readonly aheadMs: number } | undefined
  let busy = false
  /** It cannot succeed before something changes. */
  let waiting = false
  /** When the user had last logged in by then. */
  let loggedInAt: number | undefined
  let failures = 0
  let attemptedAt = -Infinity
  let resumedAt = -Infinity
  let pauseMs = MIN_INTERVAL_MS

  /** Milliseconds until the next attempt; undefined where there is nobody to renew for. */
  function dueInMs(): number | undefined {
    if (waiting || context.session.getSnapshot().status !== 'authenticated') return undefined
    const entry = context.session.find(target.partition, target.scope)
    if (entry && planned?.entry !== entry)
      planned = { entry, aheadMs: aheadMs(entry, context.owner.options.leewaySeconds) }
    const untilDue = entry ? remainingMs(entry) - planned!.aheadMs : 0
    return Math.max(untilDue, attemptedAt + pauseMs - performance.now(), 0)
  }

  function plan(): void {
    clearTimeout(timer)
    const dueIn = signal.aborted || busy ? undefined : dueInMs()
    if (dueIn !== undefined) timer = setTimeout(attempt, Math.min(dueIn, MAX_TIMER_MS))
  }

  function attempt(): void {
    // `visibilitychange` and `online` come back to it.
    if (document.visibilityState !== 'visible') return
    busy = true
    void renewAhead().finally(() => {
      busy = false
      plan()
    })
  }

  async function renewAhead(): Promise<void> {
    // Another tab may have done it.
    if (context.session.isShared) await context.session.reload()
    // A timer may be late by hours or early by a clock that was set: the time is looked at, not
    // trusted.
    if (signal.aborted || dueInMs() !== 0) return
    const startedAt = performance.now()
    attemptedAt = startedAt
    try {
      const old = context.session.find(target.partition, target.scope)
      // Another tab may be about to store one. One that has expired is not renewed twice when the
      // app asks for it now.
      const since = old && receivedTick(old) + 1
      await renew(context.owner, target, !!old, { ...IN_BACKGROUND, since })
      failures = 0
      pauseMs = MIN_INTERVAL_MS
    } catch (error) {
      if (!isAuthError(error)) throw error
      // It was begun without the network that is back now.
      if (resumedAt > startedAt) return
      attemptedAt = performance.now()
      waiting = !error.retryable
      loggedInAt = context.owner.loggedInAt
      pauseMs = Math.max(backoffMs(failures++), returnMs(error.retryAfterSeconds))
    }
  }

  /**
   * The network is another one, or there is somebody again: what failed before says nothing any
   * more.
   */
  function begin(): void {
    waiting = false
    failures = 0
    pauseMs = MIN_INTERVAL_MS
    plan()
  }

  /** There is a new token. One for something else is no help where the user is needed. */
  function heed(): void {
    const hasLoggedIn = context.owner.loggedInAt !== loggedInAt
    if (!waiting || hasLoggedIn || context.session.find(target.partition, target.scope)) begin()
  }

  /**
   * The network is back: nothing that failed before it holds an attempt up, one that is under way
   * included.
   */
  function resume(): void {
    waiting = false
    failures = 0
    resumedAt = attemptedAt = performance.now()
    pauseMs = ONLINE_MS * Math.random()
    plan()
  }

  const whileRunning = ownFields({ signal })
  addEventListener('online', resume, whileRunning)
  addEventListener('pageshow', plan, whileRunning)
  document.addEventListener('visibilitychange', plan, whileRunning)
  const ends = [auth.on('session', inThisZone(begin)), auth.on('token', inThisZone(heed)), plan]
  for (const end of ends) signal.addEventListener('abort', end)
  plan()
}

/** Growing, and once again up to as much by chance: all pages have lost the server at once. */
function backoffMs(failures: number): number {
  return Math.min(BACKOFF_MS * 4 ** failures, MAX_BACKOFF_MS) * (1 + Math.random())
}

/**
 * Not before a server asks for it, and not all at once then: it may have told all pages the same
 * moment.
 */
function returnMs(retryAfterSeconds = 0): number {
  const askedMs = retryAfterSeconds * 1000
  return askedMs + Math.min(10 * askedMs, MAX_BACKOFF_MS) * Math.random()
}

/**
 * Before the leeway of the cache, so that the old token is still served while the new one is being
 * had.
 */
function aheadMs(entry: TokenEntry, leewaySeconds: number | undefined): number {
  const step = Math.min(AHEAD_MS, entry.lifeMs / 10)
  return leewayMs(entry, leewaySeconds) + step * (1 + 2 * Math.random())
}
