import { waitFor } from '../browser/single-flight.ts'
import type { AuthClient } from '../client/auth-client.ts'
import { contextOf } from '../client/context.ts'
import type { SessionOwner } from '../client/session-owner.ts'
import { revokeToken } from '../protocol/revocation-request.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { withRefreshLock } from '../renewal/refresh-lock.ts'
import { whileAlive } from './lifetime.ts'

export interface RevokeOptions {
  /**
   * Gives up before anything is sent; afterwards the caller no longer waits, and the work goes on.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * Has the server end the tokens of this app (RFC 7009): the refresh token, with which a server ends
 * the access tokens of the same login too, or, where there is none, every access token. What was
 * ended is then dropped here and in all tabs of this origin, and a renewal under way brings none of
 * it back. Without tokens nothing is sent.
 *
 * It signs nobody out: the next `getTokenSilently` gets new tokens as far as a strategy can without
 * the refresh token. To end the session, call `logout` afterwards, also where this has failed.
 *
 * @throws AuthError `network_error`, `timeout` or `server_error` where the server could not be
 *   reached, `lock_timeout` where another tab is in the middle of a renewal (all retryable),
 *   `token_error` where the server refuses, `discovery_invalid` where it has no revocation
 *   endpoint: tokens that were not ended stay in use
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, section 2}
 * @example
 * ```ts
 * await revokeTokens(auth).catch((error: unknown) => console.warn(error))
 * await auth.logout()
 * ```
 */
export async function revokeTokens(
  auth: AuthClient<object>,
  options: RevokeOptions = {},
): Promise<void> {
  const context = contextOf(auth)
  const { owner } = context
  const call = ownFields<RevokeOptions>(options)
  const { signal } = call
  // A living client, in a browser, that has read its storage; sends nothing.
  await auth.isAuthenticated()
  signal?.throwIfAborted()
  // Nothing else goes over the network under the lock.
  if (owner.session.refreshToken ?? owner.session.entries().length)
    await whileAlive(context, owner.server.get())
  // No refresh is under way then, and the next one finds what this leaves.
  const revoked = withRefreshLock(owner, signal, () => revokeAll(owner, signal))
  return whileAlive(context, waitFor(revoked, call))
}

async function revokeAll(owner: SessionOwner, signal?: AbortSignal): Promise<void> {
  const { session, options, fetch, server } = owner
  const { generation } = session.look()
  // Another tab may have renewed.
  await session.reload()
  // Somebody has logged in or out meanwhile: what was to be ended has gone with its session.
  if (session.look().generation !== generation) return
  const { refreshToken } = session
  const entries = session.entries()
  if (!refreshToken && !entries.length) return
  const { metadata } = await server.get()
  signal?.throwIfAborted()
  const endpoint = { ...options, fetch, server: metadata }
  if (refreshToken) {
    await revokeToken(endpoint, refreshToken.token, 'refresh_token')
    return session.dropTokens(generation, [])
  }
  const outcomes = await Promise.allSettled(
    entries.map(({ accessToken }) => revokeToken(endpoint, accessToken, 'access_token')),
  )
  const kept = entries.filter((_, index) => outcomes[index]?.status === 'rejected')
  if (kept.length < entries.length) await session.dropTokens(generation, kept)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
