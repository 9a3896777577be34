import { AuthError } from '../errors.ts'
import { difference } from './evidence.ts'
import { ownFields } from './without-prototype.ts'
import { createTimeError } from './id-token.ts'

/** What the errors of oauth4webapi have of these. */
interface Evidence {
  readonly code?: string
  readonly message?: string
  readonly cause?: unknown
}

/** What their causes have: response bodies, statuses, claims. */
interface Cause {
  readonly body?: object
  readonly status?: number
  readonly claim?: string
  readonly claims?: Readonly<Record<string, unknown>>
  readonly expected?: string
  readonly now?: number
}

/**
 * Gives an error of oauth4webapi one of our codes. Only names and numbers are taken over: its
 * `cause` may hold whole token responses, so it is never attached.
 */
export function toAuthError(error: unknown): AuthError {
  // These are not enumerable, or getters.
  const { message = '', cause } = Object(error) as Evidence
  const { status = 200 } = Object(cause) as Cause
  const { code }: Evidence = ownFields(error)
  const { body, claim, claims, now, expected }: Cause = ownFields(cause)
  if (code === 'OAUTH_UNSUPPORTED_OPERATION' && body) return new AuthError('token_type_unsupported')
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' && claim && now)
    return createTimeError(claim, claims?.['iat'], now)
  // The messages quote the name of the member or claim that does not fit.
  const name = /"(?!response)(\w+)"/.exec(message)?.[1]
  if (message.includes('"response"') && name !== 'id_token')
    return new AuthError('response_invalid', { reason: name ?? 'format', status })
  const reason = claim ?? (name === 'id_token' ? 'missing' : name) ?? 'format'
  return new AuthError('id_token_invalid', {
    reason,
    ...(expected &&
      /^(iss|aud)$/.test(reason) && { evidence: difference(expected, claims?.[reason]) }),
  })
}
