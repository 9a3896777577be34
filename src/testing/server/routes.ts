import { authorize } from '../endpoints/authorize.ts'
import { endSessionEndpoint } from '../endpoints/end-session.ts'
import { checkSession } from '../endpoints/check-session.ts'
import { discovery, jwks } from '../endpoints/metadata.ts'
import { oauthError } from '../endpoints/oauth-error.ts'
import { pushedRequest } from '../endpoints/pushed-request.ts'
import { revocation } from '../endpoints/revocation.ts'
import { token } from '../endpoints/token.ts'
import { userinfo } from '../endpoints/userinfo.ts'
import { hasFault } from '../faults/active-faults.ts'
import type { Exchange } from '../faults/replacement-faults.ts'
import { withTransportFaults } from '../faults/transport-faults.ts'
import { federationCallback } from '../federation/federation.ts'
import { account } from '../pages/account.ts'
import { login } from '../pages/login.ts'
import type { Configuration } from './configuration.ts'
import { isForeignOrigin, preflight } from './cors.ts'
import { keepWithinLimits } from './memory-limits.ts'
import type { Endpoint } from './records.ts'
import { logRequest, readIncoming, type Incoming } from './request-log.ts'
import { sleep } from './sleep.ts'
import type { ServerState } from './state.ts'

interface Route {
  readonly methods: readonly ('GET' | 'HEAD' | 'POST')[]
  readonly handle: (state: ServerState, incoming: Incoming) => Promise<Response>
}

const routes: Readonly<Record<Endpoint, Route>> = {
  // Tools that wait for a server ask with HEAD (RFC 9110, section 9.1).
  discovery: { methods: ['GET', 'HEAD'], handle: discovery },
  jwks: { methods: ['GET', 'HEAD'], handle: jwks },
  authorize: { methods: ['GET'], handle: authorize },
  par: { methods: ['POST'], handle: pushedRequest },
  login: { methods: ['POST'], handle: login },
  idpCallback: { methods: ['GET'], handle: federationCallback },
  account: { methods: ['GET', 'POST'], handle: account },
  token: { methods: ['POST'], handle: token },
  userinfo: { methods: ['GET', 'POST'], handle: userinfo },
  revocation: { methods: ['POST'], handle: revocation },
  endSession: { methods: ['GET', 'POST'], handle: endSessionEndpoint },
  checkSession: { methods: ['GET'], handle: checkSession },
}

/**
 * The paths of the endpoints; RFC 8414 section 3.1 puts an issuer's path after the well-known one.
 */
function endpointAt(
  { basePath, endSession, checkSessionFrame, pushedAuthorizationRequests }: Configuration,
  pathname: string,
): Endpoint | undefined {
  const paths: Readonly<Record<string, Endpoint>> = {
    [`${basePath}/.well-known/openid-configuration`]: 'discovery',
    [`/.well-known/oauth-authorization-server${basePath}`]: 'discovery',
    [`${basePath}/jwks`]: 'jwks',
    [`${basePath}/authorize`]: 'authorize',
    [`${basePath}/login`]: 'login',
    [`${basePath}/idp/callback`]: 'idpCallback',
    [`${basePath}/account`]: 'account',
    [`${basePath}/token`]: 'token',
    [`${basePath}/userinfo`]: 'userinfo',
    [`${basePath}/revoke`]: 'revocation',
    ...(pushedAuthorizationRequests === 'off' ? {} : { [`${basePath}/par`]: 'par' as const }),
    ...(checkSessionFrame ? { [`${basePath}/check-session`]: 'checkSession' as const } : {}),
    ...(endSession ? { [`${basePath}/end-session`]: 'endSession' as const } : {}),
  }
  return Object.hasOwn(paths, pathname) ? paths[pathname] : undefined
}

async function handle(state: ServerState, incoming: Incoming): Promise<Response> {
  if (isForeignOrigin(state, incoming)) {
    return oauthError({ error: 'invalid_request', description: 'the origin is not registered' })
  }
  const response = await routes[incoming.endpoint].handle(state, incoming)
  return incoming.request.method === 'HEAD' ? new Response(null, response) : response
}

/**
 * The path that tells the endpoint: a slash at the end is another path, unless a fault has put it
 * there.
 */
function pathOf(state: ServerState, url: string): string {
  const { pathname } = new URL(url)
  return hasFault(state, 'discovery', 'trailingSlash')
    ? pathname.replace(/(\/openid-configuration)\/$/, '$1')
    : pathname
}

/** Answers one request to the provider. */
export async function exchange(state: ServerState, request: Request): Promise<Exchange> {
  const endpoint = endpointAt(state.configuration, pathOf(state, request.url))
  if (endpoint === undefined) return new Response('Not found', { status: 404 })
  const incoming = await readIncoming(endpoint, request)
  if (!incoming) return new Response('The body is too long', { status: 413 })
  logRequest(state, incoming)
  keepWithinLimits(state)
  const latencyMs = state.latency[endpoint] ?? 0
  if (latencyMs > 0) await sleep(latencyMs)
  const answered = preflight(state, incoming)
  if (answered) return answered
  const { methods } = routes[endpoint]
  if (!methods.some((method) => method === request.method)) {
    const headers = { allow: methods.join(', ') }
    return new Response('Method not allowed', { status: 405, headers })
  }
  return withTransportFaults(state, incoming, () => handle(state, incoming))
}
