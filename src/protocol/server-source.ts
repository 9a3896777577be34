import type { JWKS } from 'oauth4webapi'
import { discoverServer, fetchJson, type WholeFetch, type ServerMetadata } from './discovery.ts'
import type { ServerClock } from './server-clock.ts'
import {
  createKeySource,
  createStaticKeySource,
  isKeySet,
  type KeySource,
} from './json-web-keys.ts'

export interface Server {
  readonly metadata: ServerMetadata
  /** Absent where signatures are left to TLS. */
  readonly keys: KeySource | undefined
}

export interface ServerSource {
  /**
   * The server's metadata, asked for at first need, with the options of that request; a failure is
   * not remembered.
   */
  get(init?: RequestInit): Promise<Server>
  /** The metadata, where it is there already. */
  readonly inHand: Server | undefined
  readonly clock: ServerClock
  /** Asks the server once more for something public, past every cache; whether it is there. */
  isReachable(): Promise<boolean>
  /** Calls back once the metadata is there, without asking for it. */
  whenInHand(listener: () => void): void
}

export interface ServerSourceOptions {
  readonly issuer: string
  readonly metadata?: object | string
  readonly jwks?: JWKS
  readonly idTokenSignature: 'verify' | 'tls'
}

/** @param now a clock in milliseconds */
export function createServerSource(
  { issuer, metadata, jwks, idTokenSignature }: ServerSourceOptions,
  fetch: WholeFetch,
  now: () => number,
  clock: ServerClock,
): ServerSource {
  const verify = idTokenSignature !== 'tls'
  let server: Promise<Server> | undefined
  let inHand: Server | undefined
  const listeners: (() => void)[] = []
  let afterFailure: RequestInit | undefined

  async function discover(init?: RequestInit): Promise<Server> {
    const found = await discoverServer(issuer, metadata, verify && !jwks, (url) => fetch(url, init))
    const keys = jwks ? createStaticKeySource(jwks) : createKeySource(found.jwks_uri!, fetch, now)
    inHand = { metadata: found, keys: verify ? keys : undefined }
    for (const listener of listeners.splice(0)) listener()
    return inHand
  }

  return {
    clock,
    get inHand() {
      return inHand
    },
    async isReachable() {
      const anew: WholeFetch = (url) => fetch(url, { cache: 'no-store' })
      const keysUrl = inHand?.metadata.jwks_uri
      try {
        // Static metadata are at no URL, but the keys are.
        if (typeof metadata === 'object')
          return !!keysUrl && isKeySet(await fetchJson(keysUrl, anew))
        await discoverServer(issuer, metadata, false, anew)
        return true
      } catch {
        return false
      }
    },
    whenInHand(listener) {
      if (inHand) listener()
      else listeners.push(listener)
    },
    get(init) {
      server ??= discover(afterFailure ?? init).catch((error: unknown) => {
        server = undefined
        // What failed may lie in the HTTP cache: an answer without CORS headers, or of something on
        // the way.
        afterFailure = { cache: 'reload' }
        throw error
      })
      return server
    },
  }
}
