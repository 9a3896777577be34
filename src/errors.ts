import { ownFields } from './protocol/without-prototype.ts'

/** Of package.json: the build writes it in, so that a message links to its own documentation. */
declare const SOTTO_VERSION: string

/**
 * Everything that can go wrong, as a closed set. The server's own `error` value is in `oauthError`,
 * never here.
 */
export type AuthErrorCode =
  | 'config_invalid'
  | 'insecure_context'
  | 'not_in_browser'
  | 'disposed'
  | 'discovery_failed'
  | 'discovery_invalid'
  | 'network_error'
  | 'timeout'
  | 'server_error'
  | 'response_invalid'
  | 'response_too_large'
  | 'callback_invalid'
  | 'state_unknown'
  | 'state_mismatch'
  | 'transaction_expired'
  | 'issuer_mismatch'
  | 'login_required'
  | 'interaction_required'
  | 'consent_required'
  | 'account_selection_required'
  | 'access_denied'
  | 'authorization_error'
  | 'token_error'
  | 'session_expired'
  | 'id_token_invalid'
  | 'clock_skew'
  | 'token_type_unsupported'
  | 'dpop_downgrade'
  | 'dpop_failed'
  | 'userinfo_invalid'
  | 'silent_timeout'
  | 'silent_blocked'
  | 'popup_blocked'
  | 'popup_closed'
  | 'popup_timeout'
  | 'claims_invalid'
  | 'user_changed'
  | 'logged_out'
  | 'not_allowed'
  | 'redirect_loop'
  | 'return_to_invalid'
  | 'storage_unavailable'
  | 'storage_corrupt'
  | 'lock_timeout'

/**
 * What was seen, as data; a message shows all of it. Configuration and counts: never a token, code,
 * verifier, nonce or state.
 */
export interface AuthErrorEvidence {
  /**
   * How many pages were loaded in the frame, error pages of the browser included where it tells.
   */
  readonly loads?: number
  /** When the last of them was, in milliseconds from the beginning. */
  readonly lastLoadMs?: number | undefined
  /**
   * How many messages came from the frame that were no answer, or from another origin than the
   * server's.
   */
  readonly messagesIgnored?: number
  /** The directive of the page's content security policy that forbids the frame. */
  readonly directive?: string
  /** What it may be just as well, because a browser does not tell them apart. */
  readonly alternative?: 'session_ended' | 'cors_or_csp'
  /** The URL that was asked, without its query. */
  readonly asked?: string
  /** This page's: the one that a server must allow, or that is not https. */
  readonly origin?: string
  /** Two values that should be the same: what the options say, and what came. */
  readonly expected?: string
  readonly got?: string
  /** What the server was asked with: mostly one of these is not as it is registered there. */
  readonly redirectUri?: string
  readonly clientId?: string
  readonly scope?: string
  readonly audience?: string | undefined
  readonly resource?: string
}

/**
 * What an {@link AuthError} may carry besides its code. Never a token, code, verifier, nonce or
 * state.
 */
export interface AuthErrorDetails {
  readonly oauthError?: string
  readonly oauthErrorDescription?: string
  readonly reason?: string
  readonly status?: number
  readonly retryAfterSeconds?: number
  readonly retryable?: boolean
  readonly appState?: unknown
  readonly returnTo?: string
  readonly evidence?: AuthErrorEvidence
  readonly attempts?: readonly RenewalAttempt[]
  readonly cause?: unknown
}

/** A renewal strategy that gave no token, and why. */
export interface RenewalAttempt {
  /**
   * Its `label`: `refresh_token`, `worker_vault`, `silent_iframe`, `silent_redirect`, or `custom` for
   * one that has none.
   */
  readonly strategy: string
  /** The code of its error; `not_possible` where it did not try, or let the next one try. */
  readonly code: AuthErrorCode | 'not_possible'
  readonly reason?: string
}

const RETRYABLE =
  /^(discovery_failed|network_error|timeout|server_error|silent_timeout|lock_timeout)$/

/**
 * The one error class of this library. Switch on `code`; `docs/errors.md` says for each code what
 * happened and what to do. A caller's own abort is not wrapped: it rejects with the reason of the
 * caller's signal.
 */
export class AuthError extends Error {
  // A literal, because `this.constructor.name` does not survive a minifier.
  override readonly name = 'AuthError'
  declare readonly code: AuthErrorCode
  /** True where the same call may succeed later without a change to the app or a person's help. */
  declare readonly retryable: boolean
  /** The server's own `error` value (RFC 6749, sections 4.1.2.1 and 5.2), if it sent one. */
  declare readonly oauthError?: string
  /**
   * The server's own sentence (`error_description`), for logs and developers: on one line, 500
   * characters at most. It is not there where it quoted a secret of the request.
   */
  declare readonly oauthErrorDescription?: string
  /** Which of several ways to fail it was, for instance the ID token claim that did not fit. */
  declare readonly reason?: string
  /** The HTTP status, if there was a response. */
  declare readonly status?: number
  /**
   * How long the server asks to be left alone (`Retry-After`, RFC 9110 section 10.2.3), if it lets
   * pages of other origins read it.
   */
  declare readonly retryAfterSeconds?: number
  /** The `appState` of the login that failed, so that the app can start it again in place. */
  declare readonly appState?: unknown
  /** The `returnTo` of the login that failed. */
  declare readonly returnTo?: string
  /** What was seen, where the code and the reason are a conclusion from it. */
  declare readonly evidence?: AuthErrorEvidence
  /** For a silent renewal: the strategies that were tried, in order, and why each gave up. */
  declare readonly attempts?: readonly RenewalAttempt[]

  /** @param hint one more sentence of the message */
  constructor(code: AuthErrorCode, details?: AuthErrorDetails, hint = '') {
    const own: AuthErrorDetails = ownFields(details)
    const { reason, status, oauthError, evidence, cause } = own
    const seen = Object.entries(ownFields(evidence)).map((entry) => entry[1] && entry.join(' '))
    // A server's word that is our code as well is said once.
    const facts = [...new Set([code, reason, status, oauthError, ...seen])]
      .filter(Boolean)
      .join(', ')
    super(
      `Sotto: ${facts}.${hint} See https://unpkg.com/sotto@${SOTTO_VERSION}/docs/errors.md#${code}`,
      { cause },
    )
    Object.assign(this, { retryable: RETRYABLE.test(code), ...own, code })
  }
}

/**
 * The same error with more details, for one caller: others may have been given it, too. What is no
 * error of ours stays as it is.
 */
export function withDetails(
  error: unknown,
  details: { readonly [Name in keyof AuthErrorDetails]: AuthErrorDetails[Name] | undefined },
): unknown {
  if (!isAuthError(error)) return error
  const { code, message, stack, cause } = error
  const known: AuthErrorDetails = error
  const all = { ...known, cause, ...details } as AuthErrorDetails
  return Object.assign(new AuthError(code, all), { message, stack })
}

/** Whether an error is one of these. */
export function hasCode({ code }: AuthError, ...codes: readonly AuthErrorCode[]): boolean {
  return codes.includes(code)
}

/**
 * Tells whether a caught value is an {@link AuthError}, and narrows it to one code if asked. Looks
 * at the shape, not the class, so that it also holds for an error from another frame or another
 * copy of this library.
 *
 * @example
 * ```ts
 * try {
 *   await auth.getTokenSilently()
 * } catch (error) {
 *   if (isAuthError(error, 'login_required')) showLoginButton()
 *   else throw error
 * }
 * ```
 */
export function isAuthError<Code extends AuthErrorCode = AuthErrorCode>(
  error: unknown,
  code?: Code,
): error is AuthError & { readonly code: Code } {
  const candidate = error as AuthError | null | undefined
  return (
    candidate?.name === 'AuthError' &&
    typeof candidate.code === 'string' &&
    (code === undefined || candidate.code === code)
  )
}
