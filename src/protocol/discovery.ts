import { AuthError, isAuthError, type AuthErrorDetails } from '../errors.ts'
import { bareUrl, difference } from './evidence.ts'
import { ownFields, presentFields } from './without-prototype.ts'
import { isSecureUrl } from './url.ts'

/**
 * Sends one request; the boundary to the network (deadline, size cap, error codes) is behind it.
 */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** What the library's own code has of it. */
export type WholeFetch = (url: string, init?: RequestInit) => Promise<WholeResponse>

/** A response that is complete: to read it through its stream takes browsers a millisecond. */
export interface WholeResponse extends Response {
  readonly bodyText: string
}

/**
 * The part of the authorization server metadata that this library uses, checked.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414, section 2}
 */
// A type, not an interface: only a type fits the index signature of oauth4webapi's.
export type ServerMetadata = {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri?: string
  /** Not checked: not every server has one, and a bad one must not keep anybody from logging in. */
  readonly end_session_endpoint?: string
  readonly check_session_iframe?: string
  /** Not checked, for the same reason: `requireEndpoint` does it where they are used. */
  readonly userinfo_endpoint?: string
  readonly revocation_endpoint?: string
  readonly pushed_authorization_request_endpoint?: string
  readonly require_pushed_authorization_requests?: boolean
  readonly dpop_signing_alg_values_supported?: string[]
  readonly response_modes_supported?: string[]
  readonly code_challenge_methods_supported?: string[]
  readonly id_token_signing_alg_values_supported?: string[]
  readonly authorization_response_iss_parameter_supported?: boolean
}

/**
 * Gets the metadata of the authorization server.
 *
 * @param metadata static metadata, or the URL of a metadata document; by default the well-known one
 * @throws AuthError `discovery_failed` where it cannot be fetched (retryable), `discovery_invalid`
 *   where it cannot be used
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig OpenID Connect Discovery, section 4}
 */
export async function discoverServer(
  issuer: string,
  metadata: object | string | undefined,
  needsKeys: boolean,
  fetch: WholeFetch,
): Promise<ServerMetadata> {
  if (typeof metadata === 'object') return readServerMetadata(metadata, issuer, needsKeys)
  const url = metadata ?? issuer.replace(/\/?$/, '/.well-known/openid-configuration')
  const source = await fetchJson(url, fetch).catch((cause: unknown) => {
    if (!isAuthError(cause, 'network_error') && !isAuthError(cause, 'server_error')) throw cause
    throw new AuthError('discovery_failed', { ...ownFields<AuthErrorDetails>(cause), cause })
  })
  return readServerMetadata(source, issuer, needsKeys)
}

/**
 * Checks foreign metadata. RFC 8414 section 3.3: the issuer must be the same string, without any
 * normalisation.
 *
 * @throws AuthError `discovery_invalid`, with the reason `json`, `issuer`, `endpoint` or `pkce`
 */
function readServerMetadata(source: unknown, issuer: string, needsKeys: boolean): ServerMetadata {
  const metadata: Partial<ServerMetadata> = presentFields(source)
  const { authorization_endpoint, token_endpoint, jwks_uri } = metadata
  const methods = metadata.code_challenge_methods_supported
  const reason =
    Object(source) !== source || Array.isArray(source)
      ? 'json'
      : metadata.issuer !== issuer
        ? 'issuer'
        : ![authorization_endpoint, token_endpoint, needsKeys ? jwks_uri : issuer].every(
              isSecureUrl,
            )
          ? 'endpoint'
          : // RFC 7636 section 7.2: never less than S256. Several servers that support it leave the
            // list out.
            methods && ![methods].flat().includes('S256')
            ? 'pkce'
            : undefined
  if (reason)
    throw new AuthError('discovery_invalid', {
      reason,
      // Not every object lets itself be made a text.
      ...(reason === 'issuer' &&
        typeof metadata.issuer !== 'object' && { evidence: difference(issuer, metadata.issuer) }),
    })
  return metadata as ServerMetadata
}

/**
 * The JSON at a URL; undefined where it is none.
 *
 * @throws AuthError `server_error` for any status but a 2xx
 */
export async function fetchJson(
  url: string,
  fetch: WholeFetch,
  init?: RequestInit,
): Promise<unknown> {
  const response = await fetch(url, init)
  if (!response.ok)
    throw new AuthError('server_error', {
      status: response.status,
      evidence: { asked: bareUrl(url) },
    })
  try {
    return JSON.parse(response.bodyText)
  } catch {
    return undefined
  }
}
