import { configInvalid } from '../protocol/request-parameters.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { createRedirectStrategy, PERIOD_SECONDS } from './silent-redirect-strategy.ts'
import type { RenewalStrategy } from './renewal-strategy.ts'

export interface SilentRedirectOptions {
  /** How long a server that did not know the user is not asked again, in seconds. Default: 300. */
  readonly periodSeconds?: number | undefined
}

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
  return createRedirectStrategy(periodSeconds) as RenewalStrategy
}
