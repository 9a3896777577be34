import { authorizationResponse, sendAuthorizationResponse } from './authorization-response.ts'
import { authorizationGranted } from './authorize.ts'
import { errorPage } from './html-page.ts'
import { loginPage } from './login-page.ts'
import type { Incoming } from './request-log.ts'
import { browserIdOf, findSession, sessionCookie, startSession } from './sessions.ts'
import type { Interaction, ServerState } from './state.ts'

function findInteraction(state: ServerState, incoming: Incoming): Interaction | undefined {
  const interaction = state.interactions.get(incoming.parameters.get('interaction') ?? '')
  if (!interaction || interaction.expiresAt < state.now()) return undefined
  const isSameBrowser = interaction.browserId === browserIdOf(state, incoming.request)
  return isSameBrowser ? interaction : undefined
}

function cancel(state: ServerState, { request }: Interaction): Response {
  const error = { error: 'access_denied', description: 'The user went back' }
  return sendAuthorizationResponse(state, authorizationResponse(state, request, error))
}

function confirm(state: ServerState, incoming: Incoming, interaction: Interaction): Response {
  const { request, sessionId } = interaction
  const session = findSession(state, incoming.request)
  if (!session || session.id !== sessionId) {
    const problem = 'You are no longer logged in.'
    return loginPage(state.configuration, { interaction, problem })
  }
  state.interactions.delete(interaction.id)
  session.lastUsedAt = state.now()
  return sendAuthorizationResponse(state, authorizationGranted(state, request, session))
}

function logIn(state: ServerState, incoming: Incoming, interaction: Interaction): Response {
  const { parameters } = incoming
  const username = parameters.get('username') ?? ''
  const user = state.configuration.users.find((known) => known.username === username)
  if (!user || user.password !== parameters.get('password')) {
    const problem = 'The user name or the password is wrong.'
    return loginPage(state.configuration, { interaction, username, problem })
  }
  state.interactions.delete(interaction.id)
  const session = startSession(state, user, findSession(state, incoming.request))
  const answer = authorizationGranted(state, interaction.request, session)
  const response = sendAuthorizationResponse(state, answer)
  response.headers.append('set-cookie', sessionCookie(state, session))
  return response
}

/** Where the login page sends its form: answers the authorization request, or shows the page again. */
export async function login(state: ServerState, incoming: Incoming): Promise<Response> {
  const interaction = findInteraction(state, incoming)
  if (!interaction) {
    return errorPage('This page is too old or was opened in another browser: please start again')
  }
  const action = incoming.parameters.get('action')
  if (action === 'cancel') return cancel(state, interaction)
  if (action === 'continue') return confirm(state, incoming, interaction)
  return logIn(state, incoming, interaction)
}
