import type { Configuration } from '../server/configuration.ts'
import type { RegisteredClient, ResponseMode } from '../server/options.ts'
import { checks, invalid, words } from './authorization-request-checks.ts'
import type { AuthorizationError } from './oauth-error.ts'
import { unknownClient, unknownRedirectUri, type Problem } from './unregistered.ts'

/** Where the authorization response goes, once client and redirect URI are known to be right. */
export interface Destination {
  readonly clientId: string
  readonly redirectUri: string
  readonly responseMode: ResponseMode
  readonly state?: string
}

/** An authorization request that has passed every check. */
export interface AuthorizationRequest extends Destination {
  readonly client: Required<RegisteredClient>
  readonly scope: readonly string[]
  readonly codeChallenge: string
  readonly nonce?: string
  readonly prompt: readonly string[]
  readonly maxAge?: number
  readonly loginHint?: string
  readonly idTokenHint?: string
  readonly acrValues: readonly string[]
  readonly audience?: string
  readonly resource: readonly string[]
  /** The thumbprint of the key that the code is tied to (RFC 9449 section 10). */
  readonly dpopJkt?: string
}

/** Either good, or an error for the client, or one that only the user may see. */
export type CheckedRequest =
  | { readonly request: AuthorizationRequest }
  | { readonly refusal: AuthorizationError; readonly destination: Destination }
  | Problem

const optional = <Name extends string>(
  name: Name,
  value: string | null,
): { readonly [Key in Name]?: string } =>
  (value === null || value === '' ? {} : { [name]: value }) as { readonly [Key in Name]?: string }

/** What can be believed of a request before the rest is checked. */
function destinationOf(
  { clients, responseModes }: Configuration,
  parameters: URLSearchParams,
): Problem | (Destination & { readonly client: Required<RegisteredClient> }) {
  const redirectUri = parameters.get('redirect_uri') ?? ''
  const client = clients.find(({ clientId }) => clientId === parameters.get('client_id'))
  for (const name of ['client_id', 'redirect_uri']) {
    if (parameters.getAll(name).length > 1) return { page: `${name} is there more than once` }
  }
  if (!client) return unknownClient(parameters.get('client_id'), { clients, redirectUri })
  if (!client.redirectUris.includes(redirectUri)) return unknownRedirectUri(client, redirectUri)
  const asked = parameters.getAll('response_mode')
  const responseMode = responseModes.find((mode) => asked.length === 1 && mode === asked[0])
  const state = parameters.getAll('state').length === 1 ? parameters.get('state') : null
  return {
    client,
    clientId: client.clientId,
    redirectUri,
    responseMode: responseMode ?? 'query',
    ...optional('state', state),
  }
}

/**
 * Checks an authorization request.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 RFC 6749, section 4.1.2.1}
 */
export function checkAuthorizationRequest(
  configuration: Configuration,
  parameters: URLSearchParams,
): CheckedRequest {
  const destination = destinationOf(configuration, parameters)
  if ('page' in destination) return destination
  for (const check of checks) {
    const refusal = check(parameters)
    if (refusal) return { refusal, destination }
  }
  const mode = parameters.get('response_mode')
  if (mode !== null && mode !== destination.responseMode) {
    return { refusal: invalid('response_mode is not supported'), destination }
  }
  const maxAge = parameters.get('max_age')
  const request: AuthorizationRequest = {
    ...destination,
    scope: [...new Set(words(parameters.get('scope')))],
    codeChallenge: parameters.get('code_challenge') ?? '',
    prompt: words(parameters.get('prompt')),
    acrValues: words(parameters.get('acr_values')),
    resource: parameters.getAll('resource'),
    ...(maxAge === null ? {} : { maxAge: Number(maxAge) }),
    ...optional('nonce', parameters.get('nonce')),
    ...optional('loginHint', parameters.get('login_hint')),
    ...optional('idTokenHint', parameters.get('id_token_hint')),
    ...optional('audience', parameters.get('audience')),
    ...optional('dpopJkt', parameters.get('dpop_jkt')),
  }
  return { request }
}
