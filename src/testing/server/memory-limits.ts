import type { ServerState } from './state.ts'

/** More than any test needs, and less than a page can fill a machine with. */
const most = {
  sessions: 1000,
  interactions: 1000,
  logoutConfirmations: 1000,
  codes: 1000,
  pushedRequests: 1000,
  nonces: 10_000,
  proofs: 10_000,
  refreshTokens: 10_000,
  accessTokens: 10_000,
} as const

const mostRequests = 1000
const mostLoggedCharacters = 4_000_000

function forgetOldest(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return
    map.delete(key)
  }
}

/** Keeps the newest requests that fit, and always the last one. */
function keepNewest(requests: ServerState['requests']): void {
  let first = requests.length - 1
  let characters = 0
  while (first > 0 && requests.length - first < mostRequests) {
    const { query, body } = requests[first - 1] ?? { query: '', body: '' }
    characters += query.length + body.length
    if (characters > mostLoggedCharacters) break
    first -= 1
  }
  if (first > 0) requests.splice(0, first)
}

/** Forgets the oldest of everything that there is too much of. */
export function keepWithinLimits(state: ServerState): void {
  for (const name of Object.keys(most) as (keyof typeof most)[])
    forgetOldest(state[name], most[name])
  keepNewest(state.requests)
}
