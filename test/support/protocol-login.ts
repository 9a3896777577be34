import { createServerClock } from '../../src/protocol/server-clock.ts'
import { createAuthorizationServer } from 'sotto/testing'
import type { AuthorizationServer } from 'sotto/testing'
import { createAuthorizationRequestUrl } from '../../src/protocol/authorization-request.ts'
import { readAuthorizationResponse } from '../../src/protocol/authorization-response.ts'
import { discoverServer } from '../../src/protocol/discovery.ts'
import { createKeySource, type KeySource } from '../../src/protocol/json-web-keys.ts'
import {
  exchangeAuthorizationCode,
  type TokenRequestInput,
} from '../../src/protocol/token-request.ts'
import type { TokenSet } from '../../src/protocol/token-set.ts'
import type { Transaction } from '../../src/protocol/transaction.ts'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { clientId, issuer, makeTransaction, redirectUri } from './protocol-exchange.ts'

/** The mock authorization server and the protocol side of one client, without a browser. */
export interface Login {
  readonly server: AuthorizationServer
  readonly keys: KeySource
  /** A transaction and the code that alice's login brought for it. */
  readonly authorize: () => Promise<{ readonly transaction: Transaction; readonly code: string }>
  readonly exchange: (
    granted: { readonly transaction: Transaction; readonly code: string },
    changes?: Partial<TokenRequestInput>,
  ) => Promise<TokenSet>
  readonly logIn: (changes?: Partial<TokenRequestInput>) => Promise<TokenSet>
}

/** @param now the clock that key refreshes go by */
export async function createLogin(now: () => number = () => performance.now()): Promise<Login> {
  const server = createAuthorizationServer({
    issuer,
    signingAlg: 'ES256',
    clients: [{ clientId, redirectUris: [redirectUri], grantTypes: ['refresh_token'] }],
  })
  const fetch = createBoundedFetch(server.fetch, 5000)
  const metadata = await discoverServer(issuer, undefined, true, fetch)
  const keys = createKeySource(metadata.jwks_uri!, fetch, now)
  const authorize: Login['authorize'] = async () => {
    const transaction = makeTransaction()
    const url = await createAuthorizationRequestUrl(metadata, transaction, {})
    const outcome = server.control.authorize({ url: url.href, user: 'alice' })
    if (!('location' in outcome)) throw new Error('no redirect')
    const { searchParams } = new URL(outcome.location)
    return { transaction, code: readAuthorizationResponse(metadata, transaction, searchParams) }
  }
  const exchange: Login['exchange'] = ({ transaction, code }, changes) =>
    exchangeAuthorizationCode(
      {
        server: metadata,
        transaction,
        code,
        fetch,
        keys,
        clock: createServerClock(() => {}),
        clockToleranceSeconds: 30,
        ...changes,
      },
      Date.now,
    )
  return {
    server,
    keys,
    authorize,
    exchange,
    logIn: async (changes) => exchange(await authorize(), changes),
  }
}

/** The endpoints asked, in order. */
export const requestsOf = (server: AuthorizationServer): readonly string[] =>
  server.control.requests().map(({ endpoint }) => endpoint)
