import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { isAuthError } from '../errors.ts'
import { redirect } from '../authorization/redirect.ts'
import { resolveTarget, withKeys } from '../authorization/resolve-target.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import { storageKey } from '../storage/storage.ts'
import type { InternalContext, InternalStrategy } from './internal-strategy.ts'
import type { RenewalContext, RenewalStrategy } from './renewal-strategy.ts'

export interface SilentRedirectOptions {
  /** How long a server that did not know the user is not asked again, in seconds. Default: 300. */
  readonly periodSeconds?: number
}

/**
 * Asks the server's session with the whole page, when a page starts and nothing else has helped:
 * for apps whose server is on another site, so that its cookies do not reach a frame, and that keep
 * no tokens. The user sees the page load twice. `start` leaves with `prompt=none` and comes back to
 * the same URL, signed in or anonymous. It is done by `start` only, never by `getTokenSilently`;
 * not in a frame; not again for a while after the server did not know the user; and no more than
 * three times a minute.
 *
 * @throws AuthError `config_invalid`
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest OpenID Connect Core, section 3.1.2.1}
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, renewal: [silentIframe(), silentRedirect()] })
 * ```
 */
export function silentRedirect(given: SilentRedirectOptions = {}): RenewalStrategy {
  const { periodSeconds = 300 } = ownFields(given) as SilentRedirectOptions
  if (!Number.isFinite(periodSeconds) || periodSeconds < 0) throw configInvalid('periodSeconds')

  const run: InternalStrategy = async (context, request, { signal }) => {
    const { key } = withKeys(request)
    // Later the user is at work in the page; and `start` is about the client's own target.
    if (!context.isStarting() || key !== resolveTarget(context.options, ownFields({})).key)
      return { notPossible: 'not_at_start' }
    // Servers refuse to be shown in a frame.
    if (window.top !== window) return { notPossible: 'framed' }
    const notNow = remember(context, key, periodSeconds * 1000)
    if (notNow) return { notPossible: notNow }
    const { responseMode } = context.options
    const options = { kind: 'silent_redirect', responseMode, returnTo: location.href } as const
    await redirect(context, request, options, signal)
    // Led elsewhere by the app's own `navigate`, or shown again from the back/forward cache.
    return { notPossible: 'page_stayed' }
  }

  // A user is signed in: the next page may ask again.
  const parts = { label: 'silent_redirect', onLogin: forget }
  return Object.assign(run, parts) as InternalStrategy as RenewalStrategy
}

const keyOf = ({ issuer, clientId }: RenewalContext): string =>
  storageKey('silent-redirect', issuer, clientId)

function forget(context: RenewalContext): void {
  // Where it is blocked it was never noted, and the page was never left.
  tryOrUndefined(() => (context as InternalContext).openTransactions().removeItem(keyOf(context)))
}

/**
 * Notes before the page leaves that it has asked, because nothing says so afterwards; or tells why
 * it shall not.
 */
function remember(context: InternalContext, key: string, periodMs: number): string | undefined {
  try {
    const askedAt = Number(context.openTransactions().getItem(keyOf(context)) ?? -Infinity)
    if (Math.abs(Date.now() - askedAt) < periodMs) return 'asked_before'
    context.redirects.check(`silent ${key}`)
    context.openTransactions().setItem(keyOf(context), String(Date.now()))
    return undefined
  } catch (error) {
    return isAuthError(error) ? error.code : 'storage_unavailable'
  }
}
