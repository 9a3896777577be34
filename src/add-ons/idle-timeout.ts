import { MAX_TIMER_MS } from '../browser/max-timer.ts'
import type { AuthClient } from '../client/auth-client.ts'
import type { LogoutOptions } from '../client/call-options.ts'
import { contextOf } from '../client/context.ts'
import { isAuthError } from '../errors.ts'
import { configInvalid, isDuration } from '../protocol/request-parameters.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { createLifetime, inThisZone } from './lifetime.ts'
import { createActivity } from './activity.ts'

export interface IdleTimeoutOptions {
  /** The user is logged out after so long without a sign of them, in seconds. */
  readonly seconds: number
  /** How long before that `onWarn` begins to be called, in seconds. Default: 60. */
  readonly warnSeconds?: number | undefined
  /**
   * Called once a second while the end is near, in every tab, with the whole seconds that are left;
   * and once with undefined when it is no longer: the user is back, or logged out.
   */
  readonly onWarn?: ((secondsLeft: number | undefined) => void) | undefined
  /** The user is logged out so long after the login in any case, in seconds. Default: no limit. */
  readonly maxSeconds?: number | undefined
  /** How the user is logged out, as for `logout`. Default: at the server too. */
  readonly logout?: LogoutOptions | undefined
}

/** What a user does with a page. */
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']
/** Signs come by the hundred; one in this time is written down. */
const SIGN_INTERVAL_MS = 1000
/** Tabs that nobody sees leave the logout to one that is seen. */
const HIDDEN_MS = 2000

/**
 * Logs a user out who has left: after a time without a sign of them in any tab of the app, also
 * where all tabs were closed or the device was asleep meanwhile. Renewals are no sign of a user, a
 * login is one. Call it before `start`, so that a session that is over is not shown first. Does
 * nothing on a server.
 *
 * @returns a function that ends it; `dispose` ends it too
 * @throws AuthError `config_invalid` where `auth` is no client or an option is unfit
 * @example
 * ```ts
 * const stop = idleTimeout(auth, {
 *   seconds: 15 * 60,
 *   onWarn: (left) => console.log(left === undefined ? 'Welcome back' : `${left} s left`),
 * })
 * ```
 */
export function idleTimeout(auth: AuthClient<object>, options: IdleTimeoutOptions): () => void {
  const context = contextOf(auth)
  const {
    seconds,
    maxSeconds = Infinity,
    warnSeconds = 60,
    onWarn,
    logout = {},
  } = ownFields<IdleTimeoutOptions>(options)
  for (const [name, value] of Object.entries({ seconds, warnSeconds, maxSeconds }))
    if (!isDuration(value) && (name !== 'maxSeconds' || value !== Infinity))
      throw configInvalid(name)
  if (onWarn != null && typeof onWarn !== 'function') throw configInvalid('onWarn')
  const { signal, stop } = createLifetime(context)
  if (signal.aborted) return stop

  const activity = createActivity(context.owner)
  let timer: ReturnType<typeof setTimeout> | undefined
  let signedAt = -Infinity
  let isWarned = false
  let wasSignedIn = false

  const isSignedIn = (): boolean => context.session.getSnapshot().status === 'authenticated'
  const leftMs = (): number => {
    const { idleMs, ageMs } = activity.read()
    return Math.min(seconds * 1000 - idleMs, maxSeconds * 1000 - ageMs)
  }

  function warn(left: number | undefined): void {
    if (left === undefined && !isWarned) return
    isWarned = left !== undefined
    onWarn?.(left)
  }

  /** Looks at the time, which no timer tells: it may be late by hours. */
  function look(): void {
    clearTimeout(timer)
    if (!isSignedIn()) return leftAlone()
    wasSignedIn = true
    const left = leftMs()
    const untilEnd = left + (document.visibilityState === 'visible' ? 0 : HIDDEN_MS)
    if (untilEnd <= 0) return leave()
    const untilWarning = left - warnSeconds * 1000
    const next = untilWarning > 0 ? untilWarning : left > 0 ? left % 1000 || 1000 : untilEnd
    timer = setTimeout(look, Math.min(next, MAX_TIMER_MS))
    warn(untilWarning > 0 ? undefined : Math.max(Math.ceil(left / 1000), 0))
  }

  /** Logs out here at least, whatever keeps it from the server. */
  function leave(): void {
    auth.logout(logout).catch(async (error: unknown) => {
      if (isAuthError(error)) context.owner.warn(error.code, 'idleTimeout')
      if (isSignedIn()) await auth.logout({ localOnly: true })
    })
  }

  /** No user is signed in, or none any more. */
  function leftAlone(): void {
    if (wasSignedIn) activity.forget()
    wasSignedIn = false
    warn(undefined)
  }

  function sign(): void {
    const now = performance.now()
    if (now - signedAt < SIGN_INTERVAL_MS || !isSignedIn()) return
    // Who comes back too late does not go on.
    if (leftMs() <= 0) return look()
    signedAt = now
    activity.write()
    if (isWarned) look()
  }

  const whileRunning = ownFields({ signal, passive: true })
  for (const type of SIGNS) addEventListener(type, sign, whileRunning)
  for (const type of ['pageshow', 'focus', 'storage']) addEventListener(type, look, whileRunning)
  document.addEventListener('visibilitychange', look, whileRunning)
  const end = auth.on('session', inThisZone(look))
  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    end()
    warn(undefined)
  })
  look()
  return stop
}
