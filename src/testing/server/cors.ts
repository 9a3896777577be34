import { clientOf } from '../endpoints/client-request.ts'
import type { Endpoint } from './records.ts'
import type { Incoming } from './request-log.ts'
import type { ServerState } from './state.ts'

/**
 * `client`: the origins of the client that asks; `clients`: those of all clients, where none is
 * named.
 */
type Policy = 'everyone' | 'client' | 'clients' | 'nobody'

const policies: Readonly<Record<Endpoint, Policy>> = {
  discovery: 'everyone',
  jwks: 'everyone',
  token: 'client',
  par: 'client',
  userinfo: 'clients',
  revocation: 'client',
  // A page must never read what happens here (RFC 9700 section 2.6).
  authorize: 'nobody',
  login: 'nobody',
  account: 'nobody',
  idpCallback: 'nobody',
  endSession: 'nobody',
  checkSession: 'nobody',
}

const isGuarded = ({ endpoint }: Incoming) =>
  policies[endpoint] === 'client' || policies[endpoint] === 'clients'

function allowedOrigin(state: ServerState, incoming: Incoming): string | undefined {
  const { endpoint, request } = incoming
  const policy = policies[endpoint]
  if (policy === 'everyone') return '*'
  const origin = request.headers.get('origin')
  if (policy === 'nobody' || origin === null) return undefined
  // A preflight does not say which client it is for.
  const isAnyClient = policy === 'clients' || request.method === 'OPTIONS'
  const clients = isAnyClient ? state.configuration.clients : [clientOf(state, incoming)]
  return clients.some((client) => client?.origins.includes(origin)) ? origin : undefined
}

/** The CORS headers of an answer, for whoever may read it. */
export function corsHeaders(state: ServerState, incoming: Incoming): Headers {
  const headers = new Headers()
  const origin = allowedOrigin(state, incoming)
  if (isGuarded(incoming)) headers.set('vary', 'Origin')
  if (origin !== undefined) {
    headers.set('access-control-allow-origin', origin)
    headers.set('access-control-expose-headers', 'WWW-Authenticate, Retry-After, DPoP-Nonce')
  }
  return headers
}

/** Answers a preflight, or undefined where there is none to answer. */
export function preflight(state: ServerState, incoming: Incoming): Response | undefined {
  if (incoming.request.method !== 'OPTIONS' || policies[incoming.endpoint] === 'nobody') {
    return undefined
  }
  const headers = corsHeaders(state, incoming)
  if (headers.has('access-control-allow-origin')) {
    headers.set('access-control-allow-methods', 'GET, POST')
    headers.set('access-control-allow-headers', 'Authorization, Content-Type, DPoP')
    headers.set('access-control-max-age', '3600')
  }
  return new Response(null, { status: 204, headers })
}

/** Whether a request comes from a page that may not use the endpoint at all. */
export function isForeignOrigin(state: ServerState, incoming: Incoming): boolean {
  const hasOrigin = incoming.request.headers.has('origin')
  return isGuarded(incoming) && hasOrigin && allowedOrigin(state, incoming) === undefined
}
