import type { RefreshGrant } from '../session/session-record.ts'
import type { ClientContext } from '../client/context.ts'
import { AuthError, isAuthError } from '../errors.ts'
import { reloadSession, saveSession } from '../session/stored-session.ts'
import { assertGeneration, storeTokens } from '../session/store-tokens.ts'
import { decodePart } from '../protocol/id-token.ts'
import {
  readNewRefreshToken,
  readRefreshResponse,
  sendRefreshRequest,
  type RefreshExpectations,
} from '../protocol/refresh-request.ts'
import { isOfAnother } from '../protocol/refreshed-id-token.ts'
import type { TokenEndpoint } from '../protocol/token-endpoint.ts'
import type { IdTokenClaims, TokenSet } from '../protocol/token-set.ts'
import type { Target } from '../protocol/transaction.ts'
import { isOffline } from '../browser/environment.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { isForTarget, type RefreshPlan } from './refresh-plan.ts'
import type { RenewalResult } from './renewal-strategy.ts'

export interface RefreshOptions {
  /** The one that the session has to be of until the end. */
  readonly generation: string
  readonly onGrant: () => void
  readonly lockUntil?: number
}

interface SendOptions extends RefreshOptions {
  readonly grant: RefreshGrant
  readonly plan: RefreshPlan
}

/** What becomes of the refresh token that was sent; undefined: its end. */
type Settle = (next: RefreshGrant | undefined) => Promise<void>

/**
 * Sends a refresh token that is marked in the storage until an answer is known, and stores what comes of it (decision 0012).
 *
 * @throws AuthError `session_expired` where the server has refused the refresh token for good; what went wrong otherwise
 */
export async function sendGrant(
  context: ClientContext,
  target: Target,
  { generation, onGrant, lockUntil, grant, plan }: SendOptions,
): Promise<RenewalResult> {
  const { metadata, keys } = await context.getServer()
  const endpoint = { ...context.options, fetch: context.fetch, server: metadata, keys }
  const settle = async (next: RefreshGrant | undefined, waitUntil?: number): Promise<void> => {
    assertGeneration(context, generation)
    await saveSession(context, () => replaceGrant(context, grant, next), waitUntil)
  }

  // Only before it is sent: what comes of it is worth every wait.
  await settle({ ...grant, pending: true }, lockUntil)
  // Read back: where the mark could not be written, another tab might send the same token. One that was never stored no other has.
  const isStored = (await reloadSession(context)) === 'record'
  assertGeneration(context, generation)
  const { refreshGrant, storage } = context
  const isMarked = refreshGrant?.token === grant.token && refreshGrant.pending
  if (!isMarked || (!isStored && storage.worked())) return { notPossible: 'storage_unavailable' }
  onGrant()
  const response = await send(endpoint, grant, plan, settle)
  const newToken = await readNewRefreshToken(response)
  const next = nextGrant(grant, newToken)
  try {
    const expected = expectationsOf(context, target, grant, plan)
    const tokens = await readRefreshResponse(endpoint, response, expected, Date.now)
    if (!isForTarget(tokens.accessToken, plan)) {
      await settle(next)
      return { notPossible: 'audience_mismatch' }
    }
    const changeGrant = (): void => replaceGrant(context, grant, next)
    const store = { generation, interactive: false, changeGrant }
    return { entry: await storeTokens(context, tokens, target, store) }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return settleFailure(error, { grant, next, isNew: next.token !== grant.token, settle })
  }
}

/** Sends the token; an answer that is only “not now” leaves it as it was, and so does a device that was offline all along. */
async function send(
  endpoint: TokenEndpoint,
  grant: RefreshGrant,
  { parameters }: RefreshPlan,
  settle: Settle,
): Promise<Response> {
  const wasOffline = isOffline()
  try {
    return await sendRefreshRequest(endpoint, grant.token, parameters)
  } catch (error) {
    const isUnsent = isAuthError(error, 'network_error') && wasOffline && isOffline()
    if (isUnsent || isAuthError(error, 'server_error')) await settle(grant)
    throw error
  }
}

/** An answer came, but no tokens of it can be used. */
async function settleFailure(
  error: AuthError,
  input: {
    readonly grant: RefreshGrant
    readonly next: RefreshGrant
    readonly isNew: boolean
    readonly settle: Settle
  },
): Promise<RenewalResult> {
  const { code, reason, oauthError, status } = error
  const { grant, next, isNew, settle } = input
  // The session has ended meanwhile, and the refresh token with it.
  if (code === 'logged_out' || code === 'user_changed') throw error
  if (code === 'token_error' && oauthError === 'invalid_grant') {
    await settle(undefined)
    throw new AuthError('session_expired', { oauthError, ...(status && { status }) })
  }
  // Refused, or answered by something on the way: not used up.
  if (code === 'token_error' || reason === 'content_type') await settle(grant)
  // With the tokens of another user goes their refresh token; the one that was sent stays in doubt.
  else if (!isOfAnother(error) && (isNew || code !== 'response_invalid')) await settle(next)
  if (oauthError === 'invalid_scope' || oauthError === 'invalid_target')
    return { notPossible: oauthError }
  throw error
}

/** RFC 6749 section 6: a new one replaces the old one, and without a new one the old one goes on. */
function nextGrant(grant: RefreshGrant, token = grant.token): RefreshGrant {
  return { ...grant, token, pending: false, reusable: token === grant.token }
}

/** Only where it is still the one that was sent: a login may have brought another meanwhile. */
function replaceGrant(
  context: ClientContext,
  { token }: RefreshGrant,
  next: RefreshGrant | undefined,
): void {
  if (context.refreshGrant?.token === token) context.refreshGrant = next
}

function expectationsOf(
  { session, options }: ClientContext,
  target: Target,
  { idToken }: RefreshGrant,
  { scope }: RefreshPlan,
): RefreshExpectations {
  const original = decodePart(idToken, 1) as IdTokenClaims
  const identity: Pick<TokenSet, 'idToken' | 'claims'> = session.identity ?? {
    idToken,
    claims: original,
  }
  const { acr_values: acrValues } = ownFields({
    ...options.authorizationParams,
    ...target.authorizationParams,
  }) as { readonly acr_values?: string }
  return { original, identity, scope, acrValues }
}
