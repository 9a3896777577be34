import type { Configuration } from './configuration.ts'
import { randomToken } from './encoding.ts'
import type { Authentication, Session } from './records.ts'
import type { ServerState } from './state.ts'
import type { User } from './users.ts'

type CookieKind = 'session' | 'browser' | 'state'

/** Cookies do not know about ports and share a host's paths, so their names tell issuers apart. */
function cookieName(configuration: Configuration, kind: CookieKind): string {
  return `as_${kind}_${configuration.baseUrl.replace(/^\w+:\/\//, '').replace(/[^\w-]+/g, '_')}`
}

function readCookie(request: Request, name: string): string | undefined {
  const pairs = request.headers.get('cookie')?.split(';') ?? []
  const found = pairs.map((pair) => pair.trim()).find((pair) => pair.startsWith(`${name}=`))
  return found?.slice(name.length + 1)
}

function cookie(
  { configuration }: ServerState,
  name: string,
  value: string,
  isReadable = false,
): string {
  const { sameSite, secure } = configuration.cookies
  const path = configuration.basePath || '/'
  const attributes = `SameSite=${sameSite}${secure ? '; Secure' : ''}`
  return `${name}=${value}; Path=${path}; ${isReadable ? '' : 'HttpOnly; '}${attributes}`
}

function isAlive(state: ServerState, session: Session): boolean {
  const { sessionIdleSeconds, sessionAbsoluteSeconds } = state.lives
  const now = state.now()
  if (now - session.lastUsedAt > sessionIdleSeconds * 1000) return false
  return now - session.createdAt <= sessionAbsoluteSeconds * 1000
}

/** Sessions that have not run out; the others are forgotten. */
export function liveSessions(state: ServerState): readonly Session[] {
  for (const session of state.sessions.values()) {
    if (!isAlive(state, session)) state.sessions.delete(session.id)
  }
  return [...state.sessions.values()]
}

/** The session of the browser that sends this request. */
export function findSession(state: ServerState, request: Request): Session | undefined {
  const id = readCookie(request, cookieName(state.configuration, 'session'))
  return liveSessions(state).find((session) => session.id === id)
}

/** Starts a session in place of the one that the browser had. */
export function startSession(
  state: ServerState,
  user: User,
  { previous, ...how }: Authentication & { readonly previous?: Session | undefined } = {},
): Session {
  if (previous) state.sessions.delete(previous.id)
  const now = state.now()
  const session: Session = {
    id: randomToken(),
    sid: randomToken().slice(0, 22),
    user,
    authTime: Math.floor(now / 1000),
    amr: ['pwd'],
    formToken: randomToken(),
    createdAt: now,
    lastUsedAt: now,
    ...how,
  }
  state.sessions.set(session.id, session)
  return session
}

/**
 * Ends a session, and every code and refresh token that came of it, or of the earlier one with that
 * `sid`.
 */
export function endSession(state: ServerState, session: Session, earlierSid?: string): void {
  state.sessions.delete(session.id)
  for (const { grant } of [...state.codes.values(), ...state.refreshTokens.values()]) {
    if (grant.sid === session.sid || grant.sid === earlierSid) grant.revoked = true
  }
}

/** Goes on with a session after one more factor, with a new cookie and the old limit. */
export function raiseSession(state: ServerState, session: Session, how: Authentication): Session {
  state.sessions.delete(session.id)
  const authTime = Math.floor(state.now() / 1000)
  const raised = { ...session, authTime, ...how, id: randomToken(), lastUsedAt: state.now() }
  state.sessions.set(raised.id, raised)
  return raised
}

/** `name=value`, as a browser sends it back. */
export function sessionCookiePair(state: ServerState, session: Session): string {
  return `${cookieName(state.configuration, 'session')}=${session.id}`
}

/** The name of the cookie that the page of `check_session_iframe` reads. */
export function browserStateName({ configuration }: ServerState): string {
  return cookieName(configuration, 'state')
}

/** Gives a browser the cookies of a session. */
export function setSessionCookies(
  state: ServerState,
  { headers }: Response,
  { id, sid }: Session,
): void {
  headers.append('set-cookie', cookie(state, cookieName(state.configuration, 'session'), id))
  if (state.configuration.checkSessionFrame)
    headers.append('set-cookie', cookie(state, browserStateName(state), sid, true))
}

/** Takes them away. */
export function removeSessionCookies(state: ServerState, { headers }: Response): void {
  const name = cookieName(state.configuration, 'session')
  headers.append('set-cookie', `${cookie(state, name, '')}; Max-Age=0`)
  if (state.configuration.checkSessionFrame)
    headers.append('set-cookie', `${cookie(state, browserStateName(state), '', true)}; Max-Age=0`)
}

/**
 * Tells browsers apart before anybody has logged in: a login form works only where it was shown.
 */
export function browserIdOf(state: ServerState, request: Request): string | undefined {
  return readCookie(request, cookieName(state.configuration, 'browser'))
}

/** The `Set-Cookie` value that marks a browser. */
export function browserCookie(state: ServerState, id: string): string {
  return cookie(state, cookieName(state.configuration, 'browser'), id)
}
