import { canonicalScope, splitScope } from '../protocol/scope.ts'
import type { TokenSet } from '../protocol/token-set.ts'

/** An access token and what it is good for. */
export interface TokenEntry {
  readonly partition: string
  readonly accessToken: string
  readonly tokenType: string
  /** Canonical scope that was asked for. */
  readonly requestedScope: string
  /** Scope that was granted, as the server wrote it. */
  readonly scope: string
  readonly audience: string | undefined
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly lifeMs: number
  /** When it ends, on the clock of `performance.now()`, which nobody sets. */
  readonly deadline: number
}

/** What a token is kept under. */
export interface EntryKey {
  readonly partition: string
  readonly scope: string
  readonly audience?: string | undefined
}

/** The entry of a new token. Its age counts from when the response came. */
export function createEntry(
  { accessToken, tokenType, scope, expiresInSeconds, arrival }: TokenSet,
  { partition, scope: requestedScope, audience }: EntryKey,
): TokenEntry {
  const lifeMs = expiresInSeconds * 1000
  return {
    partition,
    requestedScope,
    accessToken,
    tokenType,
    scope,
    lifeMs,
    audience,
    receivedAt: arrival?.wallMs ?? Date.now(),
    deadline: (arrival?.tickMs ?? performance.now()) + lifeMs,
  }
}

export interface TokenCache {
  /**
   * The entry that serves a scope and lives longest. The cached path of every call: one look-up per
   * level for a scope seen before, no I/O.
   */
  find(partition: string, scope: string): TokenEntry | undefined
  /** The same without any leeway: one that has begun to end, and is still good. */
  findUnexpired(partition: string, scope: string): TokenEntry | undefined
  put(entry: TokenEntry): void
  /** Adds one from the storage: what this page got at the same time or since stays. */
  putStored(entry: TokenEntry): void
  clear(): void
  /** All that have not expired. */
  entries(): TokenEntry[]
}

interface Partition {
  readonly entries: Map<string, TokenEntry>
  /** Scope strings as they were passed, so that they are not taken apart again. */
  readonly memo: Map<string, TokenEntry>
}

const MAX_ENTRIES = 32
const MAX_MEMO = 64
/** Audiences, resources and parameters: an app that puts a tenant into every call has many. */
const MAX_PARTITIONS = 10_000
const DEFAULT_LEEWAY_MS = 30_000
/**
 * What counts as expired early: of a token's life at the most, by default and where the app chose
 * the leeway.
 */
const MAX_LEEWAY = 0.1
const MAX_CHOSEN_LEEWAY = 0.5

/**
 * Milliseconds until an entry expires. Neither clock alone tells: the system clock is set back and
 * forth, the other may stand still while the device sleeps. Whichever says less is right.
 */
export function remainingMs({ deadline, receivedAt, lifeMs }: TokenEntry): number {
  const now = Date.now()
  if (now !== readAt) {
    readAt = now
    tick = performance.now()
  }
  return Math.min(deadline - tick, receivedAt + lifeMs - now)
}

/** `performance.now()`, and the millisecond in which it was read: it is three times slower. */
let tick: number
let readAt: number | undefined

/**
 * Whether an entry was received after a moment on the clock of `performance.now()`: the other one
 * may have been set in between.
 */
export function hasComeAfter({ deadline, lifeMs }: TokenEntry, since: number): boolean {
  // Not `deadline - lifeMs > since`: rounded, that may hold for the very moment.
  return deadline > since + lifeMs
}

/** When an entry was received, on the clock of `performance.now()`. */
export const receivedTick = ({ deadline, lifeMs }: TokenEntry): number => deadline - lifeMs

/** How long before its end a token counts as expired, in milliseconds. */
export function leewayMs({ lifeMs }: TokenEntry, leewaySeconds: number | undefined): number {
  return leewaySeconds === undefined
    ? Math.min(DEFAULT_LEEWAY_MS, lifeMs * MAX_LEEWAY)
    : Math.min(leewaySeconds * 1000, lifeMs * MAX_CHOSEN_LEEWAY)
}

/**
 * Keeps access tokens by partition (audience, resources, extra parameters) and scope.
 *
 * @param leewaySeconds the app's choice of how long before its end a token counts as expired
 */
export function createTokenCache(leewaySeconds: number | undefined): TokenCache {
  const partitions = new Map<string, Partition>()
  const isUsable = (entry: TokenEntry): boolean =>
    remainingMs(entry) > leewayMs(entry, leewaySeconds)

  function longestLived(
    { entries }: Partition,
    scope: string,
    isGood: (entry: TokenEntry) => boolean,
  ): TokenEntry | undefined {
    const wanted = canonicalScope(scope)
    return [...entries.values()]
      .filter((entry) => isGood(entry) && covers(entry, wanted))
      .sort((a, b) => remainingMs(b) - remainingMs(a))[0]
  }

  function scan(partition: Partition, scope: string): TokenEntry | undefined {
    const { entries, memo } = partition
    const best = longestLived(partition, scope, isUsable)
    if (!best) return undefined
    // To the end of the order, so that the first is the one that was not needed for longest.
    entries.delete(best.requestedScope)
    entries.set(best.requestedScope, best)
    if (memo.size >= MAX_MEMO) memo.clear()
    memo.set(scope, best)
    return best
  }

  return {
    find(key, scope) {
      const partition = partitions.get(key)
      if (!partition) return undefined
      const known = partition.memo.get(scope)
      return known && isUsable(known) ? known : scan(partition, scope)
    },
    findUnexpired(key, scope) {
      const partition = partitions.get(key)
      return partition && longestLived(partition, scope, (entry) => remainingMs(entry) > 0)
    },
    putStored(entry) {
      const known = partitions.get(entry.partition)?.entries.get(entry.requestedScope)
      if (known?.accessToken === entry.accessToken) return
      if (!known || receivedTick(known) < receivedTick(entry)) this.put(entry)
    },
    put(entry) {
      const { entries, memo } = partitions.get(entry.partition) ?? newPartition(entry.partition)
      const known = entries.get(entry.requestedScope)
      if (known && receivedTick(known) > receivedTick(entry)) return
      entries.delete(entry.requestedScope)
      const remaining = remainingMs(entry)
      for (const [key, other] of entries)
        if (remainingMs(other) <= Math.max(0, covers(entry, scopesOf(other)) ? remaining : 0))
          entries.delete(key)
      memo.clear()
      entries.set(entry.requestedScope, entry)
      if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!)
    },
    clear: () => partitions.clear(),
    entries: () =>
      [...partitions.values()]
        .flatMap(({ entries }) => [...entries.values()])
        .filter((entry) => remainingMs(entry) > 0),
  }

  function newPartition(key: string): Partition {
    const partition: Partition = { entries: new Map(), memo: new Map() }
    partitions.set(key, partition)
    if (partitions.size > MAX_PARTITIONS) partitions.delete(partitions.keys().next().value!)
    return partition
  }
}

/**
 * Everything an entry stands for. A server that granted less than was asked for would do so again:
 * asking on every call helps nobody.
 */
function scopesOf({ requestedScope, scope }: TokenEntry): string {
  return `${requestedScope} ${scope}`
}

/**
 * The scopes that were asked for and not granted, space-separated. A refresh token is what
 * `offline_access` was for.
 */
export function findMissingScopes(
  requestedScope: string,
  scope: string,
  hasRefreshToken: boolean,
): string {
  const granted = splitScope(canonicalScope(scope))
  const isMissing = (one: string): boolean =>
    !granted.has(one) && !(hasRefreshToken && one === 'offline_access')
  return requestedScope.split(' ').filter(isMissing).join(' ')
}

function covers(entry: TokenEntry, scope: string): boolean {
  if (entry.requestedScope === scope) return true
  const scopes = splitScope(scopesOf(entry))
  return [...splitScope(scope)].every((one) => scopes.has(one))
}
