import { generateRandomState } from 'oauth4webapi'
import { stateTag, type Transaction } from './transaction.ts'

export interface EndSessionRequest extends Pick<Transaction, 'issuer' | 'clientId'> {
  /** The last ID token of the session, expired or not. */
  readonly idToken: string | undefined
  readonly postLogoutRedirectUri: string | undefined
}

/**
 * Builds the URL at which the server ends its session.
 *
 * @param endpoint checked before: it is navigated to, and a `javascript:` URL would be run
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout OpenID Connect RP-Initiated Logout, section 2}
 */
export function createEndSessionUrl(
  endpoint: string,
  { idToken, postLogoutRedirectUri, ...client }: EndSessionRequest,
): URL {
  const url = new URL(endpoint)
  const parameters: Record<string, string | undefined> = {
    client_id: client.clientId,
    id_token_hint: idToken,
    post_logout_redirect_uri: postLogoutRedirectUri,
    // It comes back with the user, or not at all.
    ...(postLogoutRedirectUri && { state: logoutStatePrefix(client) + generateRandomState() }),
  }
  for (const [name, value] of Object.entries(parameters))
    if (value) url.searchParams.set(name, value)
  return url
}

/** What the `state` of a logout begins with: never that of a login of the same client. */
export function logoutStatePrefix(client: Pick<Transaction, 'issuer' | 'clientId'>): string {
  return `${stateTag(client)}-logout.`
}
