import { createCodeChallenge } from './code-challenge.ts'
import type { ServerMetadata } from './discovery.ts'
import type { Transaction } from './transaction.ts'

/**
 * Builds the authorization request URL. Pure: the same inputs always give the same URL.
 *
 * @param clientParameters extra parameters of the client; those of the transaction win over them
 * @see {@link https://www.rfc-editor.org/rfc/rfc7636#section-4.3 RFC 7636, section 4.3}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest OpenID Connect Core, section 3.1.2.1}
 */
export async function createAuthorizationRequestUrl(
  server: ServerMetadata,
  transaction: Transaction,
  clientParameters: Readonly<Record<string, string>>,
): Promise<URL> {
  const { maxAge } = transaction
  const silent = transaction.kind.startsWith('silent')
  const url = new URL(server.authorization_endpoint)
  const parameters: Record<string, string | undefined> = {
    ...clientParameters,
    ...transaction.authorizationParams,
    client_id: transaction.clientId,
    response_type: 'code',
    // `query` is the default of the code flow, and some servers do not know the parameter.
    response_mode: transaction.responseMode === 'query' ? undefined : transaction.responseMode,
    redirect_uri: transaction.redirectUri,
    scope: transaction.scope,
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await createCodeChallenge(transaction),
    code_challenge_method: 'S256',
    audience: transaction.audience,
    max_age: maxAge === undefined ? undefined : String(maxAge),
    acr_values: transaction.acrValues,
    dpop_jkt: transaction.dpopJkt,
    ...(silent && { prompt: 'none' }),
  }
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value)
  for (const resource of transaction.resource) url.searchParams.append('resource', resource)
  return url
}
