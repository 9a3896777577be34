import type { AuthorizationContext } from '../../src/authorization/begin-authorization.ts'
import { createServerClock } from '../../src/protocol/server-clock.ts'
import { clientId, issuer, redirectUri, serverMetadata } from './protocol-exchange.ts'

/** What an authorization request needs of a client, and the options of its metadata requests. */
export function createAuthorizationContext(sessionParams?: Readonly<Record<string, string>>): {
  readonly context: AuthorizationContext
  readonly requests: readonly (RequestInit | undefined)[]
} {
  const requests: (RequestInit | undefined)[] = []
  const context: AuthorizationContext = {
    options: { issuer, clientId, authorizationParams: {}, clockToleranceSeconds: 0 },
    session: { sessionParams },
    server: {
      async get(init) {
        requests.push(init)
        return { metadata: serverMetadata, keys: undefined }
      },
      inHand: undefined,
      clock: createServerClock(() => {}),
      isReachable: async () => true,
      whenInHand: () => {},
    },
    fetch: () => Promise.reject(new Error('nothing is to be asked')),
    redirectUri,
  }
  return { context, requests }
}
