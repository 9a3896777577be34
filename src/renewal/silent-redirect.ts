import { isOffline } from '../browser/environment.ts'
import { notePlace } from '../browser/page-place.ts'
import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { isAuthError } from '../errors.ts'
import { redirect } from '../authorization/redirect.ts'
import { resolveTarget, withKeys } from '../authorization/resolve-target.ts'
import { readCallbackUrl } from '../protocol/callback-url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import { storageKey } from '../storage/storage.ts'
import type { InternalContext, InternalStrategy } from './internal-strategy.ts'
import type { RenewalContext, RenewalStrategy } from './renewal-strategy.ts'

export interface SilentRedirectOptions {
  /** How long a server that did not know the user is not asked again, in seconds. Default: 300. */
  readonly periodSeconds?: number
}

const PERIOD_SECONDS = 300

/**
 * Asks the server's session with the whole page, when a page starts and nothing else has helped.
 * The user sees the page load twice. `start` leaves with `prompt=none` and comes back to the same
 * place, signed in or anonymous; the page that was left is not in the history. It is done by
 * `start` only, never by `getTokenSilently`; not in a frame, in a hidden tab, or without a network;
 * not again for a while after the server did not know the user; and no more than three times a
 * minute without success.
 *
 * By default a client does this only while the server's cookies are suspected to reach no frame.
 * Named in the option `renewal`, it is done whenever the strategies before it have failed.
 *
 * @throws AuthError `config_invalid`
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest OpenID Connect Core, section 3.1.2.1}
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, renewal: [silentIframe(), silentRedirect()] })
 * ```
 */
export function silentRedirect(given: SilentRedirectOptions = {}): RenewalStrategy {
  const { periodSeconds = PERIOD_SECONDS } = ownFields(given) as SilentRedirectOptions
  if (!Number.isFinite(periodSeconds) || periodSeconds < 0) throw configInvalid('periodSeconds')
  return createStrategy(periodSeconds) as RenewalStrategy
}

/** The default of the option `renewal`: for a browser that seems to keep cookies from frames. */
export function redirectWhileSuspected(): InternalStrategy {
  const isNeeded = ({ cookies }: InternalContext): boolean => cookies.isSuspected()
  return Object.assign(createStrategy(PERIOD_SECONDS), { isNeeded })
}

/** Notes that the server, asked by the whole page, did not know the user. */
export function noteRefusal(context: InternalContext): void {
  context.cookies.pageAnswered(false)
  tryOrUndefined(() => context.openTransactions().setItem(keyOf(context), String(Date.now())))
}

function createStrategy(periodSeconds: number): InternalStrategy {
  const run: InternalStrategy = async (context, request, { signal }) => {
    const { key } = withKeys(request)
    // Later the user is at work in the page; and `start` is about the client's own target.
    if (!context.isStarting() || key !== resolveTarget(context.options, ownFields({})).key)
      return { notPossible: 'not_at_start' }
    // Its code would be lost.
    await context.whenCallbacksEnd()
    const whyNot = findObstacle(context, periodSeconds * 1000)
    if (whyNot) return { notPossible: whyNot }
    notePlace(context.openTransactions)
    const { responseMode } = context.options
    const options = { kind: 'silent_redirect', responseMode, returnTo: location.href } as const
    await redirect(context, request, options, signal)
    // Led elsewhere by the app's own `navigate`.
    return { notPossible: 'page_stayed' }
  }

  return Object.assign(run, {
    label: 'silent_redirect',
    // A user is signed in: the next page may ask again.
    onLogin: forgetRefusal,
    // After a reload the next page leaves before anything can be scrolled there.
    onPageHide: ({ openTransactions }: InternalContext) => notePlace(openTransactions),
  })
}

const keyOf = ({ issuer, clientId }: RenewalContext): string =>
  storageKey('silent-redirect', issuer, clientId)

function forgetRefusal(context: RenewalContext): void {
  // Where it is blocked it was never noted.
  tryOrUndefined(() => (context as InternalContext).openTransactions().removeItem(keyOf(context)))
}

/** Why the page is not to be left now. */
function findObstacle(context: InternalContext, periodMs: number): string | undefined {
  const { transactions, openTransactions, redirects } = context
  // Servers refuse to be shown in a frame.
  if (window.top !== window) return 'framed'
  // Nobody would know why the page has gone, and the browser may hold it up.
  if (document.visibilityState !== 'visible') return 'hidden'
  // An app that works without a network would give way to the browser's own error page.
  if (isOffline()) return 'offline'
  // Of a client that has not started yet.
  if (readCallbackUrl(new URL(location.href), transactions.isOfAnotherClient)) return 'callback'
  try {
    const refusedAt = Number(openTransactions().getItem(keyOf(context)) ?? -Infinity)
    if (Math.abs(Date.now() - refusedAt) < periodMs) return 'asked_before'
    redirects.check()
    return undefined
  } catch (error) {
    return isAuthError(error) ? error.code : 'storage_unavailable'
  }
}
