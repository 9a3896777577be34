// An authorization server that does what its clients see of one, and counts who comes when.
import { createHash } from 'node:crypto'
import type { SimulatedClock } from './clock.ts'
import type { Random } from './random.ts'

export const ISSUER = 'https://login.example.com'
export const CLIENT_ID = 'app'

/** How the server answers: as it should, not at all, or that it cannot. */
export type ServerState =
  | { readonly kind: 'up' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: () => string }

export interface SimulatedServer {
  state: ServerState
  /** The requests that have come, by what they are counted under and by the second. */
  readonly load: ReadonlyMap<string, readonly number[]>
  /** Refresh tokens that came a second time, and ended their session with that. */
  readonly reused: number
  /** A new session, as after a login; its number stands for the cookie. */
  readonly signIn: () => number
  /** What a page has for a `fetch`. */
  readonly fetch: (counted: string, url: string, init: RequestInit) => Promise<Response>
  /**
   * What a frame gets that asks for an authorization response.
   *
   * @returns the parameters of the response; undefined for an error page
   */
  readonly authorize: (
    counted: string,
    url: URL,
    session: number,
  ) => Promise<URLSearchParams | undefined>
}

interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly scope: string
  readonly id_token: string
  readonly refresh_token?: string
}

/** The way there or back, in milliseconds. */
const LATENCY_MS = 60
const SCOPE = 'openid profile email'
const EPOCH_SECONDS = 1_700_000_000

interface ServerOptions {
  readonly clock: SimulatedClock
  readonly random: Random
  readonly tokenSeconds: number
}

export function createServer({ clock, random, tokenSeconds }: ServerOptions): SimulatedServer {
  const load = new Map<string, number[]>()
  const codes = new Map<string, { readonly session: number; readonly nonce: string }>()
  const refreshTokens = new Map<string, { readonly session: number; used: boolean }>()
  const ended = new Set<number>()
  let sessions = 0
  let serial = 0

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.setTimeout(resolve, ms))
  const travel = (): Promise<void> => wait(LATENCY_MS * (0.5 + random()))
  const nextValue = (kind: string): string => `${kind}-${++serial}`

  /** The request arrives, if it does. */
  async function arrive(counted: string): Promise<ServerState> {
    await travel()
    const second = Math.floor(clock.now() / 1000)
    const seconds = load.get(counted) ?? []
    load.set(counted, seconds)
    seconds[second] = (seconds[second] ?? 0) + 1
    return server.state
  }

  function idToken(session: number, nonce: string | undefined): string {
    const iat = EPOCH_SECONDS + Math.floor(clock.now() / 1000)
    const sub = `user-${session}`
    const claims = { iss: ISSUER, sub, aud: CLIENT_ID, iat, exp: iat + 3600, nonce }
    return `${encode({ alg: 'ES256' })}.${encode(claims)}.${encode('signature')}`
  }

  function grant(session: number, nonce?: string): TokenResponse {
    const token = nextValue('refresh')
    refreshTokens.set(token, { session, used: false })
    return {
      access_token: nextValue('access'),
      token_type: 'Bearer',
      expires_in: tokenSeconds,
      scope: SCOPE,
      id_token: idToken(session, nonce),
      refresh_token: token,
    }
  }

  function exchange(body: URLSearchParams): TokenResponse | undefined {
    const refreshToken = body.get('refresh_token')
    if (refreshToken === null) {
      const code = codes.get(body.get('code')!)
      codes.delete(body.get('code')!)
      return code && grant(code.session, code.nonce)
    }
    const found = refreshTokens.get(refreshToken)
    if (!found || ended.has(found.session)) return undefined
    if (found.used) {
      // RFC 9700, section 4.14.2.
      server.reused++
      ended.add(found.session)
      return undefined
    }
    found.used = true
    return grant(found.session)
  }

  const server = {
    state: { kind: 'up' } as ServerState,
    load,
    reused: 0,
    signIn: () => ++sessions,
    async fetch(counted: string, url: string, { body }: RequestInit) {
      const state = await arrive(counted)
      if (state.kind === 'unreachable') throw new TypeError('Failed to fetch')
      const answer = url.endsWith('/token')
        ? state.kind === 'up' && exchange(new URLSearchParams(String(body)))
        : metadata()
      await travel()
      if (state.kind === 'status') return refuse(state)
      return answer
        ? respond(200, JSON.stringify(answer))
        : respond(400, '{"error":"invalid_grant"}')
    },
    async authorize(counted: string, { searchParams }: URL, session: number) {
      const state = await arrive(counted)
      await travel()
      if (state.kind !== 'up') return undefined
      const code = nextValue('code')
      codes.set(code, { session, nonce: searchParams.get('nonce')! })
      return new URLSearchParams({ code, state: searchParams.get('state')!, iss: ISSUER })
    },
  }
  return server
}

function refuse({ status, retryAfter }: ServerState & { readonly kind: 'status' }): Response {
  return respond(status, '', retryAfter && { 'retry-after': retryAfter() })
}

function respond(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } })
}

function metadata(): object {
  return {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    jwks_uri: `${ISSUER}/jwks`,
    id_token_signing_alg_values_supported: ['ES256'],
    response_modes_supported: ['query', 'fragment', 'web_message'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The time of the simulation as a date of HTTP, and of `Date.now`. */
export const EPOCH_MS: number = EPOCH_SECONDS * 1000

/** What a page has for Web Crypto: at once, so that no time has to be waited for. */
export function createCrypto(random: Random): object {
  return {
    randomUUID: () => createHash('md5').update(String(random())).digest('hex'),
    getRandomValues: (bytes: Uint8Array) =>
      bytes.map((_, index) => (bytes[index] = random() * 256)),
    subtle: {
      digest: async (_name: string, data: Uint8Array) => {
        const bytes = createHash('sha256').update(data).digest()
        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
      },
    },
  }
}
