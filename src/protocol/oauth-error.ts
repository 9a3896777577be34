import { AuthError, type AuthErrorCode, type AuthErrorDetails } from '../errors.ts'
import { quotesSecret } from './secret-text.ts'

/** A person at the login page can mend these. */
export const NEEDS_LOGIN: RegExp = /^(login|interaction|consent|account_selection)_required$/

/** What a server says is wrong: a body, or the parameters of a response. */
export interface OAuthError {
  readonly error: string
  readonly error_description?: unknown
}

/**
 * The server's own word as an error: one word has one meaning, whichever endpoint says it.
 *
 * @param otherwise the code for a word that has none of its own
 * @param details `secrets` are those of the request, which the server may have quoted
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 RFC 6749, section 4.1.2.1}
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthError OpenID Connect Core, section 3.1.2.6}
 */
export function createOAuthError(
  { error, error_description }: OAuthError,
  otherwise: AuthErrorCode,
  { secrets, ...details }: AuthErrorDetails & { readonly secrets: readonly string[] },
): AuthError {
  const named = NEEDS_LOGIN.test(error) || error === 'access_denied'
  const description = cleanDescription(error_description, secrets)
  return new AuthError(
    named ? (error as AuthErrorCode) : /_dpop_/.test(error) ? 'dpop_failed' : otherwise,
    {
      ...details,
      oauthError: cleanErrorValue(error),
      ...(description && { oauthErrorDescription: description }),
      ...(/^(server_error|temporarily_unavailable)$/.test(error) && { retryable: true }),
    },
    error === 'invalid_client' ? ' Register a public client: a page keeps no secret.' : '',
  )
}

const MAX_DESCRIPTION = 500

/**
 * The server's own sentence, on one line; none where it quotes a secret, or has something in it
 * that begins as a JWT does.
 */
function cleanDescription(text: unknown, secrets: readonly string[]): string | undefined {
  // No more of the JWT than its beginning: to look for its end from each would take minutes, in a
  // sentence of a megabyte.
  if (typeof text !== 'string' || /\beyJ/.test(text) || quotesSecret(text, secrets))
    return undefined
  const cleaned = text.slice(0, MAX_DESCRIPTION).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
  return cleaned.trim()
}

/**
 * Keeps only the characters that RFC 6749 allows in an error value, and no more of them than any
 * error has.
 */
export function cleanErrorValue(error: string, maxLength = 100): string {
  return error.replace(/[^ !#-[\]-~]/g, '').slice(0, maxLength)
}
