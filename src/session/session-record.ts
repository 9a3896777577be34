import { ownFields } from '../protocol/without-prototype.ts'
import { decodePart, isTooDeep } from '../protocol/id-token.ts'
import type { TokenEntry } from './token-cache.ts'

/** A refresh token, and what it was given for. */
export interface RefreshGrant {
  readonly token: string
  /** The cache partition of the login: audience, resources, parameters. */
  readonly partition: string
  /** Canonical scope that the login asked for. */
  readonly requestedScope: string
  /** Scope that it was granted. */
  readonly scope: string
  /** The ID token of the login: refreshed ones are held against it. */
  readonly idToken: string
  /** It was sent, and what became of it is not known. */
  readonly pending?: boolean
  /** The server answered without a new one: it does not use them up. */
  readonly reusable?: boolean
}

/** Whether a refresh token may be sent: none is sent twice that the server may have used up. */
export function isSendable(grant: RefreshGrant | undefined): grant is RefreshGrant {
  const { pending, reusable }: Partial<RefreshGrant> = ownFields(grant)
  return !!grant && (!pending || reusable === true)
}

/** What a token storage holds: one record for each issuer and client. Never endpoints, keys or algorithms. */
export interface SessionRecord {
  readonly v: 1
  readonly issuer: string
  readonly clientId: string
  readonly generation: string
  readonly sub: string
  /** Absent after another user was met: only the pinned `sub` is left then. */
  readonly idToken?: string
  readonly entries: readonly TokenEntry[]
  /** Only where a renewal strategy uses it. */
  readonly refreshGrant?: RefreshGrant
}

/** Browsers round and blur their clocks, each tab for itself: what another has just stored may seem to come from the future. */
const CLOCK_STEP_MS = 5000
/** No token is believed to live longer than a year. */
const MAX_LIFE_MS = 31_536_000_000

/**
 * Reads a stored value, believing none of it: it may be old, from another version, or tampered with. Its ID token must belong to it;
 * the signature was checked when it came.
 *
 * @returns `newer` for a record of a later version of this library, `corrupt` for anything else that does not fit
 */
export function readSessionRecord(
  value: unknown,
  issuer: string,
  clientId: string,
): SessionRecord | 'newer' | 'corrupt' {
  const fields = ownFields(value)
  const record = fields as unknown as SessionRecord
  try {
    if ((record.v as number) > 1) return 'newer'
    const { sub, idToken, generation, refreshGrant } = record
    const isOwn = (jwt: string): boolean => {
      const claims = decodePart(jwt, 1)
      const audiences = [claims['aud']].flat()
      return (
        claims['iss'] === issuer &&
        claims['sub'] === sub &&
        audiences.includes(clientId) &&
        !isTooDeep(claims)
      )
    }
    const entries = record.entries.map((entry) => restoreEntry(ownFields(entry)))
    const fits =
      record.v === 1 &&
      record.issuer === issuer &&
      record.clientId === clientId &&
      [sub, generation].every(isText) &&
      (idToken === undefined || isOwn(idToken)) &&
      (refreshGrant === undefined || (isRefreshGrant(refreshGrant) && isOwn(refreshGrant.idToken)))
    return fits
      ? Object.assign(record, { entries: entries.filter((entry) => entry !== undefined) })
      : 'corrupt'
  } catch {
    return 'corrupt'
  }
}

/**
 * A stored entry as one of this page.
 *
 * @returns undefined for one from the future: the clock was set back since, and nobody knows how old it is
 * @throws where it does not fit
 */
function restoreEntry(fields: Readonly<Record<string, unknown>>): TokenEntry | undefined {
  const entry = fields as unknown as TokenEntry
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

function isRefreshGrant({ token, partition, requestedScope, scope }: RefreshGrant): boolean {
  return !!token && [token, partition, requestedScope, scope].every(isText)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
