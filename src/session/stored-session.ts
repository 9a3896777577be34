import { readSessionRecord, type SessionRecord } from './session-record.ts'
import type { ClientContext } from '../client/context.ts'
import { withLock } from '../browser/lock.ts'
import { decodePart } from '../protocol/id-token.ts'
import type { IdTokenClaims } from '../protocol/token-set.ts'

/** Takes over what the token storage holds, once in the life of a page. */
export function loadSession(context: ClientContext): Promise<unknown> {
  context.loading ??= reloadSession(context)
  return context.loading
}

/**
 * Takes over what the token storage holds now: another tab may have written it.
 *
 * @returns what was found; `newer`: a record of a newer version of this library, not to be written over
 */
export async function reloadSession(
  context: ClientContext,
): Promise<'record' | 'newer' | 'nothing' | 'failure'> {
  const { storage, sessionKey, marker, pinnedSub, options, events } = context
  const stored = await storage.get(sessionKey)
  if (stored == null) return stored === null ? 'nothing' : 'failure'
  const record = readSessionRecord(stored, options.issuer, options.clientId)
  if (typeof record === 'string') {
    events.emit('warning', { code: 'storage_corrupt', reason: record })
    if (record === 'newer') return record
    await storage.delete(sessionKey)
    return 'nothing'
  }
  const { generation, loggedOut } = marker.read()
  // Without a mark (cleared, or blocked) the record speaks for itself.
  const isCurrent = record.generation === generation || !generation
  // From before a logout whose deletion failed.
  if (loggedOut && !isCurrent) await storage.delete(sessionKey)
  // Of another login, or read while somebody logged in.
  if (loggedOut || !isCurrent || context.pinnedSub !== pinnedSub) return 'record'
  if (!generation && record.generation)
    marker.write({ generation: record.generation, loggedOut: false })
  adopt(context, record)
  return 'record'
}

function adopt(context: ClientContext, record: SessionRecord): void {
  const { generation, sub, idToken, entries, refreshGrant } = record
  const { cache, session, options } = context
  context.mark = { generation, loggedOut: false }
  context.pinnedSub ??= sub
  if (context.pinnedSub !== sub || !idToken) {
    context.userChanged = true
    context.refreshGrant = undefined
    cache.clear()
    return session.signOut()
  }
  context.userChanged = false
  // One that no strategy uses is not kept.
  context.refreshGrant = options.renewal.some(({ usesRefreshToken }) => usesRefreshToken)
    ? refreshGrant
    : undefined
  entries.forEach(cache.put)
  const claims = decodePart(idToken, 1) as IdTokenClaims
  // This page may know a newer one of the same user. One without a token that is still good is not shown yet: the server may have
  // ended the session since.
  if (!session.identity || session.identity.claims.iat < claims.iat)
    session.signIn({ idToken, claims }, cache.entries().length > 0)
}

/**
 * Writes the session to the token storage, together with what other tabs have put there meanwhile. Never rejects: the memory goes
 * on, and a `warning` tells.
 *
 * @param change what to do to the context in between, when it knows what other tabs have written
 * @param lockUntil how long to wait for other tabs that write, by `performance.now()`; default: 10 s
 */
export async function saveSession(
  context: ClientContext,
  change?: () => void,
  lockUntil?: number,
): Promise<void> {
  const { storage, sessionKey, events, marker } = context
  const { generation } = context.mark
  const work = async (): Promise<void> => {
    const isWritable = (await reloadSession(context)) !== 'newer'
    // A logout, or a login as another user, came in between: their word is the last.
    const isCurrent =
      marker.read().generation === generation &&
      context.mark.generation === generation &&
      // Somebody logged in again, in a tab that still had them, and so under the same mark.
      !context.userChanged
    if (isCurrent) change?.()
    if (isWritable && isCurrent) await overwriteSession(context)
  }
  if (!storage.shared) {
    change?.()
    await overwriteSession(context)
    return
  }
  await withLock(sessionKey, undefined, work, lockUntil).catch(() => {
    if (context.mark.generation === generation) change?.()
    events.emit('warning', { code: 'lock_timeout' })
  })
}

/** Leaves the memory of whose session it was, unless the record is that of somebody who has logged in meanwhile. */
export async function forgetStoredTokens(context: ClientContext): Promise<void> {
  const { storage, sessionKey, options, pinnedSub } = context
  const record = readSessionRecord(await storage.get(sessionKey), options.issuer, options.clientId)
  if (typeof record === 'string' || record.sub === pinnedSub) await overwriteSession(context)
}

/** Writes the session as this page knows it: what a person did here is the last word. */
export function overwriteSession(context: ClientContext): Promise<unknown> {
  return context.storage.set(context.sessionKey, createRecord(context))
}

function createRecord(context: ClientContext): SessionRecord {
  const { options, mark, session, pinnedSub, cache, refreshGrant } = context
  const { issuer, clientId } = options
  const { generation } = mark
  const idToken = session.identity?.idToken
  return {
    ...{ v: 1, issuer, clientId, generation, sub: pinnedSub!, entries: cache.entries() },
    ...(idToken && { idToken }),
    ...(refreshGrant && { refreshGrant }),
  }
}
