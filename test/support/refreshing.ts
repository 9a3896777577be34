import { vi } from 'vitest'
import { refreshToken } from 'sotto'
import { withKeys } from '../../src/authorization/resolve-target.ts'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { createServerClock } from '../../src/protocol/server-clock.ts'
import type { InternalStrategy } from '../../src/renewal/internal-strategy.ts'
import type { StoredRefreshToken } from '../../src/session/stored-refresh-token.ts'
import { createTokenSet } from './flow-tokens.ts'
import { clientId, issuer, serverMetadata } from './protocol-exchange.ts'

type Claim = 'claimed' | 'changed' | 'unknown'

export interface RefreshSetUp {
  readonly held?: Partial<StoredRefreshToken>
  /** What the server answers, one after the other. */
  readonly answers?: readonly (Response | Error)[]
  readonly identity?: { readonly idToken: string; readonly claims: object }
  readonly authorizationParams?: Readonly<Record<string, string>>
  /** How far the server's clock is ahead, in seconds. */
  readonly offsetSeconds?: number
}

export const TIMEOUT_MS = 10_000

/** An answer with a new access token. */
export const granted = (members: object = {}): Response =>
  Response.json({ access_token: 'new-token', token_type: 'Bearer', expires_in: 300, ...members })

/** The strategy `refreshToken()` at a session that is what a test says. */
export function createRefreshing(setUp: RefreshSetUp = {}) {
  const { answers = [granted()], identity, authorizationParams = {} } = setUp
  const held: StoredRefreshToken = {
    token: 'refresh-1',
    partition: '',
    requestedScope: 'openid',
    scope: 'openid',
    idToken: createTokenSet({ claims: { iss: issuer } }).idToken,
    rotates: undefined,
    doubt: undefined,
    ...setUp.held,
  }
  const left = [...answers]
  const fetch = vi.fn<typeof globalThis.fetch>(async () => {
    const answer = left.shift()
    if (answer instanceof Response) return answer
    throw answer ?? new Error('asked once too often')
  })
  const session = {
    refreshToken: held as StoredRefreshToken | undefined,
    identity,
    sessionParams: undefined,
    isShared: true,
    currentGeneration: () => 'now',
    assertCurrent: vi.fn(),
    find: () => undefined,
    entries: () => [],
    reload: vi.fn(async () => {}),
    renewed: vi.fn(async (..._given: unknown[]) => {}),
    refreshTokens: {
      locks: { hold: (_name: string, _options: object, work: () => unknown) => work() },
      claim: vi.fn(async (): Promise<Claim> => 'claimed'),
      settle: vi.fn(async () => {}),
    },
  }
  const clock = { ...createServerClock(() => {}), offsetSeconds: setUp.offsetSeconds ?? 0 }
  const metadata = { ...serverMetadata, revocation_endpoint: `${issuer}/revoke` }
  const context = {
    issuer,
    clientId,
    session,
    sessionKey: 'sotto',
    options: {
      issuer,
      clientId,
      authorizationParams,
      clockToleranceSeconds: 0,
      timeoutMs: TIMEOUT_MS,
      renewal: [],
    },
    cookies: { hasSucceeded: () => false },
    server: {
      get: async () => ({ metadata, keys: undefined }),
      inHand: undefined as object | undefined,
      clock,
    },
    fetch: createBoundedFetch(fetch, TIMEOUT_MS),
  }
  const strategy = refreshToken() as unknown as InternalStrategy
  const target = withKeys({
    scope: 'openid',
    audience: undefined,
    resource: [],
    authorizationParams: {},
  })
  const refresh = (isLastResort = false) =>
    strategy(context as never, target, {
      signal: new AbortController().signal,
      onTokenRequest() {},
      generation: 'now',
      revision: {},
      since: -Infinity,
      isInBackground: false,
      isLastResort,
      hasNext: false,
    })
  return { held, session, context, metadata, strategy, fetch, refresh }
}
