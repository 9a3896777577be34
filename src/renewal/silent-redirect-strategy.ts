import { isOffline } from '../browser/environment.ts'
import { notePlace } from '../browser/page-place.ts'
import { waitFor } from '../browser/single-flight.ts'
import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { isAuthError } from '../errors.ts'
import { redirect } from '../authorization/redirect.ts'
import { resolveTarget, withKeys } from '../authorization/resolve-target.ts'
import { readCallbackUrl } from '../protocol/callback-url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { storageKey } from '../storage/storage.ts'
import type { InternalContext, InternalStrategy } from './internal-strategy.ts'
import type { RenewalContext } from './renewal-strategy.ts'

/** How long a server that did not know the user is not asked again, by default. */
export const PERIOD_SECONDS = 300

/** The default of the option `renewal`: for a browser that seems to keep cookies from frames. */
export function redirectWhileSuspected(): InternalStrategy {
  return Object.assign(createRedirectStrategy(PERIOD_SECONDS), {
    isNeeded: ({ cookies }: InternalContext) => cookies.isSuspected(),
    // The next page may be the first to suspect it.
    onPageHide({ cookies, openTabStorage }: InternalContext) {
      if (cookies.isWatching()) notePlace(openTabStorage)
    },
  })
}

/** Notes that the server, asked by the whole page, did not know the user. */
export function noteRefusal(context: InternalContext): void {
  context.cookies.pageAnswered(false)
  tryOrUndefined(() => context.openTabStorage().setItem(keyOf(context), String(Date.now())))
}

/** Leaves with the whole page, where `start` is at work and nothing stands in the way. */
export function createRedirectStrategy(periodSeconds: number): InternalStrategy {
  const run: InternalStrategy = async (context, request, { signal }) => {
    const { key } = withKeys(request)
    // Later the user is at work in the page; and `start` is about the client's own target.
    if (!context.isStarting() || key !== resolveTarget(context.options, ownFields({})).key)
      return { notPossible: 'not_at_start' }
    // Its code would be lost.
    await context.whenCallbacksEnd()
    const returnTo = context.placeToReturn()
    const whyNot = returnTo === undefined ? 'callback' : findObstacle(context, periodSeconds * 1000)
    if (whyNot) return { notPossible: whyNot }
    notePlace(context.openTabStorage)
    const { responseMode, timeoutMs } = context.options
    const options = { kind: 'silent_redirect', responseMode, returnTo: returnTo! } as const
    const leaving = redirect(context, request, options, signal)
    // The user may have stopped it, or the app's own `navigate` leads elsewhere.
    await waitFor(leaving, { signal: undefined, timeoutMs }).catch((error: unknown) => {
      if (!isAuthError(error, 'timeout') || error.reason !== 'caller') throw error
    })
    return { notPossible: 'page_stayed' }
  }

  return Object.assign(run, {
    label: 'silent_redirect',
    // A user is signed in: the next page may ask again.
    onLogin: forgetRefusal,
    // After a reload the next page leaves before anything can be scrolled there.
    onPageHide: ({ openTabStorage }: InternalContext) => notePlace(openTabStorage),
  })
}

const keyOf = ({ issuer, clientId }: RenewalContext): string =>
  storageKey('silent-redirect', issuer, clientId)

function forgetRefusal(context: RenewalContext): void {
  // Where it is blocked it was never noted.
  tryOrUndefined(() => (context as InternalContext).openTabStorage().removeItem(keyOf(context)))
}

/** Why the page is not to be left now. */
function findObstacle(context: InternalContext, periodMs: number): string | undefined {
  const { transactions, openTabStorage, redirects } = context
  // Servers refuse to be shown in a frame.
  if (window.top !== window) return 'framed'
  // Nobody would know why the page has gone, and the browser may hold it up.
  if (document.visibilityState !== 'visible') return 'hidden'
  // An app that works without a network would give way to the browser's own error page.
  if (isOffline()) return 'offline'
  // Of a client that has not started yet.
  if (readCallbackUrl(new URL(location.href), transactions.isOfAnotherClient)) return 'callback'
  try {
    const refusedAt = Number(openTabStorage().getItem(keyOf(context)) ?? -Infinity)
    if (Math.abs(Date.now() - refusedAt) < periodMs) return 'asked_before'
    redirects.check()
    return undefined
  } catch (error) {
    return isAuthError(error) ? error.code : 'storage_unavailable'
  }
}
