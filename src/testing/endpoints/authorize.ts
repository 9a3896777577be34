import { takeFault } from '../faults/active-faults.ts'
import { htmlPage } from '../pages/html-page.ts'
import { acrOf, isSecondFactorMissing } from '../pages/second-factor.ts'
import { showStep, type Step } from '../pages/show-step.ts'
import { randomToken } from '../server/encoding.ts'
import type { RegisteredUser } from '../server/options.ts'
import type { Session } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import { findSession } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { checkAuthorizationRequest, type AuthorizationRequest } from './authorization-request.ts'
import {
  authorizationResponse,
  sendAuthorizationResponse,
  type AuthorizationResponse,
} from './authorization-response.ts'
import { sessionStateOf } from './check-session.ts'
import { readIdTokenHint } from './id-token-hint.ts'
import { refuse, type AuthorizationError } from './oauth-error.ts'
import { isUnpushed, parametersOf } from './pushed-request.ts'
import { problemPage } from './unregistered.ts'

/** Ends a successful authorization: a grant, and a code for it. */
export function authorizationGranted(
  state: ServerState,
  request: AuthorizationRequest,
  session: Session,
): AuthorizationResponse {
  const { user, sid, authTime, amr } = session
  const acr = acrOf(state, request, session)
  const { clientId } = request
  const id = randomToken()
  const grant = { id, clientId, user, sid, authTime, amr, acr, request, revoked: false }
  const code = randomToken()
  const expiresAt = state.now() + state.lives.codeSeconds * 1000
  state.codes.set(code, { grant, expiresAt, used: false })
  const { checkSessionFrame } = state.configuration
  const sessionState = checkSessionFrame ? { session_state: sessionStateOf(request, session) } : {}
  return authorizationResponse(state, request, { code, ...sessionState })
}

const isNamed = ({ sub, username, claims }: Required<RegisteredUser>, hint: string) =>
  hint === sub || hint === username || hint === claims['email']

/** What the user still has to do (OpenID Connect Core section 3.1.2.3). */
function nextStep(
  state: ServerState,
  request: AuthorizationRequest,
  { session, hintedSub }: { readonly session: Session | undefined; readonly hintedSub?: unknown },
): Step {
  if (!session || request.prompt.includes('login')) return 'login'
  const age = Math.floor(state.now() / 1000) - session.authTime
  if (request.maxAge !== undefined && (age > request.maxAge || request.maxAge === 0)) return 'login'
  if (request.loginHint !== undefined && !isNamed(session.user, request.loginHint)) return 'login'
  if (hintedSub !== undefined && hintedSub !== session.user.sub) return 'login'
  if (request.prompt.some((prompt) => prompt === 'select_account' || prompt === 'consent')) {
    return 'confirm'
  }
  const { user } = session
  return isSecondFactorMissing(state, { user, how: session }, request) ? 'secondFactor' : 'done'
}

function visibleSession(state: ServerState, request: Request): Session | undefined {
  const isFrame = request.headers.get('sec-fetch-dest') === 'iframe'
  if (isFrame && takeFault(state, 'authorize', 'noSession')) return undefined
  return findSession(state, request)
}

const loginRequired: AuthorizationError = {
  error: 'login_required',
  description: 'The user has to log in',
}

/**
 * The user is logged in and stays so: what is missing is a step of theirs, not a login (OpenID
 * Connect Core section 3.1.2.6). Without any session it is `login_required`, even if a second
 * factor would be asked for later.
 */
const interactionRequired: AuthorizationError = {
  error: 'interaction_required',
  description: 'The user has to enter a one-time code',
}

const pushRequired = refuse('invalid_request', 'the request must be pushed')

const unknownHint: AuthorizationError = {
  error: 'invalid_request',
  description: 'id_token_hint is not an ID token of this server',
}
const missingHint: AuthorizationError = {
  error: 'invalid_request',
  description: 'id_token_hint is missing',
}

/**
 * The authorization endpoint.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthorizationEndpoint OpenID Connect Core, section 3.1.2}
 */
export async function authorize(state: ServerState, incoming: Incoming): Promise<Response> {
  if (takeFault(state, 'authorize', 'interactivePage')) {
    const content = '<p>A page that waits for the user.</p>'
    return htmlPage({ title: 'One more step', content, framing: 'allowed' })
  }
  const parameters = parametersOf(state, incoming.parameters)
  if ('page' in parameters) return problemPage(state.configuration, parameters)
  const checked = checkAuthorizationRequest(state.configuration, parameters)
  if ('page' in checked) return problemPage(state.configuration, checked)
  const destination = 'request' in checked ? checked.request : checked.destination
  const fail = (error: AuthorizationError) =>
    sendAuthorizationResponse(state, authorizationResponse(state, destination, error))
  if (isUnpushed(state, incoming.parameters)) return fail(pushRequired)
  if ('refusal' in checked) return fail(checked.refusal)
  const { request } = checked
  const hint = request.idTokenHint
  const hintedSub = hint === undefined ? undefined : (await readIdTokenHint(state, hint))?.sub
  if (hint !== undefined && hintedSub === undefined) return fail(unknownHint)
  const isSilent = request.prompt.includes('none')
  if (isSilent && hint === undefined && takeFault(state, 'authorize', 'hintRequired'))
    return fail(missingHint)
  const session = visibleSession(state, incoming.request)
  const step = nextStep(state, request, { session, hintedSub })
  if (isSilent && takeFault(state, 'authorize', 'promptNoneIgnored')) {
    return showStep(state, incoming, { step: 'login', request, session: undefined })
  }
  if (step === 'done' && session) {
    session.lastUsedAt = state.now()
    return sendAuthorizationResponse(state, authorizationGranted(state, request, session))
  }
  if (isSilent) return fail(step === 'secondFactor' ? interactionRequired : loginRequired)
  return showStep(state, incoming, { step, request, session })
}
