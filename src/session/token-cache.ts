import { canonicalScope, splitScope } from '../protocol/scope.ts'

/** An access token and what it is good for. */
export interface TokenEntry {
  readonly partition: string
  readonly accessToken: string
  readonly tokenType: string
  /** Canonical scope that was asked for. */
  readonly requestedScope: string
  /** Scope that was granted, as the server wrote it. */
  readonly scope: string
  readonly audience?: string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly lifeMs: number
  /** When it ends, on the clock of `performance.now()`, which nobody sets. */
  readonly deadline: number
}

export interface TokenCache {
  /**
   * The entry that serves a scope and lives longest. The cached path of every call: one look-up per level for a scope seen
   * before, no I/O.
   */
  find(partition: string, scope: string): TokenEntry | undefined
  put(entry: TokenEntry): void
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

/**
 * Milliseconds until an entry expires. Neither clock alone tells: the system clock is set back and forth, the other may stand still
 * while the device sleeps. Whichever says less is right.
 */
export function remainingMs({ deadline, receivedAt, lifeMs }: TokenEntry): number {
  return Math.min(deadline - performance.now(), receivedAt + lifeMs - Date.now())
}

/** Whether an entry was received after a moment on the clock of `performance.now()`: the other one may have been set in between. */
export function hasComeAfter({ deadline, lifeMs }: TokenEntry, since: number): boolean {
  // Not `deadline - lifeMs > since`: rounded, that may hold for the very moment.
  return deadline > since + lifeMs
}

/**
 * Keeps access tokens by partition (audience, resources, extra parameters) and scope.
 *
 * @param leewaySeconds how long before its end a token counts as expired; a tenth of its life at the most
 */
export function createTokenCache(leewaySeconds: number): TokenCache {
  const partitions = new Map<string, Partition>()
  const isUsable = (entry: TokenEntry): boolean =>
    remainingMs(entry) > Math.min(leewaySeconds * 1000, entry.lifeMs / 10)

  function scan({ entries, memo }: Partition, scope: string): TokenEntry | undefined {
    const wanted = canonicalScope(scope)
    const [best] = [...entries.values()]
      .filter((entry) => isUsable(entry) && covers(entry, wanted))
      .sort((a, b) => remainingMs(b) - remainingMs(a))
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
    put(entry) {
      const { entries, memo } = partitions.get(entry.partition) ?? newPartition(entry.partition)
      const known = entries.get(entry.requestedScope)
      // What another tab has stored may be older than what this page got since.
      if (known && known.deadline - known.lifeMs > entry.deadline - entry.lifeMs) return
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
    return partition
  }
}

/** Everything an entry stands for. A server that granted less than was asked for would do so again: asking on every call helps nobody. */
function scopesOf({ requestedScope, scope }: TokenEntry): string {
  return `${requestedScope} ${scope}`
}

function covers(entry: TokenEntry, scope: string): boolean {
  const scopes = splitScope(scopesOf(entry))
  return [...splitScope(scope)].every((one) => scopes.has(one))
}
