import type { RenewalStrategy, Target, TokenSet } from 'sotto'
import { AuthError } from 'sotto'

export const issuer = 'https://login.example.com'
export const clientId = 'app'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

let serial = 0

export interface TokenSetInput extends Partial<Omit<TokenSet, 'claims'>> {
  readonly claims?: Readonly<Record<string, unknown>>
}

/**
 * A token set as it comes out of the validation; the ID token says what the claims say, and is not
 * signed.
 */
export function createTokenSet({ claims, ...input }: TokenSetInput = {}): TokenSet {
  const iat = Math.floor(Date.now() / 1000)
  const all = { iss: issuer, sub: 'alice', aud: clientId, iat, exp: iat + 300, ...claims }
  return {
    accessToken: `access-token-${++serial}`,
    tokenType: 'bearer',
    expiresInSeconds: 300,
    scope: 'email openid profile',
    idToken: `${encode({ alg: 'RS256' })}.${encode(all)}.c2ln`,
    ...input,
    claims: all,
  }
}

type Answer = TokenSetInput | AuthError | { readonly notPossible: string }

export interface ScriptedRenewal {
  readonly strategy: RenewalStrategy
  /** What was asked for, oldest first. */
  readonly requests: Target[]
  /** What comes next, instead of tokens for whatever was asked. */
  readonly answers: Answer[]
  /** Until it is called again, no request is answered. */
  hold(): () => void
}

/**
 * A renewal without a server: it answers as told, and with the requested scope and a new token
 * where nothing was told.
 */
export function createRenewal(...answers: Answer[]): ScriptedRenewal {
  const requests: Target[] = []
  let gate: Promise<void> | undefined
  return {
    requests,
    answers,
    hold() {
      let release!: () => void
      gate = new Promise((resolve) => (release = resolve))
      return release
    },
    async strategy(_context, request, { signal }) {
      requests.push(request)
      const answer = answers.shift() ?? {}
      await Promise.race([gate, abortion(signal)])
      if (answer instanceof AuthError) throw answer
      if (Object.hasOwn(answer, 'notPossible')) return answer as { readonly notPossible: string }
      return { tokens: createTokenSet({ scope: request.scope, ...answer }) }
    },
  }
}

function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

export const loginRequired = (): AuthError =>
  new AuthError('login_required', { oauthError: 'login_required' })
