import { override, takeFaults } from '../faults/active-faults.ts'
import { randomToken } from '../server/encoding.ts'
import type { Incoming } from '../server/request-log.ts'
import type { ServerState } from '../server/state.ts'
import { checkAuthorizationRequest } from './authorization-request.ts'
import { refuseClientRequest } from './client-request.ts'
import { checkDpop, withNonce } from './dpop.ts'
import { json, oauthError, refuse } from './oauth-error.ts'
import type { Problem } from './unregistered.ts'

/** How long a pushed request waits for the browser. */
const lifeSeconds = 60
const prefix = 'urn:ietf:params:oauth:request_uri:'

async function push(state: ServerState, incoming: Incoming): Promise<Response> {
  const refused = refuseClientRequest(state, incoming)
  if (refused) return refused
  const { parameters } = incoming
  if (parameters.has('request_uri')) {
    return oauthError(refuse('invalid_request', 'request_uri must not be pushed'))
  }
  const proof = await checkDpop(state, incoming)
  if ('error' in proof) {
    const isAsked = proof.error === 'use_dpop_nonce'
    return withNonce(state, incoming, oauthError(proof), isAsked)
  }
  if (proof.jkt !== undefined && (parameters.get('dpop_jkt') ?? proof.jkt) !== proof.jkt) {
    return oauthError(refuse('invalid_dpop_proof', 'dpop_jkt is another key'))
  }
  const checked = checkAuthorizationRequest(state.configuration, parameters)
  if ('page' in checked) return oauthError(refuse('invalid_request', checked.page))
  if ('refusal' in checked) return oauthError(checked.refusal)
  const pushed = new URLSearchParams(parameters)
  if (proof.jkt !== undefined) pushed.set('dpop_jkt', proof.jkt)
  const uri = prefix + randomToken()
  const expiresAt = state.now() + lifeSeconds * 1000
  state.pushedRequests.set(uri, { parameters: pushed, expiresAt })
  const members = { request_uri: uri, expires_in: lifeSeconds }
  return json(override(members, takeFaults(state, 'par', 'pushedResponse')), 201)
}

/**
 * The pushed authorization request endpoint.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9126#section-2 RFC 9126, section 2}
 */
export async function pushedRequest(state: ServerState, incoming: Incoming): Promise<Response> {
  return withNonce(state, incoming, await push(state, incoming), false)
}

/**
 * The parameters that an authorization request stands for: its own, or those that were pushed,
 * which are good once.
 */
export function parametersOf(
  state: ServerState,
  parameters: URLSearchParams,
): URLSearchParams | Problem {
  const uri = parameters.get('request_uri')
  if (!uri?.startsWith(prefix)) return parameters
  const pushed = state.pushedRequests.get(uri)
  const clientId = pushed?.parameters.get('client_id')
  if (!pushed || clientId !== parameters.get('client_id')) {
    return { page: 'The request_uri is unknown, was used before, or is of another client' }
  }
  state.pushedRequests.delete(uri)
  return pushed.expiresAt > state.now()
    ? pushed.parameters
    : { page: 'The request_uri has expired' }
}

/** Whether a request has come by the address alone, where only pushed ones are taken. */
export function isUnpushed({ configuration }: ServerState, parameters: URLSearchParams): boolean {
  const isRequired = configuration.pushedAuthorizationRequests === 'required'
  return isRequired && !parameters.get('request_uri')?.startsWith(prefix)
}
