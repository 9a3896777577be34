import { startFullSession } from '../pages/second-factor.ts'
import { readBody } from '../server/bounded-body.ts'
import { keepWithinLimits } from '../server/memory-limits.ts'
import { findSession, setSessionCookies } from '../server/sessions.ts'
import type { ServerState } from '../server/state.ts'
import { findUser } from '../server/users.ts'
import { controlGate, isReturnAllowed } from './control-gate.ts'
import { runOperation } from './control-shapes.ts'
import type { AuthorizationServerControl } from './control.ts'
import { withoutSecrets } from './redaction.ts'
import { checkShape } from './shape.ts'

const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
  })

function returnAddress({ configuration }: ServerState, text: string | null): string | undefined {
  if (text === null) return undefined
  const url = URL.canParse(text, configuration.issuer) && new URL(text, configuration.issuer)
  if (url && isReturnAllowed(configuration, url)) return url.href
  throw new TypeError('"return" must be on the origin of a registered redirect URI')
}

/** `GET /control/login?user=bob&return=…`: logs this browser in without the login page. */
function signInByLink(state: ServerState, request: Request): Response {
  const { searchParams } = new URL(request.url)
  checkShape('the address', Object.fromEntries(searchParams), {
    required: { user: 'string' },
    optional: { return: 'string' },
  })
  const location = returnAddress(state, searchParams.get('return'))
  const user = findUser(state, searchParams.get('user') ?? '')
  const session = startFullSession(state, user, { previous: findSession(state, request) })
  const response = new Response(location === undefined ? `Logged in as ${user.username}` : null, {
    status: location === undefined ? 200 : 303,
    headers: { ...headers, ...(location === undefined ? {} : { location }) },
  })
  setSessionCookies(state, response, session)
  return response
}

async function answer(
  state: ServerState,
  control: AuthorizationServerControl,
  request: Request,
): Promise<Response> {
  const isLogin = new URL(request.url).pathname.endsWith('/login')
  if (request.method === 'GET') {
    return isLogin ? signInByLink(state, request) : json({ result: control.snapshot() })
  }
  if (isLogin) return json({ error: 'the method is GET' }, 405)
  const body = await readBody(request)
  if (body === undefined) return json({ error: 'the body is too long' }, 413)
  const result = await runOperation(control, JSON.parse(body))
  return json({ result: result ?? null })
}

/** What a page of a registered origin needs to read the answer (CORS). */
function letRead(response: Response, origin: string): Response {
  response.headers.set('access-control-allow-origin', origin)
  response.headers.set('access-control-allow-methods', 'GET, POST')
  response.headers.set('access-control-allow-headers', 'Content-Type')
  response.headers.set('access-control-max-age', '600')
  return response
}

async function guarded(
  state: ServerState,
  control: AuthorizationServerControl,
  request: Request,
): Promise<Response> {
  const gate = controlGate(state.configuration, request)
  if ('refusal' in gate) return json({ error: gate.refusal.message }, gate.refusal.status)
  const response =
    request.method === 'OPTIONS'
      ? new Response(null, { status: 204, headers })
      : await answer(state, withoutSecrets(control), request).catch((error: unknown) =>
          json({ error: (error as Partial<Error>).message ?? 'unknown' }, 400),
        )
  return gate.readableBy === undefined ? response : letRead(response, gate.readableBy)
}

/**
 * The control endpoint, or undefined if the request is for another. For tests only: who reaches it
 * can log in as anybody, so a server that others can reach needs `control: false`.
 */
export async function controlEndpoint(
  state: ServerState,
  control: AuthorizationServerControl,
  request: Request,
): Promise<Response | undefined> {
  const { basePath, control: isOn } = state.configuration
  const path = `${basePath}/control`
  const { pathname } = new URL(request.url)
  if (!isOn || (pathname !== path && pathname !== `${path}/login`)) return undefined
  keepWithinLimits(state)
  const response = await guarded(state, control, request)
  response.headers.set('vary', 'Origin')
  return response
}
