import { errorPage, htmlPage } from '../pages/html-page.ts'
import { escapeHtml, randomToken } from '../server/encoding.ts'
import type { LogoutConfirmation, Session } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import { endSession, removeSessionCookies, findSession, liveSessions } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { checkLogoutRequest } from './end-session-request.ts'
import type { HintedLogin } from './id-token-hint.ts'
import { problemPage } from './unregistered.ts'

const confirmationMs = 600_000

function signedOut(state: ServerState, returnTo: string | undefined): Response {
  const response =
    returnTo === undefined
      ? htmlPage({
          title: 'You are signed out',
          content: '<p>You can close this page.</p>',
          brand: state.configuration.brand,
        })
      : new Response(null, {
          status: 303,
          headers: {
            location: returnTo,
            'cache-control': 'no-store',
            'referrer-policy': 'no-referrer',
          },
        })
  removeSessionCookies(state, response)
  return response
}

/** Asks the user, who may not want what a link on some page wants. */
function askUser(state: ServerState, session: Session, returnTo: string | undefined): Response {
  const confirmation: LogoutConfirmation = {
    id: randomToken(),
    sessionId: session.id,
    expiresAt: state.now() + confirmationMs,
    ...(returnTo === undefined ? {} : { returnTo }),
  }
  state.logoutConfirmations.set(confirmation.id, confirmation)
  const content = `<p>You are signed in as <b>${escapeHtml(session.user.username)}</b>.</p>
<form method="post" action="${escapeHtml(state.configuration.basePath)}/end-session">
<input type="hidden" name="confirmation" value="${confirmation.id}">
<button class="main">Sign out</button>
</form>`
  return htmlPage({ title: 'Sign out?', content, brand: state.configuration.brand })
}

/** The button of the confirmation page: only the session that it was shown to can press it. */
function confirmed(state: ServerState, incoming: Incoming, id: string): Response {
  const confirmation = state.logoutConfirmations.get(id)
  const session = findSession(state, incoming.request)
  state.logoutConfirmations.delete(id)
  const isMeant = session !== undefined && session.id === confirmation?.sessionId
  if (!isMeant || confirmation.expiresAt < state.now()) {
    const problem = 'This page is too old or was opened in another browser: please start again'
    return errorPage(problem, { brand: state.configuration.brand })
  }
  endSession(state, session)
  return signedOut(state, confirmation.returnTo)
}

/**
 * The browser's session, or else the one that the hint is from: a form that another site posts
 * brings no cookie.
 */
function sessionOf(
  state: ServerState,
  incoming: Incoming,
  hint: HintedLogin | undefined,
): Session | undefined {
  const session = findSession(state, incoming.request)
  return session ?? liveSessions(state).find(({ sid }) => sid === hint?.sid)
}

/**
 * The end session endpoint.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout RP-Initiated Logout 1.0, section 2}
 */
export async function endSessionEndpoint(
  state: ServerState,
  incoming: Incoming,
): Promise<Response> {
  const { request, parameters } = incoming
  const confirmation = parameters.get('confirmation')
  if (request.method === 'POST' && confirmation !== null) {
    return confirmed(state, incoming, confirmation)
  }
  const checked = await checkLogoutRequest(state, parameters)
  if ('page' in checked) return problemPage(state.configuration, checked)
  const { hint, returnTo } = checked
  const session = sessionOf(state, incoming, hint)
  if (!session) return signedOut(state, returnTo)
  if (hint?.sub !== session.user.sub) return askUser(state, session, returnTo)
  endSession(state, session, hint.sid)
  return signedOut(state, returnTo)
}
