import { createHash, randomBytes } from 'node:crypto'
import { AuthError, type IdTokenClaims, type RenewalStrategy, type Target } from 'sotto'
import type { AuthorizationServer } from 'sotto/testing'
import { clientId, issuer } from '../flow-tokens.ts'

/** What a hidden frame meets. */
export interface FrameSetting {
  readonly server: AuthorizationServer
  /** Who has a session at the server, as far as the frame sees it. */
  readonly serverUser: () => string | undefined
  /** Whether frames fail, as without a network. */
  readonly isBlocked: () => boolean
  readonly onFrame: () => void
}

const redirectUri = 'http://localhost:3000/callback'

/** Logs in as a hidden frame would, without one: what it brings is real, the refresh token too. */
export function createFrame(setting: FrameSetting): RenewalStrategy {
  const { server, serverUser, isBlocked, onFrame } = setting
  const run: RenewalStrategy = async (_context, target, { onTokenRequest }) => {
    onFrame()
    if (isBlocked()) throw new AuthError('silent_blocked', { reason: 'no_answer' })
    const verifier = randomBytes(32).toString('base64url')
    const user = serverUser()
    const url = authorizationUrl(target, verifier)
    const outcome = server.control.authorize({ url, ...(user && { user }) })
    if (!('location' in outcome)) throw new AuthError('silent_blocked', { reason: 'no_answer' })
    const answer = new URL(outcome.location).searchParams
    if (answer.has('error')) throw new AuthError('login_required', { oauthError: 'login_required' })
    onTokenRequest()
    return { tokens: await exchange(server, answer.get('code')!, verifier) }
  }
  return Object.assign(run, { label: 'frame' })
}

function authorizationUrl({ scope, audience }: Target, verifier: string): string {
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state: 'state',
    nonce: 'nonce',
    prompt: 'none',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    ...(audience && { audience }),
  })
  return `${issuer}/authorize?${parameters}`
}

async function exchange(server: AuthorizationServer, code: string, verifier: string) {
  const response = await server.fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
    }),
  })
  // The user has logged out meanwhile.
  if (!response.ok) throw new AuthError('token_error')
  const members = (await response.json()) as Readonly<Record<string, string>> & {
    readonly expires_in: number
  }
  return {
    accessToken: members['access_token']!,
    tokenType: 'bearer',
    expiresInSeconds: members.expires_in,
    scope: members['scope']!,
    idToken: members['id_token']!,
    claims: claimsIn(members['id_token']!),
    ...(members['refresh_token'] && { refreshToken: members['refresh_token'] }),
  }
}

/** The claims of a JWT. */
export function claimsIn(token: string): IdTokenClaims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as IdTokenClaims
}
