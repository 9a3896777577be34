import type { AuthClient } from '../client/auth-client.ts'
import { contextOf } from '../client/context.ts'
import { AuthError } from '../errors.ts'
import { difference } from '../protocol/evidence.ts'
import { isIssuer } from '../protocol/issuer.ts'
import { checkText, configInvalid } from '../protocol/request-parameters.ts'
import { parseUrl } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'

export interface InitiateLoginOptions {
  /** The address that the page was opened with. Default: the page's own. */
  readonly url?: string | undefined
  /** Aborted before the page leaves, it stays. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** No server's hint about a user is longer; a stranger may have made the link. */
const MAX_HINT = 255

/**
 * For the page that a server or a portal opens to have a user log in here (`initiate_login_uri`):
 * begins a login with the `login_hint` of its address, and comes back to `target_link_uri`. The
 * link may be anyone's, so it decides nothing else: the issuer must be this client's, the target a
 * place on this origin, and the server asks whoever is at it.
 *
 * @returns false where the address begins no login, and nothing was done; else it stays pending
 *   while the page leaves, and resolves with true as `loginWithRedirect` does
 * @throws AuthError `issuer_mismatch` for another server's link, `return_to_invalid` for a target on
 *   another origin, `redirect_loop` where links open one another, and what `loginWithRedirect` does
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#ThirdPartyInitiatedLogin OpenID Connect Core, section 4}
 * @example
 * ```ts
 * // On the page that is registered as the initiate_login_uri
 * await initiateLogin(auth)
 * ```
 */
export async function initiateLogin(
  auth: AuthClient<object>,
  options: InitiateLoginOptions = {},
): Promise<boolean> {
  const { options: client } = contextOf(auth)
  const { url, signal } = ownFields<InitiateLoginOptions>(options)
  // A living client, in a browser; sends nothing.
  await auth.isAuthenticated()
  const address = parseUrl(checkText('url', url ?? location.href), location.href)
  if (!address) throw configInvalid('url')
  const { searchParams } = address
  const issuer = searchParams.get('iss')
  if (issuer === null) return false
  if (!isIssuer(client.issuer, issuer))
    throw new AuthError('issuer_mismatch', { evidence: difference(client.issuer, issuer) })
  const hint = searchParams.get('login_hint') ?? ''
  // A login comes back to this origin only.
  const returnTo = searchParams.get('target_link_uri') || '/'
  await auth.loginWithRedirect(
    ownFields({
      returnTo,
      authorizationParams: hint && hint.length <= MAX_HINT ? { login_hint: hint } : {},
      ...(signal && { signal }),
    }),
  )
  return true
}
