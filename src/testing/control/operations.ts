import { checkAuthorizationRequest } from '../endpoints/authorization-request.ts'
import {
  authorizationResponse,
  type AuthorizationResponse,
} from '../endpoints/authorization-response.ts'
import { parametersOf } from '../endpoints/pushed-request.ts'
import { authorizationGranted } from '../endpoints/authorize.ts'
import { changeAccount, type AccountField } from '../pages/account-changes.ts'
import { startFullSession } from '../pages/second-factor.ts'
import type { Session } from '../server/records.ts'
import { browserStateName, liveSessions, sessionCookiePair } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { displayName, findUser, isUser } from '../server/users.ts'
import type { AuthorizationServerControl, SessionSummary } from './control.ts'
import { faultOperations } from './fault-operations.ts'

const summary = (session: Session): SessionSummary => ({
  sid: session.sid,
  sub: session.user.sub,
  username: session.user.username,
  name: displayName(session.user),
  authTime: session.authTime * 1000,
  amr: session.amr,
  ...(session.secondFactorAt !== undefined && { secondFactorAt: session.secondFactorAt }),
  ...(session.identityProvider !== undefined && { identityProvider: session.identityProvider }),
  createdAt: session.createdAt,
  lastUsedAt: session.lastUsedAt,
})

function answerWithoutBrowser(
  state: ServerState,
  url: string,
  user?: string,
): AuthorizationResponse {
  const parameters = parametersOf(state, new URL(url).searchParams)
  if ('page' in parameters) throw new TypeError(parameters.page)
  const checked = checkAuthorizationRequest(state.configuration, parameters)
  if ('page' in checked) throw new TypeError(checked.page)
  if ('refusal' in checked) {
    return authorizationResponse(state, checked.destination, checked.refusal)
  }
  const { request } = checked
  if (user !== undefined) {
    return authorizationGranted(
      state,
      request,
      startFullSession(state, findUser(state, user), { request }),
    )
  }
  const error = { error: 'login_required', description: 'The user has to log in' }
  return authorizationResponse(state, request, error)
}

function sessionOperations(
  state: ServerState,
): Pick<
  AuthorizationServerControl,
  'sessions' | 'endSessions' | 'revokeRefreshTokens' | 'signIn' | 'authorize'
> {
  return {
    sessions: () => liveSessions(state).map(summary),
    endSessions({ user } = {}) {
      if (user !== undefined) findUser(state, user)
      const ended = liveSessions(state).filter((session) => isUser(session.user, user))
      for (const { id } of ended) state.sessions.delete(id)
      return ended.length
    },
    revokeRefreshTokens({ user } = {}) {
      if (user !== undefined) findUser(state, user)
      const tokens = [...state.refreshTokens.values()].filter(({ grant, usedAt }) => {
        return isUser(grant.user, user) && !grant.revoked && usedAt === undefined
      })
      for (const { grant } of tokens) grant.revoked = true
      return tokens.length
    },
    signIn({ user, ...options }) {
      const session = startFullSession(state, findUser(state, user), options)
      const { checkSessionFrame } = state.configuration
      return {
        sid: session.sid,
        cookie: sessionCookiePair(state, session),
        ...(checkSessionFrame && { stateCookie: `${browserStateName(state)}=${session.sid}` }),
      }
    },
    authorize({ url, user }) {
      const response = answerWithoutBrowser(state, url, user)
      return 'plan' in response ? { messages: response.plan.messages } : response
    },
  }
}

function accountOperations(
  state: ServerState,
): Pick<AuthorizationServerControl, 'changePassword' | 'changeEmail' | 'changePhone'> {
  const change = (user: string, field: AccountField, value: string) =>
    changeAccount(state, findUser(state, user), { field, value })
  return {
    changePassword: ({ user, password }) => change(user, 'password', password),
    changeEmail: ({ user, email }) => change(user, 'email', email),
    changePhone: ({ user, phone }) => change(user, 'phone', phone),
  }
}

/** What the control can do, before its arguments are checked. */
export function createOperations(state: ServerState): AuthorizationServerControl {
  const operations: AuthorizationServerControl = {
    ...sessionOperations(state),
    ...accountOperations(state),
    ...faultOperations(state),
    snapshot: () => ({
      issuer: state.configuration.issuer,
      now: state.now(),
      lives: state.lives,
      refreshTokenRotation: state.refreshTokenRotation,
      latency: state.latency,
      faults: state.faults.map(({ fault }) => fault),
      sessions: operations.sessions(),
      requests: operations.requests(),
    }),
    requests: ({ endpoint } = {}) =>
      state.requests.filter((seen) => endpoint === undefined || seen.endpoint === endpoint),
    clearRequests() {
      state.requests = []
    },
    advanceClock({ seconds }) {
      state.clockOffsetMs += seconds * 1000
      return state.now()
    },
    setLatency({ endpoint, ms }) {
      state.latency = { ...state.latency, [endpoint]: ms }
    },
    setLives(lives) {
      state.lives = { ...state.lives, ...lives }
    },
    setRefreshTokenRotation({ enabled }) {
      state.refreshTokenRotation = enabled
    },
    rotateKeys: ({ keepOld = true } = {}) => state.keys.rotate(keepOld),
    reset: () => state.reset(),
  }
  return operations
}
