import { base64url, randomToken, sha256 } from '../server/encoding.ts'

/** Another OpenID provider at which users of this server can log in. */
export interface IdentityProvider {
  /** Short, without spaces: it is part of the `sub` and the user name of who comes from there. */
  readonly id: string
  /** What the button says. */
  readonly name: string
  /** The exact issuer identifier; the rest is discovered when it is needed. */
  readonly issuer: string
  /** A public client there, with the redirect URI `<issuer of this server>/idp/callback`. */
  readonly clientId: string
  /** `openid profile email` unless told. */
  readonly scope?: string
}

/** What the server has to know of a provider to use it. */
export interface ProviderMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly authorization_response_iss_parameter_supported?: boolean
}

/** A login at a provider that has begun. */
export interface ProviderLogin {
  readonly provider: IdentityProvider
  readonly metadata: ProviderMetadata
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

const timeoutMs = 10_000

/** The status and the JSON of an answer, or undefined if there is none. */
export async function fetchJson(
  fetcher: typeof fetch,
  url: string,
  body?: URLSearchParams,
): Promise<{ readonly status: number; readonly json: unknown } | undefined> {
  try {
    const response = await fetcher(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body && { method: 'POST', body }),
    })
    const json: unknown = await response.json().catch(() => undefined)
    return { status: response.status, json }
  } catch {
    return undefined
  }
}

const isMetadata = (json: unknown, issuer: string): json is ProviderMetadata => {
  const metadata = json as Readonly<Record<string, unknown>> | undefined
  const urls = ['authorization_endpoint', 'token_endpoint', 'jwks_uri']
  const isComplete = urls.every((name) => URL.canParse(String(metadata?.[name])))
  // Somebody else's metadata would send the code to them (OpenID Connect Discovery section 4.3).
  return isComplete && metadata?.['issuer'] === issuer
}

/**
 * Begins a login: what to remember, and where to send the browser. Undefined if the provider does
 * not answer.
 */
export async function beginAtProvider(
  fetcher: typeof fetch,
  provider: IdentityProvider,
  parameters: Readonly<Record<string, string>>,
): Promise<{ readonly login: ProviderLogin; readonly location: string } | undefined> {
  const { issuer, clientId, scope = 'openid profile email' } = provider
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const metadata = (await fetchJson(fetcher, url))?.json
  if (!isMetadata(metadata, issuer)) return undefined
  const [state, nonce, codeVerifier] = [randomToken(), randomToken(), randomToken()]
  const location = new URL(metadata.authorization_endpoint)
  const request = {
    client_id: clientId,
    response_type: 'code',
    scope,
    state,
    nonce,
    code_challenge: base64url(await sha256(codeVerifier)),
    code_challenge_method: 'S256',
    ...parameters,
  }
  for (const [name, value] of Object.entries(request)) location.searchParams.set(name, value)
  return { login: { provider, metadata, state, nonce, codeVerifier }, location: location.href }
}
