import type { AuthorizationRequest } from '../endpoints/authorization-request.ts'
import type { RegisteredUser } from '../server/options.ts'
import type { Authentication, Session } from '../server/records.ts'
import { startSession } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import type { User } from '../server/users.ts'

/** Whether a second factor was used, and not too long ago. */
export function isSecondFactorValid(
  state: ServerState,
  { secondFactorAt }: Authentication,
): boolean {
  if (secondFactorAt === undefined) return false
  return state.now() - secondFactorAt <= state.lives.secondFactorSeconds * 1000
}

/**
 * The `acr` of a login: the first of the values asked for that it satisfies, else the server's
 * first.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#acrSemantics OpenID Connect Core, section 5.5.1.1}
 */
export function acrOf(
  state: ServerState,
  request: AuthorizationRequest,
  how: Authentication,
): string {
  const { acrValues, multiFactorAcrValues } = state.configuration
  const reached = isSecondFactorValid(state, how) ? multiFactorAcrValues : []
  const satisfied = [...acrValues, ...reached]
  return request.acrValues.find((value) => satisfied.includes(value)) ?? acrValues[0] ?? '0'
}

/**
 * Whether a request is for a multi-factor login: the first value that the server knows is what the
 * client prefers.
 */
function isMultiFactorAsked({ configuration }: ServerState, request?: AuthorizationRequest) {
  const { acrValues, multiFactorAcrValues } = configuration
  const known = request?.acrValues.find((value) =>
    [...acrValues, ...multiFactorAcrValues].includes(value),
  )
  return known !== undefined && multiFactorAcrValues.includes(known) && !acrValues.includes(known)
}

/**
 * Whether the user has to enter a one-time code before the server answers; `request` is absent for
 * the account page.
 */
export function isSecondFactorMissing(
  state: ServerState,
  { user, how }: { readonly user: Required<RegisteredUser>; readonly how: Authentication },
  request?: AuthorizationRequest,
): boolean {
  const isPolicy = state.configuration.secondFactor || user.secondFactor
  const isNeeded = isPolicy || isMultiFactorAsked(state, request)
  return isNeeded && !isSecondFactorValid(state, how)
}

/** What a one-time code adds to an authentication (RFC 8176 section 2). */
export function withSecondFactor(how: Authentication, secondFactorAt: number): Authentication {
  const amr = [...new Set([...(how.amr ?? ['pwd']), 'otp', 'mfa'])]
  return { ...how, amr, secondFactorAt }
}

/** Starts a session as if the user had done all that is asked of them. */
export function startFullSession(
  state: ServerState,
  user: User,
  {
    previous,
    request,
    secondFactor = isSecondFactorMissing(state, { user, how: {} }, request),
  }: {
    readonly previous?: Session | undefined
    readonly request?: AuthorizationRequest
    readonly secondFactor?: boolean
  } = {},
): Session {
  const how = secondFactor ? withSecondFactor({}, state.now()) : {}
  return startSession(state, user, { ...how, previous })
}
