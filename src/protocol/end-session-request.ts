import { generateRandomState } from 'oauth4webapi'
import { stateTag, type Transaction } from './transaction.ts'

export interface EndSessionRequest extends Pick<Transaction, 'issuer' | 'clientId'> {
  /** The last ID token of the session, expired or not. */
  readonly idToken: string | undefined
  readonly postLogoutRedirectUri: string | undefined
  /** The app's own. */
  readonly parameters: Readonly<Record<string, string>>
}

/** Servers and what stands before them take URLs of 8 kB; groups can make an ID token longer. */
const MAX_HINT_LENGTH = 4096

/** Parameters that an app cannot set by itself. */
export const LOGOUT_PARAMETERS: RegExp =
  /^(client_id|id_token_hint|post_logout_redirect_uri|state)$/

/**
 * Builds the URL at which the server ends its session.
 *
 * @param endpoint checked before: it is navigated to, and a `javascript:` URL would be run
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout OpenID Connect RP-Initiated Logout, section 2}
 */
export function createEndSessionUrl(
  endpoint: string,
  { idToken, postLogoutRedirectUri, parameters: own, ...client }: EndSessionRequest,
): URL {
  const url = new URL(endpoint)
  const parameters: Record<string, string | undefined> = {
    client_id: client.clientId,
    // It is a hint; `client_id` says enough where it is too long.
    id_token_hint: idToken && idToken.length <= MAX_HINT_LENGTH ? idToken : undefined,
    post_logout_redirect_uri: postLogoutRedirectUri,
    // It comes back with the user, or not at all.
    ...(postLogoutRedirectUri && { state: logoutStatePrefix(client) + generateRandomState() }),
  }
  for (const [name, value] of Object.entries(parameters))
    if (value) url.searchParams.set(name, value)
  // Some have no value: Auth0's `federated`.
  for (const [name, value] of Object.entries(own)) url.searchParams.set(name, value)
  return url
}

/** What the `state` of a logout begins with: never that of a login of the same client. */
export function logoutStatePrefix(client: Pick<Transaction, 'issuer' | 'clientId'>): string {
  return `${stateTag(client)}-logout.`
}
