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
  'gateway before',
  'gateway after',
] as const
export type NetworkFault = (typeof NETWORK_FAULTS)[number]

export interface NetworkSetting {
  /**
   * Whether another refresh token has taken the place of this one in the storage of the browser.
   */
  readonly isReplaced: (token: string) => boolean
  /** Whether the server uses refresh tokens up. */
  readonly isRotating: () => boolean
  /** Whether it does not take one a second time. */
  readonly isStrict: () => boolean
}

export interface Network {
  fault: NetworkFault | undefined
  latencyMs: number
  /**
   * Refresh requests so far; the most that were under way at once, of tabs that run; those with a
   * token that was used up and replaced; and those that a strict server has seen before: it revokes
   * what came of them.
   */
  readonly refreshes: { sent: number; most: number; strange: number; reused: number }
  /** Whether the server has used a token up. */
  isUsedUp(token: string): boolean
  /** What a tab has for a `fetch`. */
  createFetch(isStill: () => boolean): typeof fetch
}

/** What lies between the tabs and a server. */
export function createNetwork(
  server: AuthorizationServer,
  { isReplaced, isRotating, isStrict }: NetworkSetting,
): Network {
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
    if (fault === 'gateway before') return new Response('', { status: 502 })
    const token = refreshTokenOf(init)
    if (token && usedUp.has(token) && isStrict()) network.refreshes.reused++
    const response = await server.fetch(input, { ...init, signal: null })
    if (token && response.ok) usedUp.add(token)
    if (fault === 'gateway after') return new Response('', { status: 504 })
    if (fault === 'lost') throw new TypeError('no answer')
    if (fault === 'hangs after') return new Promise(() => {})
    await wait(latencyMs / 2)
    if (fault !== 'breaks off') return response
    return new Response((await response.text()).slice(0, 40), response)
  }

  const network: Network = {
    fault: undefined,
    latencyMs: 0,
    refreshes: { sent: 0, most: 0, strange: 0, reused: 0 },
    isUsedUp: (token) => usedUp.has(token) && isStrict(),
    createFetch: (isStill) => async (input, init) => {
      const token = refreshTokenOf(init)
      const answer = Promise.race([send(String(input), init), abortion(init?.signal)])
      if (!token) return answer
      const { refreshes } = network
      refreshes.sent++
      if (isReplaced(token) && isRotating() && usedUp.has(token)) refreshes.strange++
      underWay.add(isStill)
      refreshes.most = Math.max(refreshes.most, [...underWay].filter((one) => !one()).length)
      return answer.finally(() => underWay.delete(isStill))
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
