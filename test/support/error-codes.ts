// What the library makes of each error code. A new code does not compile until it is decided.
import type { AuthErrorCode } from 'sotto'

interface Consequences {
  /** The same call may succeed later: `RETRYABLE` in src/errors.ts. */
  readonly isRetryable?: true
  /** No other strategy is asked: `FINAL` in src/renewal/run-strategies.ts. */
  readonly endsRenewal?: true
  /** Renewals that keep failing with it are paused: `mayPass` in src/renewal/pause.ts. */
  readonly beginsPause?: true
}

const CODES: Readonly<Record<AuthErrorCode, Consequences>> = {
  config_invalid: { endsRenewal: true },
  insecure_context: {},
  not_in_browser: {},
  disposed: { endsRenewal: true },
  discovery_failed: { isRetryable: true, endsRenewal: true, beginsPause: true },
  discovery_invalid: { endsRenewal: true },
  network_error: { isRetryable: true, beginsPause: true },
  timeout: { isRetryable: true, endsRenewal: true, beginsPause: true },
  server_error: { isRetryable: true, endsRenewal: true, beginsPause: true },
  response_invalid: {},
  response_too_large: {},
  callback_invalid: {},
  state_unknown: {},
  state_mismatch: {},
  transaction_expired: {},
  issuer_mismatch: {},
  login_required: {},
  interaction_required: {},
  consent_required: {},
  account_selection_required: {},
  access_denied: {},
  authorization_error: {},
  token_error: {},
  session_expired: {},
  id_token_invalid: {},
  clock_skew: { endsRenewal: true },
  token_type_unsupported: {},
  dpop_downgrade: {},
  dpop_failed: {},
  userinfo_invalid: {},
  silent_timeout: { isRetryable: true },
  silent_blocked: {},
  popup_blocked: {},
  popup_closed: {},
  popup_timeout: {},
  claims_invalid: {},
  user_changed: { endsRenewal: true },
  logged_out: { endsRenewal: true },
  not_allowed: {},
  redirect_loop: {},
  return_to_invalid: {},
  storage_unavailable: {},
  storage_corrupt: {},
  lock_timeout: { isRetryable: true },
}

/** All codes that have this consequence, and all that have not. */
export function splitCodes(consequence: keyof Consequences): {
  readonly withIt: readonly AuthErrorCode[]
  readonly without: readonly AuthErrorCode[]
} {
  const all = Object.keys(CODES) as AuthErrorCode[]
  return {
    withIt: all.filter((code) => CODES[code][consequence]),
    without: all.filter((code) => !CODES[code][consequence]),
  }
}
