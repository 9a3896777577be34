import { override, takeFault, takeFaults } from '../faults/active-faults.ts'
import type { JsonValue } from '../server/encoding.ts'
import type { ServerState } from '../server/state.ts'
import type { Destination } from './authorization-request.ts'
import type { AuthorizationError } from './oauth-error.ts'
import {
  planMessages,
  webMessagePage,
  type MessagePlan,
  type ResponseMembers,
} from './web-message.ts'

/** The authorization response: a redirect, or a page that posts messages. */
export type AuthorizationResponse = { readonly location: string } | { readonly plan: MessagePlan }

function redirectLocation(
  { redirectUri, responseMode }: Destination,
  pairs: readonly (readonly [string, JsonValue])[],
): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of pairs) {
    parameters.append(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  const query = redirectUri.includes('?') ? '&' : '?'
  return `${redirectUri}${responseMode === 'fragment' ? '#' : query}${parameters.toString()}`
}

/**
 * Answers an authorization request in the response mode that it asked for, always with `iss`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9207#section-2 RFC 9207, section 2}
 */
export function authorizationResponse(
  state: ServerState,
  asked: Destination,
  answer: { readonly code: string; readonly session_state?: string } | AuthorizationError,
): AuthorizationResponse {
  const response: ResponseMembers = {
    ...('error' in answer
      ? { error: answer.error, error_description: answer.description }
      : answer),
    ...(asked.state === undefined ? {} : { state: asked.state }),
    iss: state.configuration.issuer,
  }
  const faults = takeFaults(state, 'authorize', 'authorizationResponse')
  const members = override(response, faults)
  const isIgnored =
    asked.responseMode !== 'query' && takeFault(state, 'authorize', 'responseModeIgnored')
  const destination: Destination = isIgnored ? { ...asked, responseMode: 'query' } : asked
  if (destination.responseMode === 'query' || destination.responseMode === 'fragment') {
    const pairs = Object.entries(members)
    const twice = faults.flatMap(({ duplicate = [] }) => duplicate)
    const again = pairs.filter(([name]) => twice.includes(name))
    const location = redirectLocation(destination, [...pairs, ...again])
    if (!takeFault(state, 'authorize', 'scriptedRedirect')) return { location }
    const targetOrigin = new URL(asked.redirectUri).origin
    const plan = { messages: [], targetOrigin, delayMs: 0, navigateTo: location }
    return { plan }
  }
  return { plan: planMessages(state, destination, members) }
}

/** Sends it to the browser. */
export function sendAuthorizationResponse(
  state: ServerState,
  response: AuthorizationResponse,
): Response {
  if ('plan' in response) return webMessagePage(state, response.plan)
  const headers = {
    location: response.location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  }
  return new Response(null, { status: 303, headers })
}
