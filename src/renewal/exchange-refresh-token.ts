import type { KeyedTarget } from '../authorization/resolve-target.ts'
import { isOffline } from '../browser/environment.ts'
import { AuthError, hasCode, isAuthError, type AuthErrorDetails } from '../errors.ts'
import { readClaims } from '../protocol/id-token.ts'
import {
  readNewRefreshToken,
  readRefreshResponse,
  sendRefreshRequest,
  type RefreshExpectations,
} from '../protocol/refresh-request.ts'
import { isIdentityMismatch } from '../protocol/refreshed-id-token.ts'
import type { TokenEndpoint } from '../protocol/token-endpoint.ts'
import { readTokenAnswer, type TokenAnswer } from '../protocol/token-response.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import {
  markAnswered,
  markLost,
  markUnused,
  type StoredRefreshToken,
} from '../session/stored-refresh-token.ts'
import { createEntry } from '../session/token-cache.ts'
import { revokeByStrategies } from './revoke-by-strategies.ts'
import { isForTarget, type RefreshParameters } from './refresh-parameters.ts'
import type { InternalContext, InternalResult } from './internal-strategy.ts'

/** One use of a refresh token. */
export interface Refresh {
  readonly endpoint: TokenEndpoint
  readonly target: KeyedTarget
  readonly plan: RefreshParameters
  /** The one that the session has to be of until the end. */
  readonly generation: string
  /** As it is marked in the storage. */
  readonly sent: StoredRefreshToken
}

/**
 * Sends a refresh token, and stores what comes of it (decision 0012).
 *
 * @returns the result; an AuthError where no answer came
 * @throws AuthError `session_expired` where the server has refused the refresh token for good; what
 *   was wrong with the answer otherwise
 */
export async function exchangeRefreshToken(
  context: InternalContext,
  refresh: Refresh,
): Promise<InternalResult | AuthError> {
  const { session } = context
  const { sent, plan } = refresh
  const settle = (next: StoredRefreshToken): Promise<void> =>
    session.refreshTokens!.settle({ sent: sent.token, next })
  const wasOffline = isOffline()
  let response
  try {
    response = await sendRefreshRequest(refresh.endpoint, sent.token, plan.parameters)
  } catch (error) {
    if (!isAuthError(error)) throw error
    const isUnused = isNotNow(error) || (wasOffline && isOffline())
    await settle(isUnused ? markUnused(sent) : markLost(sent, Date.now()))
    return error
  }
  // The tokens are as old as this moment, however long it takes to check them.
  const arrival = { wallMs: Date.now(), tickMs: performance.now() }
  return readAnswer(context, refresh, readTokenAnswer(response), arrival)
}

/**
 * An answer that is only “not now” leaves the token as it was. One of a gateway (502, 504, and 52x
 * of Cloudflare) may have lost the server's own.
 */
function isNotNow({ code, status = 0 }: AuthError): boolean {
  const isGateways = status === 502 || status === 504 || (status >= 520 && status < 530)
  return code === 'server_error' && !isGateways
}

async function readAnswer(
  context: InternalContext,
  { endpoint, target, plan, generation, sent }: Refresh,
  answer: TokenAnswer,
  arrival: NonNullable<TokenSet['arrival']>,
): Promise<InternalResult> {
  const { session } = context
  const newToken = readNewRefreshToken(answer)
  const next = replaceToken(sent, newToken)
  const settle = (changed: StoredRefreshToken | null): Promise<void> =>
    session.refreshTokens!.settle({ sent: sent.token, next: changed })
  try {
    const expected = expectationsOf(context, target, sent, plan)
    const tokens = await readRefreshResponse(endpoint, answer, expected, Date.now)
    if (!isForTarget(tokens.accessToken, plan)) {
      await settle(next)
      return { notPossible: 'audience_mismatch' }
    }
    const entry = createEntry({ ...tokens, arrival }, target)
    await session.renewed(tokens, entry, { generation, refreshToken: { sent: sent.token, next } })
    return { entry }
  } catch (error) {
    if (!isAuthError(error)) throw error
    const { code, reason, oauthError, status } = error
    if (hasCode(error, 'logged_out', 'user_changed')) {
      // The session has ended meanwhile; what it has just been given ends with it.
      if (newToken !== undefined) void revokeByStrategies(context, newToken)
      throw error
    }
    if (oauthError === 'invalid_grant') {
      await settle(null)
      throw new AuthError('session_expired', { oauthError, ...(status && { status }) })
    }
    const isNew = next.token !== sent.token
    // Refused: not used up.
    if (oauthError !== undefined) await settle(markAnswered(sent))
    // A page of something on the way says nothing of an earlier try.
    else if (reason === 'content_type') await settle(markUnused(sent))
    // With the tokens of another user goes their refresh token; the one that was sent stays in
    // doubt.
    else if (!isIdentityMismatch(error) && (isNew || code !== 'response_invalid'))
      await settle(next)
    else await settle(markLost(sent, Date.now()))
    if (oauthError === 'invalid_scope' || oauthError === 'invalid_target')
      return { notPossible: oauthError }
    // Not every server says `invalid_grant`: Dex has `invalid_request`, Ory Hydra `token_inactive`.
    // Whatever it means, the next try meets it again, and only a login brings another token.
    if (code === 'token_error' && !error.retryable && !/client|grant/.test(oauthError!))
      throw new AuthError('interaction_required', {
        ...(error as AuthErrorDetails),
        reason: 'refused',
      })
    throw error
  }
}

/**
 * RFC 6749 section 6: a new one replaces the old one, and without a new one the old one goes on.
 */
function replaceToken(sent: StoredRefreshToken, token = sent.token): StoredRefreshToken {
  return { ...markAnswered(sent), token, rotates: token !== sent.token }
}

function expectationsOf(
  { session, options }: InternalContext,
  target: KeyedTarget,
  { idToken, token }: StoredRefreshToken,
  { scope }: RefreshParameters,
): RefreshExpectations {
  const { acr_values: acrValues } = {
    __proto__: null,
    ...options.authorizationParams,
    ...session.sessionParams,
    ...target.authorizationParams,
  } as { readonly acr_values?: string }
  const known = session.identity
  const original = known?.idToken === idToken ? known.claims : readClaims(idToken)
  const identity = known ?? { idToken, claims: original }
  return { original, identity, scope, acrValues, refreshToken: token }
}
