import { createServer, type ServerResponse } from 'node:http'
import { findFreePort } from '../../tools/static-server.ts'
import { interact } from './real-interaction.ts'
import { createProvider, type Demand, type Rotation } from './real-provider.ts'

/**
 * An authorization server that nobody of this project wrote, and that cannot be made to misbehave.
 */
export interface RealServer {
  readonly issuer: string
  /** What it was asked for, in order. */
  readonly requests: readonly RealRequest[]
  readonly forgetRequests: () => void
  /** The next answer of the token endpoint breaks off: its work is done, and nobody hears of it. */
  readonly loseNextToken: () => void
  readonly close: () => Promise<void>
}

export interface RealRequest {
  readonly method: string
  readonly endpoint: string
  readonly query: URLSearchParams
  /** `Sec-Fetch-Dest`: what for. */
  readonly destination: string
  /** The DPoP proof that came with it. */
  readonly proof: string | undefined
}

const ENDPOINTS: readonly (readonly [RegExp, string])[] = [
  [/^\/\.well-known\/.*/, 'discovery'],
  [/^\/authorize$/, 'authorize'],
  [/^\/authorize\/.*/, 'resume'],
  [/^\/interaction\/.*/, 'login'],
  [/^\/session\/end.*/, 'endSession'],
  [/^\/request$/, 'par'],
  [/^\/me$/, 'userinfo'],
  [/^\/(jwks|token)$/, '$1'],
]

/**
 * Serves it on a port of its own, with clients whose pages are on `appOrigin`. Every name is a
 * user, and no password is asked.
 */
export async function serveRealServer(
  appOrigin: string,
  rotation: Rotation = 'strict',
  demands: readonly Demand[] = [],
): Promise<RealServer> {
  const port = await findFreePort()
  const issuer = `http://localhost:${port}`
  const provider = await createProvider(issuer, appOrigin, rotation, demands)
  const handle = provider.callback()
  let requests: RealRequest[] = []
  let isNextTokenLost = false
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', issuer)
    const [pattern, name] = ENDPOINTS.find(([path]) => path.test(pathname)) ?? [pathname, pathname]
    const endpoint = pathname.replace(pattern, name)
    const { method = '', headers } = request
    const destination = String(headers['sec-fetch-dest'] ?? '')
    const proof = headers['dpop']?.toString()
    requests.push({ method, endpoint, query, destination, proof })
    if (endpoint === 'token' && method === 'POST' && isNextTokenLost) {
      isNextTokenLost = false
      breakOff(response)
    }
    if (endpoint === 'login') void interact(provider, query.get('user'), request, response)
    else handle(request, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    issuer,
    get requests() {
      return requests
    },
    forgetRequests: () => {
      requests = []
    },
    loseNextToken: () => {
      isNextTokenLost = true
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Sends the first byte of the body, so that no browser asks again by itself, and no more. */
function breakOff(response: ServerResponse): void {
  response.end = (body?: unknown) => {
    response.write(String(body).slice(0, 1), () => response.destroy())
    return response
  }
}
