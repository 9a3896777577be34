import type { Configuration, RegisteredClient, ResponseMode } from './options.ts'

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
}

/** An error response (RFC 6749 section 4.1.2.1 or 5.2). */
export interface AuthorizationError {
  readonly error: string
  readonly description: string
}

/** Either good, or an error for the client, or one that only the user may see. */
export type CheckedRequest =
  | { readonly request: AuthorizationRequest }
  | { readonly refusal: AuthorizationError; readonly destination: Destination }
  | { readonly page: string }

const prompts = ['none', 'login', 'select_account', 'consent']
const mayRepeat = ['resource']

const repeated = (parameters: URLSearchParams): string | undefined =>
  [...new Set(parameters.keys())].find(
    (name) => !mayRepeat.includes(name) && parameters.getAll(name).length > 1,
  )

const words = (value: string | null): readonly string[] => value?.split(' ').filter(Boolean) ?? []

const optional = <Name extends string>(
  name: Name,
  value: string | null,
): { readonly [Key in Name]?: string } =>
  (value === null || value === '' ? {} : { [name]: value }) as { readonly [Key in Name]?: string }

type Check = (parameters: URLSearchParams) => AuthorizationError | undefined

const refuse = (error: string, description: string): AuthorizationError => ({ error, description })

const invalid = (description: string) => refuse('invalid_request', description)

const checks: readonly Check[] = [
  (p) => {
    const name = repeated(p)
    return name === undefined ? undefined : invalid(`"${name}" is there more than once`)
  },
  (p) => (p.has('request') ? refuse('request_not_supported', 'no request objects') : undefined),
  (p) =>
    p.has('request_uri') ? refuse('request_uri_not_supported', 'no request objects') : undefined,
  (p) => (p.has('response_type') ? undefined : invalid('response_type is missing')),
  (p) =>
    p.get('response_type') === 'code'
      ? undefined
      : refuse('unsupported_response_type', 'the response type must be code'),
  (p) => (p.get('scope')?.trim() ? undefined : refuse('invalid_scope', 'scope is missing')),
  (p) =>
    /^[\w-]{43}$/.test(p.get('code_challenge') ?? '')
      ? undefined
      : invalid('code_challenge is missing or malformed'),
  (p) =>
    p.get('code_challenge_method') === 'S256'
      ? undefined
      : invalid('code_challenge_method must be S256'),
  (p) =>
    words(p.get('prompt')).every((prompt) => prompts.includes(prompt))
      ? undefined
      : invalid('unknown prompt'),
  (p) => {
    const prompt = words(p.get('prompt'))
    return prompt.includes('none') && prompt.length > 1
      ? invalid('prompt none must stand alone')
      : undefined
  },
  (p) =>
    p.has('max_age') && !/^\d{1,10}$/.test(p.get('max_age') ?? '')
      ? invalid('max_age must be a number of seconds')
      : undefined,
  (p) =>
    p.getAll('resource').every((uri) => URL.canParse(uri) && !uri.includes('#'))
      ? undefined
      : refuse('invalid_target', 'resource must be an absolute URI without a fragment'),
]

/** What can be believed of a request before the rest is checked. */
function destinationOf(
  { clients, responseModes }: Configuration,
  parameters: URLSearchParams,
): { readonly page: string } | (Destination & { readonly client: Required<RegisteredClient> }) {
  const redirectUri = parameters.get('redirect_uri') ?? ''
  const client = clients.find(({ clientId }) => clientId === parameters.get('client_id'))
  for (const name of ['client_id', 'redirect_uri']) {
    if (parameters.getAll(name).length > 1) return { page: `${name} is there more than once` }
  }
  if (!client) return { page: 'The client_id is not registered' }
  if (!client.redirectUris.includes(redirectUri)) {
    return { page: 'The redirect_uri is not registered for this client' }
  }
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
  }
  return { request }
}
