/**
 * A refresh token, what it was given for, and what is known of its last use. Every member is its
 * own, so that none is read from a prototype.
 */
export interface StoredRefreshToken {
  readonly token: string
  /** The cache partition of the login: audience, resources, parameters. */
  readonly partition: string
  /** Canonical scope that the login asked for. */
  readonly requestedScope: string
  /** Scope that it was granted. */
  readonly scope: string
  /** The ID token of the login: refreshed ones are held against it. */
  readonly idToken: string
  /** False once the server has answered without a new one: it does not use them up. */
  readonly rotates: boolean | undefined
  /**
   * It was sent, and what became of it is not known: the server may have used it up, or never seen
   * it.
   */
  readonly doubt: RefreshDoubt | undefined
}

/**
 * The refresh token of a session: null once the server has ended it, until new tokens come;
 * undefined where it has given none.
 */
export type HeldRefreshToken = StoredRefreshToken | null | undefined

/** Shared by tabs and reloads, so that they follow one schedule. */
export interface RefreshDoubt {
  /** When it was first sent without a known outcome, in milliseconds since the epoch. */
  readonly since: number
  /** How often it was sent since then. */
  readonly tries: number
  /** When it may be sent again, in milliseconds since the epoch. */
  readonly nextAt: number
}

const MAX_PAUSE_MS = 30_000

/**
 * The token as it is right before it is sent, until an answer is known. One that the server does
 * not use up is never in doubt.
 */
export function markSent(stored: StoredRefreshToken, now: number): StoredRefreshToken {
  if (stored.rotates === false) return stored
  const { since = now, tries = 0 } = stored.doubt ?? {}
  return { ...stored, doubt: { since, tries: tries + 1, nextAt: now + pauseMs(tries + 1) } }
}

/** The token after its answer was lost: the pause begins now. */
export function markLost(stored: StoredRefreshToken, now: number): StoredRefreshToken {
  const { doubt } = stored
  return doubt ? { ...stored, doubt: { ...doubt, nextAt: now + pauseMs(doubt.tries) } } : stored
}

/** The token where this try has certainly not used it up: in doubt as it was before. */
export function markUnused(stored: StoredRefreshToken): StoredRefreshToken {
  const { doubt } = stored
  const tries = (doubt?.tries ?? 0) - 1
  return { ...stored, doubt: doubt && tries > 0 ? { ...doubt, tries } : undefined }
}

/** The token after an answer that has not used it up. */
export function markAnswered(stored: StoredRefreshToken): StoredRefreshToken {
  return { ...stored, doubt: undefined }
}

/**
 * Milliseconds until a token in doubt may be sent again. A clock that was set back does not prolong
 * it.
 */
export function dueInMs({ doubt }: StoredRefreshToken, now: number): number {
  const leftMs = (doubt?.nextAt ?? now) - now
  return leftMs > MAX_PAUSE_MS ? 0 : Math.max(0, leftMs)
}

/**
 * None before the first retry, because the grace periods of servers are short; then 1 s, 2 s … 30
 * s.
 */
function pauseMs(tries: number): number {
  return tries < 2 ? 0 : Math.min(1000 * 2 ** (tries - 2), MAX_PAUSE_MS)
}

/** Whether nothing has happened to a token since it was looked at. */
export function isUnchanged(one: HeldRefreshToken, other: StoredRefreshToken): boolean {
  const text = ({ token, rotates, doubt }: StoredRefreshToken): string =>
    JSON.stringify([token, rotates, doubt?.since, doubt?.tries, doubt?.nextAt])
  return !!one && text(one) === text(other)
}

/**
 * A change to the stored refresh token: it replaces the one that was sent. If none was sent (a
 * silent login), it is stored only where there is no token, or one in doubt.
 */
export interface RefreshTokenChange {
  /** The token that was sent: another one that has come meanwhile stays. */
  readonly sent: string | undefined
  /** What is in its place from now on. */
  readonly next: HeldRefreshToken
}

export function applyChange(
  current: HeldRefreshToken,
  { sent, next }: RefreshTokenChange,
): HeldRefreshToken {
  if (sent !== undefined) return current?.token === sent ? next : current
  // A silent login does not replace a refresh token that still works, because that one may be good
  // for more.
  return current && !(current.doubt && next) ? current : next
}
