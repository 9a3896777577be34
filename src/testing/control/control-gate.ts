import type { Configuration } from '../server/configuration.ts'

/** Who may go on: with an origin, a page there may read the answer. */
export type Gate = { readonly readableBy?: string } | { readonly refusal: Refusal }

interface Refusal {
  readonly status: number
  readonly message: string
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

const refuse = (message: string, status = 403): Gate => ({ refusal: { status, message } })

/** A page whose own name was made to lead here (DNS rebinding) sends that name. */
function isOwnHost({ issuer }: Configuration, host: string): boolean {
  const own = new URL(issuer)
  if (host === own.host) return true
  const asked = URL.canParse(`${own.protocol}//${host}`) && new URL(`${own.protocol}//${host}`)
  if (!asked || !loopback.includes(asked.hostname)) return false
  // Behind a proxy the port that the server listens on is not that of the issuer.
  const isProxied = !loopback.includes(own.hostname) && !own.hostname.endsWith('.localhost')
  return isProxied || asked.port === own.port
}

const isNavigation = ({ method, headers }: Request) =>
  method === 'GET' && headers.get('sec-fetch-mode') === 'navigate'

/**
 * Whether a request may look at the server and change it: one that no browser has sent, that the
 * user has typed, or that comes from a page of the server or of a registered origin. Any other page
 * in the developer's browser reaches this address too.
 */
export function controlGate(configuration: Configuration, request: Request): Gate {
  const { issuer, controlOrigins } = configuration
  const { origin: here, host } = new URL(request.url)
  const hosts = [host, request.headers.get('host') ?? host]
  const foreign = hosts.find((name) => !isOwnHost(configuration, name))
  if (foreign !== undefined) return refuse(`"${foreign}" is not the host of ${issuer}`)
  const origin = request.headers.get('origin')
  const isRegistered = origin !== null && controlOrigins.includes(origin)
  if (origin !== null && !isRegistered && origin !== here && origin !== new URL(issuer).origin) {
    return refuse(
      `the origin ${origin} is not registered: --control-origin ${origin}, or the option controlOrigins`,
    )
  }
  const site = request.headers.get('sec-fetch-site') ?? 'same-origin'
  const isTyped = site === 'none' && isNavigation(request)
  if (site !== 'same-origin' && !isTyped && !isRegistered) {
    return refuse('a page of another site has sent this')
  }
  if (!['GET', 'POST', 'OPTIONS'].includes(request.method)) {
    return refuse('the methods are GET and POST', 405)
  }
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  // What a form can send needs no preflight.
  if (request.method === 'POST' && type !== 'application/json') {
    return refuse('the content type must be application/json', 415)
  }
  return isRegistered ? { readableBy: origin } : {}
}

/**
 * Where a login link may lead: to the server itself, or to an origin of a registered redirect URI.
 */
export function isReturnAllowed({ issuer, clients }: Configuration, { origin }: URL): boolean {
  const origins = [issuer, ...clients.flatMap(({ redirectUris }) => redirectUris)].map(
    (uri) => new URL(uri).origin,
  )
  return origin !== 'null' && origins.includes(origin)
}
