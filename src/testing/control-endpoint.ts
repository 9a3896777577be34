import type { AuthorizationServerControl } from './control.ts'
import { runOperation } from './control-shapes.ts'
import { startFullSession } from './second-factor.ts'
import { checkShape } from './shape.ts'
import { findSession, sessionCookie } from './sessions.ts'
import type { ServerState } from './state.ts'
import { findUser } from './users.ts'

const headers = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'Content-Type',
  'cache-control': 'no-store',
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
  })

/** `GET /control/login?user=bob&return=…`: logs this browser in without the login page. */
function signInByLink(state: ServerState, request: Request): Response {
  const { searchParams } = new URL(request.url)
  checkShape('the address', Object.fromEntries(searchParams), {
    required: { user: 'string' },
    optional: { return: 'string' },
  })
  const user = findUser(state, searchParams.get('user') ?? '')
  const session = startFullSession(state, user, { previous: findSession(state, request) })
  const location = searchParams.get('return')
  const response = new Response(location === null ? `Logged in as ${user.username}` : null, {
    status: location === null ? 200 : 303,
    headers: { ...headers, ...(location === null ? {} : { location }) },
  })
  response.headers.append('set-cookie', sessionCookie(state, session))
  return response
}

async function answer(
  state: ServerState,
  control: AuthorizationServerControl,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname.endsWith('/login')) return signInByLink(state, request)
  if (request.method === 'GET') return json({ result: control.snapshot() })
  const result = await runOperation(control, await request.json())
  return json({ result: result ?? null })
}

/**
 * The control endpoint, or undefined if the request is for another. For tests only: who reaches it can log in
 * as anybody, so a server that others can reach needs `control: false`.
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
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers })
  try {
    return await answer(state, control, request)
  } catch (error) {
    return json({ error: error instanceof Error ? error.message : 'unknown' }, 400)
  }
}
