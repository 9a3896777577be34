import type { Fetch } from './discovery.ts'
import type { TokenSet } from './token-set.ts'

/**
 * A `fetch` that notes when the last response came: a token is as old as that, however long its
 * validation takes, for instance because keys are fetched.
 */
export function createTimedFetch(fetch: Fetch): {
  readonly fetch: Fetch
  readonly arrival: () => NonNullable<TokenSet['arrival']>
} {
  const read = (): NonNullable<TokenSet['arrival']> => ({
    wallMs: Date.now(),
    tickMs: performance.now(),
  })
  let arrival = read()
  return {
    async fetch(url, init) {
      const response = await fetch(url, init)
      arrival = read()
      return response
    },
    arrival: () => arrival,
  }
}
