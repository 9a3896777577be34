import { override, takeFaults } from './active-faults.ts'
import { escapeHtml, randomToken } from './encoding.ts'
import { errorPage, htmlPage } from './html-page.ts'
import { readIdTokenHint, type HintedLogin } from './id-token-hint.ts'
import type { Incoming } from './request-log.ts'
import {
  endSession,
  expiredSessionCookie,
  findSession,
  liveSessions,
  type Session,
} from './sessions.ts'
import type { LogoutConfirmation, ServerState } from './state.ts'

const confirmationMs = 600_000

/** A logout request that has passed every check. */
interface LogoutRequest {
  readonly hint?: HintedLogin
  /** Where the browser goes afterwards, `state` included. */
  readonly returnTo?: string
}

const repeated = (parameters: URLSearchParams): string | undefined =>
  [...parameters.keys()].find((name, index, names) => names.indexOf(name) !== index)

function returnAddress(state: ServerState, uri: string, parameters: URLSearchParams): string {
  const sent = parameters.get('state')
  const faults = takeFaults(state, 'endSession', 'endSessionResponse')
  const members = override(sent === null ? {} : { state: sent }, faults)
  const query = new URLSearchParams(
    Object.entries(members).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString()
  if (query === '') return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}

/** Checks a logout request; a string is what is wrong with it, for the user to read. */
async function checkLogoutRequest(
  state: ServerState,
  parameters: URLSearchParams,
): Promise<LogoutRequest | string> {
  const twice = repeated(parameters)
  if (twice !== undefined) return `${twice} is there more than once`
  const token = parameters.get('id_token_hint')
  const hint = token === null ? undefined : await readIdTokenHint(state, token)
  if (token !== null && !hint) return 'The id_token_hint is not an ID token of this server'
  const named = parameters.get('client_id')
  if (hint && named !== null && !hint.audience.includes(named)) {
    return 'The id_token_hint was issued to another client'
  }
  const clientId = named ?? hint?.audience[0]
  const client = state.configuration.clients.find((known) => known.clientId === clientId)
  if (clientId !== undefined && !client) return 'The client_id is not registered'
  const uri = parameters.get('post_logout_redirect_uri')
  if (uri === null) return hint ? { hint } : {}
  if (!client) return 'A post_logout_redirect_uri needs an id_token_hint or a client_id'
  if (!client.postLogoutRedirectUris.includes(uri)) {
    return 'The post_logout_redirect_uri is not registered for this client'
  }
  return { ...(hint ? { hint } : {}), returnTo: returnAddress(state, uri, parameters) }
}

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
  response.headers.append('set-cookie', expiredSessionCookie(state))
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

/** The browser's session, or else the one that the hint is from: a form that another site posts brings no cookie. */
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
  if (typeof checked === 'string') {
    return errorPage(checked, { brand: state.configuration.brand })
  }
  const { hint, returnTo } = checked
  const session = sessionOf(state, incoming, hint)
  if (!session) return signedOut(state, returnTo)
  if (hint?.sub !== session.user.sub) return askUser(state, session, returnTo)
  endSession(state, session, hint.sid)
  return signedOut(state, returnTo)
}
