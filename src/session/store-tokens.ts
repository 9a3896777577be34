import type { TokenEntry } from './token-cache.ts'
import type { ClientContext } from '../client/context.ts'
import { AuthError } from '../errors.ts'
import { canonicalScope, splitScope } from '../protocol/scope.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Target } from '../protocol/transaction.ts'
import { createMark, forgetSession, unpinUser } from './end-session.ts'
import { forgetStoredTokens, overwriteSession, saveSession } from './stored-session.ts'
import { partitionOf } from '../authorization/target.ts'

export interface StoreOptions {
  /** The one under which the flow was begun. */
  readonly generation: string
  /** True where a person logged in: they may be another user than before. */
  readonly interactive: boolean
  /** True where another client of this page has taken the same login before. */
  readonly isTaken?: boolean
  /** What becomes of the refresh token, given the one that the storage has now. Default: as the strategies do it. */
  readonly changeGrant?: () => void
  /** Told of the generation of the session, which a login may begin. */
  readonly onGeneration?: (generation: string) => void
  /** How long to wait for other tabs that write, by `performance.now()`. Default: 10 s. */
  readonly lockUntil?: number | undefined
}

/**
 * The last step of every flow, and the only one that writes tokens: into the cache, the session and the storage.
 *
 * @throws AuthError `logged_out` or `user_changed` where the session was ended since the flow began, `user_changed` where a silent
 *   request brought another user; nothing is stored then
 */
export async function storeTokens(
  context: ClientContext,
  tokens: TokenSet,
  target: Target,
  { generation, interactive, isTaken, changeGrant, lockUntil, onGeneration }: StoreOptions,
): Promise<TokenEntry> {
  if (context.disposed) throw new AuthError('disposed')
  const { sub } = tokens.claims
  assertGeneration(context, generation, interactive)
  const isOther = context.pinnedSub !== undefined && context.pinnedSub !== sub
  if (interactive) {
    endEarlierSession(context, isOther, isTaken)
    onGeneration?.(context.mark.generation)
    context.cookies.expect(context.options.issuer)
  } else if (isOther) return refuseUser(context)

  const entry = createEntry(tokens, target)
  context.pinnedSub = sub
  context.cache.put(entry)
  context.session.signIn({ idToken: tokens.idToken, claims: tokens.claims })
  announce(context, entry)
  const keep = (): void => {
    if (!isTaken)
      for (const { onLogin } of context.options.renewal) onLogin?.(context, tokens, entry)
  }
  if (interactive && !isTaken) {
    context.refreshGrant = undefined
    keep()
    await overwriteSession(context)
  } else {
    await saveSession(context, changeGrant ?? keep, lockUntil)
    // Somebody may have logged out while it was written: whoever waits must not be given a token then.
    if (!interactive) assertGeneration(context, generation)
  }
  if (interactive) context.broadcast.send(context.mark, context.loginId)
  return entry
}

/**
 * @param interactive a person has just logged in, whoever else the server may have signed in before
 * @throws AuthError `logged_out` or `user_changed` where the session was ended since the flow began
 */
export function assertGeneration(
  { marker, userChanged }: ClientContext,
  generation: string,
  interactive?: boolean,
): void {
  const mark = marker.read()
  if (mark.generation !== generation || (userChanged && !interactive))
    throw new AuthError(mark.loggedOut ? 'logged_out' : 'user_changed')
}

/** The old user's tokens are gone; what is left is the memory of who it was, until a person decides. */
async function refuseUser(context: ClientContext): Promise<never> {
  context.cache.clear()
  context.refreshGrant = undefined
  context.userChanged = true
  context.session.signOut()
  await forgetStoredTokens(context)
  context.broadcast.send(context.mark)
  throw new AuthError('user_changed')
}

/** A login of a person ends what stood before: the mark of a logout, the session of another user, and what the server said of one. */
function endEarlierSession(
  context: ClientContext,
  isOther: boolean,
  isTaken: boolean | undefined,
): void {
  const { generation, loggedOut } = context.marker.read()
  // Another tab may just be asking who it is, and be told of the user before: that must not end this login.
  const isNew = isOther || context.userChanged
  // Another client of this page has written the mark of this login.
  const mark = isNew && !isTaken ? createMark(false) : { generation, loggedOut: false }
  if (mark.generation !== generation || loggedOut) context.marker.write(mark)
  if (isNew) forgetSession(context, mark)
  context.mark = mark
  context.loginRequired.clear()
  unpinUser(context)
}

function createEntry(tokens: TokenSet, target: Target): TokenEntry {
  const { accessToken, tokenType, scope } = tokens
  const { scope: requestedScope, audience } = target
  const lifeMs = tokens.expiresInSeconds * 1000
  return {
    ...{ partition: partitionOf(target), requestedScope, accessToken, tokenType, scope, lifeMs },
    ...(audience && { audience }),
    receivedAt: Date.now(),
    deadline: performance.now() + lifeMs,
  }
}

function announce({ events }: ClientContext, entry: TokenEntry): void {
  const { requestedScope, scope, receivedAt, lifeMs, audience } = entry
  const granted = splitScope(canonicalScope(scope))
  const missing = requestedScope.split(' ').filter((one) => !granted.has(one))
  if (missing.length) events.emit('warning', { code: 'scope_narrowed', reason: missing.join(' ') })
  events.emit('token', { ...(audience && { audience }), scope, expiresAt: receivedAt + lifeMs })
}
