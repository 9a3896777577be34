import type { AuthorizationServer } from 'sotto/testing'

export const NETWORK_FAULTS = [
  'down',
  'lost',
  'hangs before',
  'hangs after',
  'breaks off',
  'busy',
  'broken',
  'portal',
] as const
export type NetworkFault = (typeof NETWORK_FAULTS)[number]

export interface Network {
  fault: NetworkFault | undefined
  latencyMs: number
  /** Refresh grants so far; the most that were under way at once, of tabs that are alive; those that came after they were used up. */
  readonly refreshes: { sent: number; most: number; reused: number }
  /** What a tab has for a `fetch`. */
  createFetch(isDead: () => boolean): typeof fetch
}

/** What lies between the tabs and a server that uses refresh tokens up. */
export function createNetwork(server: AuthorizationServer): Network {
  const usedUp = new Set<string>()
  const underWay = new Set<() => boolean>()

  async function send(input: string, init?: RequestInit): Promise<Response> {
    const { fault, latencyMs } = network
    if (fault === 'down') throw new TypeError('no network')
    if (fault === 'hangs before') return new Promise(() => {})
    await wait(latencyMs / 2)
    if (fault === 'busy') return new Response('', { status: 429, headers: { 'retry-after': '20' } })
    if (fault === 'broken') return new Response('', { status: 503 })
    if (fault === 'portal')
      return new Response('<p>Welcome', { headers: { 'content-type': 'text/html' } })
    const response = await server.fetch(input, { ...init, signal: null })
    const token = refreshTokenOf(init)
    if (token && response.ok) usedUp.add(token)
    if (fault === 'lost') throw new TypeError('no answer')
    if (fault === 'hangs after') return new Promise(() => {})
    await wait(latencyMs / 2)
    if (fault !== 'breaks off') return response
    return new Response((await response.text()).slice(0, 40), response)
  }

  const network: Network = {
    fault: undefined,
    latencyMs: 0,
    refreshes: { sent: 0, most: 0, reused: 0 },
    createFetch: (isDead) => async (input, init) => {
      const token = refreshTokenOf(init)
      const answer = Promise.race([send(String(input), init), abortion(init?.signal)])
      if (!token) return answer
      const { refreshes } = network
      refreshes.sent++
      if (usedUp.has(token)) refreshes.reused++
      underWay.add(isDead)
      refreshes.most = Math.max(refreshes.most, [...underWay].filter((one) => !one()).length)
      return answer.finally(() => underWay.delete(isDead))
    },
  }
  return network
}

function refreshTokenOf(init: RequestInit | undefined): string | undefined {
  return new URLSearchParams(String(init?.body ?? '')).get('refresh_token') ?? undefined
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function abortion(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error))
  })
}
