import type { RegisteredClient } from '../server/options.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { invalidClient, oauthError, refuse, type AuthorizationError } from './oauth-error.ts'

/** The client that a request names. */
export function clientOf(
  { configuration }: ServerState,
  { parameters }: Incoming,
): Required<RegisteredClient> | undefined {
  return configuration.clients.find(({ clientId }) => clientId === parameters.get('client_id'))
}

function checkForm({ isForm, parameters }: Incoming): AuthorizationError | undefined {
  if (!isForm) return refuse('invalid_request', 'the body must be form-encoded')
  const names = [...parameters.keys()].filter((name) => name !== 'resource')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return undefined
  return refuse('invalid_request', `"${twice}" is there more than once`)
}

const isPublic = ({ request, parameters }: Incoming) =>
  !request.headers.has('authorization') &&
  !parameters.has('client_secret') &&
  !parameters.has('client_assertion')

/** Answers a form that is not one of a registered public client; undefined where it is. */
export function refuseClientRequest(state: ServerState, incoming: Incoming): Response | undefined {
  const malformed = checkForm(incoming)
  if (malformed) return oauthError(malformed)
  if (!clientOf(state, incoming)) return invalidClient('the client is unknown')
  return isPublic(incoming) ? undefined : invalidClient('public clients have no credentials')
}
