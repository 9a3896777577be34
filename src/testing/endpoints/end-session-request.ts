import { override, takeFaults } from '../faults/active-faults.ts'
import type { ServerState } from '../server/state.ts'
import { readIdTokenHint, type HintedLogin } from './id-token-hint.ts'
import { unknownClient, unknownReturnUri, type Problem } from './unregistered.ts'

/** A logout request that has passed every check. */
export interface LogoutRequest {
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

/** Checks a logout request; `page` is what is wrong with it, for the user to read. */
export async function checkLogoutRequest(
  state: ServerState,
  parameters: URLSearchParams,
): Promise<LogoutRequest | Problem> {
  const twice = repeated(parameters)
  if (twice !== undefined) return { page: `${twice} is there more than once` }
  const token = parameters.get('id_token_hint')
  const hint = token === null ? undefined : await readIdTokenHint(state, token)
  if (token !== null && !hint) {
    return { page: 'The id_token_hint is not an ID token of this server' }
  }
  const named = parameters.get('client_id')
  if (hint && named !== null && !hint.audience.includes(named)) {
    return { page: 'The id_token_hint was issued to another client' }
  }
  const clientId = named ?? hint?.audience[0]
  const { clients } = state.configuration
  const client = clients.find((known) => known.clientId === clientId)
  const uri = parameters.get('post_logout_redirect_uri')
  if (clientId !== undefined && !client) {
    return unknownClient(clientId, { clients, redirectUri: null })
  }
  if (uri === null) return hint ? { hint } : {}
  if (!client) return { page: 'A post_logout_redirect_uri needs an id_token_hint or a client_id' }
  if (!client.postLogoutRedirectUris.includes(uri)) return unknownReturnUri(client, uri)
  return { ...(hint ? { hint } : {}), returnTo: returnAddress(state, uri, parameters) }
}
