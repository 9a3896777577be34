import { AuthError } from '../errors.ts'
import type { ServerMetadata } from './discovery.ts'
import { isIssuer } from './issuer.ts'
import { createOAuthError, NEEDS_LOGIN } from './oauth-error.ts'
import { difference } from './evidence.ts'
import { isRedirectAddress } from './redirect-address.ts'
import type { Transaction } from './transaction.ts'

/**
 * Every parameter of an authorization response: what is read from it, and removed from the address
 * bar.
 */
export const AUTHORIZATION_RESPONSE_PARAMETERS: readonly string[] =
  /* @__PURE__ */ 'code state iss error error_description error_uri session_state response token access_token id_token token_type expires_in'.split(
    ' ',
  )

/** RFC 6749 sets no limit; a code of 8,192 characters is far beyond any server's. */
const MAX_LENGTH = 8192

/**
 * What can be judged without knowing the transaction: RFC 6749 section 3.1 allows each parameter
 * once, and tokens come only in responses that were never asked for (implicit, hybrid, JARM).
 *
 * @throws AuthError `callback_invalid`
 */
export function checkResponseShape(parameters: URLSearchParams): void {
  const names = [...parameters.keys()].filter((name) =>
    AUTHORIZATION_RESPONSE_PARAMETERS.includes(name),
  )
  const reason =
    new Set(names).size < names.length
      ? 'duplicate'
      : names.some((name) => /(response|token)$/.test(name))
        ? 'tokens'
        : ['code', 'state', 'iss', 'error'].some(
              (name) => (parameters.get(name)?.length ?? 0) > MAX_LENGTH,
            )
          ? 'size'
          : undefined
  if (reason) throw new AuthError('callback_invalid', { reason })
}

export interface ResponseExpectations {
  /** Where the response came to, where the transport has not compared it with the redirect URI. */
  readonly address?: string | undefined
  /** Whether a response without `iss` is refused whatever the metadata says. */
  readonly requireIss?: boolean | undefined
}

/**
 * Validates an authorization response against its transaction: shape, then issuer, then state, then
 * error.
 *
 * @returns the code
 * @throws AuthError `callback_invalid`, `issuer_mismatch`, `state_mismatch`, or the code for the
 *   server's `error`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2 RFC 6749, section 4.1.2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9207#section-2.4 RFC 9207, section 2.4}
 */
export function readAuthorizationResponse(
  server: ServerMetadata,
  transaction: Transaction,
  parameters: URLSearchParams,
  { address, requireIss }: ResponseExpectations = {},
): string {
  checkResponseShape(parameters)
  // A parameter without a value counts as absent (RFC 6749, section 3.1).
  const issuer = parameters.get('iss')
  if (
    issuer
      ? !isIssuer(server.issuer, issuer)
      : requireIss || server.authorization_response_iss_parameter_supported === true
  )
    throw new AuthError('issuer_mismatch', { evidence: difference(server.issuer, issuer) })
  const { state, nonce, codeVerifier, clientId, scope, audience, resource } = transaction
  if (parameters.get('state') !== state) throw new AuthError('state_mismatch')
  // Mix-up: without an issuer in it, the page that the response came to says which server it is for
  // (RFC 9700, section 4.4.2).
  if (!issuer && address !== undefined && !isRedirectAddress(address, transaction.redirectUri))
    throw new AuthError('issuer_mismatch', { reason: 'redirect_uri' })
  const error = parameters.get('error')
  const code = parameters.get('code')
  if (error) {
    const error_description = parameters.get('error_description')
    // Of the state what stands behind its tag: the secret part.
    const secrets = [state.replace(/.*\./, ''), nonce, codeVerifier, code ?? '']
    // Mostly one of these is not as the server knows it.
    const evidence = { clientId, scope, audience, resource: resource.join() }
    throw createOAuthError({ error, error_description }, 'authorization_error', {
      secrets,
      ...(!NEEDS_LOGIN.test(error) && { evidence }),
    })
  }
  if (!code) throw new AuthError('callback_invalid', { reason: 'code' })
  return code
}

/** The errors that a person at the login page can mend: the ones that the fallback is for. */
export function needsLogin({ code }: AuthError): boolean {
  return NEEDS_LOGIN.test(code) || code === 'session_expired'
}
