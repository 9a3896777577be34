import type { JWKS } from 'oauth4webapi'
import { AuthError } from '../errors.ts'
import { ownFields } from './without-prototype.ts'
import { fetchJson, type WholeFetch } from './discovery.ts'

/** The server's public keys. */
export interface KeySource {
  /** The keys; a request is sent only if there are none yet. A failed one is not remembered. */
  get(): Promise<JWKS>
  /**
   * The keys, fetched again past the HTTP cache; if that was begun less than a minute ago, what came
   * of it: another token may have been the first that was signed with a new key.
   */
  refresh(): Promise<JWKS> | undefined
}

const REFRESH_INTERVAL_MS = 60_000

/**
 * Keys by URL, fetched once and kept for the page's life. They are fetched again at most once a
 * minute, so that a server, or who plays it, cannot make a page storm it with tokens of unknown
 * keys (OpenID Connect Core, section 10.1.1).
 *
 * @param now a clock in milliseconds
 */
export function createKeySource(url: string, fetch: WholeFetch, now: () => number): KeySource {
  let keys: Promise<JWKS> | undefined
  let refreshedAt = -Infinity

  async function read(init?: RequestInit): Promise<JWKS> {
    const jwks = await fetchJson(url, fetch, init)
    if (!isKeySet(jwks)) throw new AuthError('response_invalid', { reason: 'jwks' })
    return jwks
  }

  // A GET can be sent again, and the authorization code is spent already: one more try is worth it,
  // past the HTTP cache, where an answer without CORS headers may lie. Not where the server asks for
  // a pause, and nobody waits twice.
  const load = (init?: RequestInit): Promise<JWKS> =>
    read(init).catch((error: AuthError) => {
      if (error.code === 'timeout' || error.retryAfterSeconds) throw error
      return read({ cache: 'reload' })
    })

  const keep = (loading: Promise<JWKS>): Promise<JWKS> =>
    (keys = loading.catch((error: unknown) => {
      keys = undefined
      throw error
    }))

  return {
    get: () => keys ?? keep(load()),
    refresh() {
      if (now() - refreshedAt < REFRESH_INTERVAL_MS) return keys
      refreshedAt = now()
      return keep(load({ cache: 'no-cache' }))
    },
  }
}

/** Static keys, from the option `jwks`. */
export function createStaticKeySource(jwks: JWKS): KeySource {
  return { get: async () => jwks, refresh: () => undefined }
}

/** Whether a value is a JWK Set (RFC 7517, section 5). */
export function isKeySet(value: unknown): value is JWKS {
  const { keys } = ownFields(value)
  return Array.isArray(keys) && keys.every((key) => Object(key) === key)
}
