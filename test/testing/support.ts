import { expect } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import type { AuthorizationServer, AuthorizationServerOptions } from 'sotto/testing'

export const issuer = 'http://localhost:4000'
export const redirectUri = 'http://localhost:3000/callback'

// RFC 7636, appendix B
export const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const codeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

type Changes = Readonly<Record<string, string | undefined>>

const changed = (members: Readonly<Record<string, string>>, changes: Changes) => {
  const result = new URLSearchParams(members)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) result.delete(name)
    else result.set(name, value)
  }
  return result
}

export const authorizationUrl = (changes: Changes = {}, base = issuer): string => {
  const members = {
    client_id: 'app',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  }
  return `${base}/authorize?${changed(members, changes).toString()}`
}

export const createServer = (
  options: Partial<AuthorizationServerOptions> = {},
): AuthorizationServer =>
  // A key for RS256 takes a fifth of a second to make.
  createAuthorizationServer({ issuer, signingAlg: 'ES256', ...options })

/** The parameters of a redirect. */
export const redirected = (response: Response): URLSearchParams => {
  const location = response.headers.get('location')
  if (location === null) throw new Error(`no redirect but ${response.status}`)
  const { searchParams, hash } = new URL(location)
  return hash ? new URLSearchParams(hash.slice(1)) : searchParams
}

interface Message {
  readonly response: { readonly state?: unknown; readonly error?: string }
}

interface Plan {
  readonly messages: readonly [Message, ...Message[]]
  readonly targetOrigin: string
  readonly delayMs: number
  readonly navigateTo?: string
}

/** The plan in the page of the web_message mode. */
export const plannedMessages = async (response: Response): Promise<Plan> => {
  const json = /const plan = (.*)/.exec(await response.text())?.[1]
  if (json === undefined) throw new Error(`no web_message page but ${response.status}`)
  return JSON.parse(json) as Plan
}

/** What requests need of a server, in this process or another. */
type Reachable = Pick<AuthorizationServer, 'fetch' | 'issuer'>

/** A cookie jar of one browser, which may know further servers. */
export const createBrowser = (server: Reachable, ...others: readonly Reachable[]) => {
  const jar = new Map<string, string>()
  const open = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (jar.size > 0) {
      headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    }
    const opened = others.find((other) => url.startsWith(other.issuer)) ?? server
    const response = await opened.fetch(url, { ...init, headers })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]?.split('=') ?? []
      jar.set(name, value)
    }
    return response
  }
  const submit = async (
    page: Response,
    fields: Readonly<Record<string, string>>,
    at = server.issuer,
  ) => {
    const interaction = /name="interaction" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    const body = new URLSearchParams({ interaction, ...fields })
    return open(`${at}/login`, { method: 'POST', body })
  }
  const logIn = async (url = authorizationUrl(), username = 'alice', password = username) =>
    submit(await open(url), { action: 'login', username, password })
  return { jar, open, submit, logIn }
}

/** A code for alice, without a browser. */
export const createCode = (server: AuthorizationServer, changes: Changes = {}): string => {
  const outcome = server.control.authorize({
    url: authorizationUrl(changes, server.issuer),
    user: 'alice',
  })
  if (!('location' in outcome)) throw new Error('no redirect')
  return new URL(outcome.location).searchParams.get('code') ?? ''
}

export const postToken = (
  server: Reachable,
  changes: Changes,
  headers: HeadersInit = {},
): Promise<Response> => {
  const members = {
    grant_type: 'authorization_code',
    client_id: 'app',
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  }
  const body = changed(members, changes)
  return server.fetch(`${server.issuer}/token`, { method: 'POST', body, headers })
}

export const postRefresh = (
  server: AuthorizationServer,
  refreshToken: string,
  changes: Changes = {},
): Promise<Response> => {
  const members = { grant_type: 'refresh_token', client_id: 'app', refresh_token: refreshToken }
  const body = changed(members, changes)
  return server.fetch(`${server.issuer}/token`, { method: 'POST', body })
}

export const postRevocation = (
  server: AuthorizationServer,
  changes: Changes,
  headers: HeadersInit = {},
): Promise<Response> => {
  const body = changed({ client_id: 'app' }, changes)
  return server.fetch(`${server.issuer}/revoke`, { method: 'POST', body, headers })
}

const decode = (part = ''): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(part, 'base64url'))

interface Claims {
  readonly iat: number
  readonly exp: number
  readonly auth_time: number
  readonly aud: unknown
  readonly [name: string]: unknown
}

interface Header {
  readonly alg: string
  readonly typ: string
  readonly kid: string
}

export const parseJwt = (jwt: string): { readonly header: Header; readonly claims: Claims } => {
  const [header, claims] = jwt
    .split('.')
    .slice(0, 2)
    .map((part): unknown => JSON.parse(new TextDecoder().decode(decode(part))))
  return { header: header as Header, claims: claims as Claims }
}

interface Key extends JsonWebKey {
  readonly kid: string
}

/** What a response is expected to hold; a test reads only what it expects. */
interface Body {
  readonly access_token: string
  readonly id_token: string
  readonly refresh_token: string
  readonly expires_in: number
  readonly scope: string
  readonly error: string
  readonly issuer: string
  readonly token_endpoint: string
  readonly keys: readonly [Key, ...Key[]]
  readonly result: unknown
}

export const readBody = async (response: Response): Promise<Body> => (await response.json()) as Body

export const anyString: unknown = expect.any(String)

/** Whether the published key that the JWT names made its signature. */
export const isSigned = async (server: AuthorizationServer, jwt: string): Promise<boolean> => {
  const { keys } = await readBody(await server.fetch(`${server.issuer}/jwks`))
  const jwk = keys.find(({ kid }) => kid === parseJwt(jwt).header.kid)
  if (!jwk) return false
  const algorithm =
    jwk.kty === 'EC'
      ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify'])
  const [header, claims, signature] = jwt.split('.')
  const input = new TextEncoder().encode(`${header}.${claims}`)
  return crypto.subtle.verify(algorithm, key, decode(signature), input)
}
