import { sendAuthorizationResponse } from '../endpoints/authorization-response.ts'
import { authorizationGranted } from '../endpoints/authorize.ts'
import type { FirstFactor, Interaction, Session } from '../server/records.ts'
import type { Incoming } from '../server/request-log.ts'
import { findSession, setSessionCookies, startSession } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { secondFactorPage } from './second-factor-page.ts'
import { isSecondFactorMissing, isSecondFactorValid, withSecondFactor } from './second-factor.ts'

/** Answers what the user was asked for: the authorization request, or the account page. */
export function finishInteraction(
  state: ServerState,
  { id, request }: Interaction,
  session: Session,
): Response {
  state.interactions.delete(id)
  session.lastUsedAt = state.now()
  const response = request
    ? sendAuthorizationResponse(state, authorizationGranted(state, request, session))
    : new Response(null, {
        status: 303,
        headers: {
          location: `${state.configuration.baseUrl}/account`,
          'cache-control': 'no-store',
        },
      })
  setSessionCookies(state, response, session)
  return response
}

/**
 * Goes on after a password, or an answer of an identity provider: asks for a second factor if one
 * is needed and the session that the login replaces does not remember one of the same user; else
 * resets the session.
 */
export function afterFirstFactor(
  state: ServerState,
  incoming: Incoming,
  { interaction, first }: { readonly interaction: Interaction; readonly first: FirstFactor },
): Response {
  const { user } = first
  const previous = findSession(state, incoming.request)
  const remembered = previous?.user === user && isSecondFactorValid(state, previous)
  const how = remembered ? withSecondFactor(first.how, previous.secondFactorAt ?? 0) : first.how
  if (isSecondFactorMissing(state, { user, how }, interaction.request)) {
    interaction.firstFactor = first
    return secondFactorPage(state, { interaction, first })
  }
  return finishInteraction(state, interaction, startSession(state, user, { ...how, previous }))
}
