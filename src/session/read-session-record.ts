import { ownTree } from '../protocol/without-prototype.ts'
import { isTooDeep, readClaims } from '../protocol/id-token.ts'
import { issuerOf, subjectOf } from '../protocol/issuer.ts'
import type { HeldRefreshToken, RefreshDoubt, StoredRefreshToken } from './stored-refresh-token.ts'
import { remainingMs, type TokenEntry } from './token-cache.ts'

/**
 * What a token storage holds: one record for each issuer and client. Never endpoints, keys or
 * algorithms.
 */
export interface SessionRecord {
  readonly v: 1
  readonly issuer: string
  readonly clientId: string
  readonly generation: string
  /** The thumbprint of the key that its tokens are bound to; undefined for bearer tokens. */
  readonly dpopJkt: string | undefined
  /** The user; where the server has tenants, with the issuer. */
  readonly sub: string
  /** Absent after another user was met: only the pinned `sub` is left then. */
  readonly idToken: string | undefined
  /** What else is known of the user, where the app has asked for it. */
  readonly userInfo: Readonly<Record<string, unknown>> | undefined
  readonly entries: readonly TokenEntry[]
  /** Only where a renewal strategy uses it. */
  readonly refreshToken: HeldRefreshToken
}

/**
 * Browsers round and blur their clocks, each tab for itself: what another has just stored may seem
 * to come from the future.
 */
const CLOCK_STEP_MS = 5000
/** No token is believed to live longer than a year. */
const MAX_LIFE_MS = 31_536_000_000

/**
 * Reads a stored value, believing none of it: it may be old, from another version, or tampered
 * with. Its ID token must belong to it; the signature was checked when it came.
 *
 * @param dpopJkt of the key that is in use: tokens of another one are of no use, and those of none
 *   are not what the app has asked for
 * @param known the last one of this page: its ID token is not decoded once more
 * @param isEnding whether its tokens are only to be revoked, which needs no key
 * @returns `newer` for a record of a later version of this library, `corrupt` for anything else
 *   that does not fit
 */
export function readSessionRecord(
  value: unknown,
  issuer: string,
  clientId: string,
  dpopJkt?: string,
  known?: SessionRecord,
  isEnding?: boolean,
): SessionRecord | 'newer' | 'corrupt' {
  const record = Object(ownTree(value)) as SessionRecord
  try {
    if ((record.v as number) > 1) return 'newer'
    const { sub, idToken, generation, refreshToken, userInfo } = record
    const isOwn = (jwt: string): boolean => {
      if (jwt === known?.idToken && sub === known.sub) return true
      const claims = readClaims(jwt)
      const audiences = [claims['aud']].flat()
      return (
        claims.iss === issuerOf(issuer, claims['tid']) &&
        subjectOf(issuer, claims) === sub &&
        audiences.includes(clientId) &&
        !isTooDeep(claims)
      )
    }
    const token = refreshToken == null ? refreshToken : restoreRefreshToken(refreshToken)
    const entries = record.entries.map(restoreEntry)
    const isUsable = isEnding || record.dpopJkt === dpopJkt
    const fits =
      record.v === 1 &&
      record.issuer === issuer &&
      record.clientId === clientId &&
      [sub, generation].every(isText) &&
      (idToken === undefined || isOwn(idToken)) &&
      (!token || token.idToken === idToken || isOwn(token.idToken))
    return fits
      ? {
          v: 1,
          issuer,
          clientId,
          generation,
          dpopJkt,
          sub,
          idToken,
          userInfo: Object(userInfo) === userInfo ? userInfo : undefined,
          entries: isUsable ? entries.filter((entry) => entry !== undefined) : [],
          refreshToken: isUsable ? token : undefined,
        }
      : 'corrupt'
  } catch {
    return 'corrupt'
  }
}

/**
 * A stored entry as one of this page.
 *
 * @returns undefined for one from the future: the clock was set back since, and nobody knows how
 *   old it is
 * @throws where it does not fit
 */
function restoreEntry(entry: TokenEntry): TokenEntry | undefined {
  const { partition, accessToken, tokenType, requestedScope, scope, audience = '' } = entry
  const { receivedAt, lifeMs } = entry
  const fits =
    [partition, accessToken, tokenType, requestedScope, scope, audience].every(isText) &&
    [receivedAt, lifeMs].every((value) => Number.isFinite(value) && value >= 0) &&
    lifeMs <= MAX_LIFE_MS
  if (!fits) throw new TypeError()
  const ageMs = Date.now() - receivedAt
  return ageMs < -CLOCK_STEP_MS
    ? undefined
    : { ...entry, deadline: performance.now() + lifeMs - Math.max(0, ageMs) }
}

/** @throws where it does not fit */
function restoreRefreshToken(stored: StoredRefreshToken): StoredRefreshToken {
  const { token, partition, requestedScope, scope, idToken, doubt } = stored
  const { since, tries, nextAt } = Object(doubt) as RefreshDoubt
  const isDoubted = doubt !== undefined
  const fits =
    !!token &&
    [token, partition, requestedScope, scope, idToken].every(isText) &&
    (!isDoubted || [since, tries, nextAt].every(Number.isFinite))
  if (!fits) throw new TypeError()
  return {
    token,
    partition,
    requestedScope,
    scope,
    idToken,
    rotates: typeof stored.rotates === 'boolean' ? stored.rotates : undefined,
    doubt: isDoubted ? { since, tries, nextAt } : undefined,
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** Whether a session can go on without the user. */
export function hasLife({ entries, refreshToken }: SessionRecord): boolean {
  return !!refreshToken || entries.some((entry) => remainingMs(entry) > 0)
}
