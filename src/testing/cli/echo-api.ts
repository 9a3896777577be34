import { readProof } from '../endpoints/dpop-proof.ts'
import { json } from '../endpoints/oauth-error.ts'
import type { AuthorizationServer } from '../server/authorization-server.ts'
import { readBody } from '../server/bounded-body.ts'
import { checkAccessToken } from './access-token-check.ts'

/** Where an echo API is, and who may read its answers. */
export interface EchoApiOptions {
  /**
   * Its address, which is the audience of its tokens too; those for the issuer are taken as well.
   */
  readonly url: string
  /** The origins of the apps (CORS). */
  readonly origins: readonly string[]
}

type KeySet = { readonly keys: readonly (JsonWebKey & { readonly kid?: string })[] }

/**
 * RFC 6750 section 3: without an error where no token was sent. One that is bound to a key is asked
 * for by its own scheme (RFC 9449 section 7.1).
 */
function refusal(problem?: string, scheme = 'Bearer'): Response {
  const details = problem === undefined ? '' : ` error="invalid_token"`
  const error = problem === undefined ? 'there is no access token' : `the access token: ${problem}`
  const response = json({ error }, 401)
  response.headers.set('www-authenticate', `${scheme}${details}`)
  return response
}

/**
 * What a request asks of the authentication of its user in its query, `acr_values` and `max_age`,
 * where the token does not have it (RFC 9470 section 3).
 */
function stepUp(
  { searchParams }: URL,
  { auth_time, acr }: Readonly<Record<string, unknown>>,
  now: number,
): Response | undefined {
  const [wanted, maxAge] = [searchParams.get('acr_values'), searchParams.get('max_age')]
  const isWeak = wanted !== null && !wanted.split(' ').includes(String(acr))
  const isOld = maxAge !== null && !(Number(auth_time) + Number(maxAge) >= Math.floor(now / 1000))
  if (!isWeak && !isOld) return undefined
  const response = json({ error: 'the user has to authenticate again, or in another way' }, 401)
  const parameters = [
    ...(wanted === null ? [] : [`acr_values="${wanted.replace(/[^\w .:/-]/g, '')}"`]),
    ...(maxAge === null ? [] : [`max_age="${Number(maxAge)}"`]),
  ]
  const challenge = ['error="insufficient_user_authentication"', ...parameters].join(', ')
  response.headers.set('www-authenticate', `Bearer ${challenge}`)
  return response
}

/** Says what was sent and what the access token says, which it checks as an API must. */
async function echo(
  server: AuthorizationServer,
  { url }: EchoApiOptions,
  request: Request,
): Promise<Response> {
  const sent = request.headers.get('authorization') ?? ''
  const [, scheme, token] = /^(Bearer|DPoP) +(.+)$/i.exec(sent) ?? []
  if (token === undefined) return refusal()
  const { keys } = (await (
    await server.fetch(`${server.issuer.replace(/\/$/, '')}/jwks`)
  ).json()) as KeySet
  const audiences = [url, `${url}/`, server.issuer]
  const { now } = server.control.snapshot()
  const checked = await checkAccessToken(token, { issuer: server.issuer, audiences, now, keys })
  if ('problem' in checked) return refusal(checked.problem)
  const bound = (checked.claims['cnf'] as { readonly jkt?: string } | undefined)?.jkt
  const isDpop = scheme?.toLowerCase() === 'dpop'
  const proof = isDpop ? await readProof({ request, now, accessToken: token }) : undefined
  if (proof && 'problem' in proof) return refusal(`the proof: ${proof.problem}`, 'DPoP')
  if (bound !== proof?.jkt) return refusal('it is bound to another key (cnf)', 'DPoP')
  const address = new URL(request.url)
  const refused = stepUp(address, checked.claims, now)
  if (refused) return refused
  const { pathname, search } = address
  const body = await readBody(request)
  const what = { method: request.method, path: pathname, query: search, body: body ?? '' }
  return new Response(JSON.stringify({ ...what, token: checked.claims }, undefined, 2), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
}

function withCors(response: Response, { origins }: EchoApiOptions, request: Request): Response {
  const origin = request.headers.get('origin')
  response.headers.set('vary', 'Origin')
  if (origin === null || !origins.includes(origin)) return response
  const { headers } = response
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
  headers.set('access-control-allow-headers', 'Authorization, Content-Type, DPoP')
  headers.set('access-control-expose-headers', 'WWW-Authenticate, Retry-After')
  headers.set('access-control-max-age', '600')
  return response
}

/** An API for a first try: whatever is sent to it comes back, if the access token is good. */
export function createEchoApi(
  server: AuthorizationServer,
  options: EchoApiOptions,
): Pick<AuthorizationServer, 'exchange'> {
  return {
    async exchange(request) {
      const isPreflight = request.method === 'OPTIONS'
      const response = isPreflight
        ? new Response(null, { status: 204 })
        : await echo(server, options, request)
      return withCors(response, options, request)
    },
  }
}
