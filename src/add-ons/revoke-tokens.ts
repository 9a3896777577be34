import type { TokenEntry } from '../session/token-cache.ts'
import type { AuthClient } from '../client/client.ts'
import { contextOf } from '../client/client-context.ts'
import type { ClientContext } from '../client/context.ts'
import { withLock } from '../browser/lock.ts'
import { waitFor } from '../browser/single-flight.ts'
import { createMark, forgetSession } from '../session/end-session.ts'
import { overwriteSession, reloadSession } from '../session/stored-session.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { revokeToken } from '../protocol/revocation-request.ts'
import { refreshLockOf } from '../renewal/refresh-lock.ts'

export interface RevokeOptions {
  /** Gives up before anything is sent; afterwards the caller no longer waits, and the work goes on. */
  readonly signal?: AbortSignal
}

/**
 * Has the server end the tokens of this app (RFC 7009): the refresh token, with which a server ends the access tokens of the same login
 * too, or, where there is none, every access token. What was ended is then dropped here and in all tabs of this origin, and a renewal
 * under way brings none of it back. Without tokens nothing is sent.
 *
 * It signs nobody out: the next `getTokenSilently` gets new tokens as far as a strategy can without the refresh token. To end the
 * session, call `logout` afterwards, also where this has failed.
 *
 * @throws AuthError `network_error`, `timeout` or `server_error` where the server could not be reached, `lock_timeout` where another tab
 *   is in the middle of a renewal (all retryable), `token_error` where the server refuses, `discovery_invalid` where it has no
 *   revocation endpoint: tokens that were not ended stay in use
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, section 2}
 * @example
 * ```ts
 * await revokeTokens(auth).catch((error: unknown) => console.warn(error))
 * await auth.logout()
 * ```
 */
export async function revokeTokens(auth: AuthClient, options: RevokeOptions = {}): Promise<void> {
  const context = contextOf(auth)
  const call = ownFields(options) as RevokeOptions
  const { signal } = call
  // A living client, in a browser, that has read its storage; sends nothing.
  await auth.isAuthenticated()
  signal?.throwIfAborted()
  // No refresh is under way then, and the next one finds what this leaves.
  const work = withLock(refreshLockOf(context), signal, () => revokeAll(context, signal))
  return waitFor(work, call)
}

async function revokeAll(context: ClientContext, signal?: AbortSignal): Promise<void> {
  const { marker, cache, options, fetch } = context
  const mark = marker.read()
  if (mark.generation !== context.mark.generation) forgetSession(context, mark)
  // Another tab may have renewed.
  await reloadSession(context)
  const { refreshGrant } = context
  const entries = cache.entries()
  if (!refreshGrant && !entries.length) return
  const { metadata } = await context.getServer()
  signal?.throwIfAborted()
  const endpoint = { ...options, fetch, server: metadata }
  if (refreshGrant) {
    await revokeToken(endpoint, refreshGrant.token, 'refresh_token')
    return dropTokens(context, mark.generation, [])
  }
  const outcomes = await Promise.allSettled(
    entries.map(({ accessToken }) => revokeToken(endpoint, accessToken, 'access_token')),
  )
  const kept = entries.filter((_, index) => outcomes[index]?.status === 'rejected')
  if (kept.length < entries.length) await dropTokens(context, mark.generation, kept)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** A new generation, as after a login of somebody else: whatever is under way, here or in another tab, stores nothing any more. */
async function dropTokens(
  context: ClientContext,
  generation: string,
  kept: readonly TokenEntry[],
): Promise<void> {
  const { marker, cache, sessionKey, broadcast } = context
  const drop = async (): Promise<void> => {
    // A logout or another login came in between: what was ended is gone, and the rest is not ours to touch.
    if (marker.read().generation !== generation) return
    context.mark = createMark(false)
    marker.write(context.mark)
    cache.clear()
    kept.forEach(cache.put)
    context.refreshGrant = undefined
    await overwriteSession(context)
    broadcast.send(context.mark)
  }
  // A tab that is frozen with the lock wakes up to the new generation.
  await withLock(sessionKey, undefined, drop).catch(drop)
}
