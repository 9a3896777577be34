import type { Incoming } from './request-log.ts'
import type { Endpoint, ServerState } from './state.ts'
import { clientOf } from './token.ts'

type Policy = 'everyone' | 'clients' | 'nobody'

const policies: Readonly<Record<Endpoint, Policy>> = {
  discovery: 'everyone',
  jwks: 'everyone',
  token: 'clients',
  // A page must never read what happens here (RFC 9700 section 2.6).
  authorize: 'nobody',
  login: 'nobody',
  account: 'nobody',
  idpCallback: 'nobody',
  endSession: 'nobody',
}

function allowedOrigin(state: ServerState, incoming: Incoming): string | undefined {
  const { endpoint, request } = incoming
  if (policies[endpoint] === 'everyone') return '*'
  const origin = request.headers.get('origin')
  if (policies[endpoint] === 'nobody' || origin === null) return undefined
  // A preflight does not say which client it is for.
  const isPreflight = request.method === 'OPTIONS'
  const clients = isPreflight ? state.configuration.clients : [clientOf(state, incoming)]
  return clients.some((client) => client?.origins.includes(origin)) ? origin : undefined
}

/** The CORS headers of an answer, for whoever may read it. */
export function corsHeaders(state: ServerState, incoming: Incoming): Headers {
  const headers = new Headers()
  const origin = allowedOrigin(state, incoming)
  if (policies[incoming.endpoint] === 'clients') headers.set('vary', 'Origin')
  if (origin !== undefined) {
    headers.set('access-control-allow-origin', origin)
    headers.set('access-control-expose-headers', 'WWW-Authenticate')
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

/** Whether a page of this origin may use the token endpoint at all. */
export function isForeignOrigin(state: ServerState, incoming: Incoming): boolean {
  const isGuarded = policies[incoming.endpoint] === 'clients'
  const hasOrigin = incoming.request.headers.has('origin')
  return isGuarded && hasOrigin && allowedOrigin(state, incoming) === undefined
}
