import { createAuthorizationRequestUrl } from '../protocol/authorization-request.ts'
import type { WholeFetch } from '../protocol/discovery.ts'
import type { ProofOfPossession } from '../protocol/proof-of-possession.ts'
import { configInvalid } from '../protocol/request-parameters.ts'
import type { ServerSource } from '../protocol/server-source.ts'
import type { Target } from '../protocol/target.ts'
import {
  createTransaction,
  type Transaction,
  type TransactionInput,
} from '../protocol/transaction.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { Session } from '../session/session-view.ts'
import type { PushRequest } from './push-request.ts'

/** What an authorization request needs of a client. */
export interface AuthorizationContext {
  readonly options: {
    readonly issuer: string
    readonly clientId: string
    readonly authorizationParams: Readonly<Record<string, string>>
    readonly requireIss?: boolean
    readonly clockToleranceSeconds: number
    readonly trustedAudiences?: readonly string[]
    readonly idTokenSigningAlg?: string
    readonly par?: PushRequest
    readonly dpop?: ProofOfPossession
  }
  readonly session: Pick<Session, 'sessionParams'>
  readonly server: ServerSource
  readonly fetch: WholeFetch
  /** The whole redirect URI. */
  readonly redirectUri: string
}

/** What distinguishes one authorization request from another, besides its target. */
export type AuthorizationOptions = Pick<TransactionInput, 'kind' | 'responseMode'> &
  Partial<
    Pick<
      TransactionInput,
      'maxAge' | 'acrValues' | 'appState' | 'returnTo' | 'redirectUri' | 'sessionParams'
    >
  >

/**
 * Makes a new transaction and the URL of its authorization request.
 *
 * @param idTokenHint the ID token of the user who is expected
 * @throws AuthError `config_invalid` where the server takes pushed requests only, and the client
 *   pushes none
 */
export async function beginAuthorization(
  { options, session, server, fetch, redirectUri }: AuthorizationContext,
  { scope, audience, resource, authorizationParams }: Target,
  request: AuthorizationOptions,
  idTokenHint?: string,
): Promise<{ readonly transaction: Transaction; readonly url: URL }> {
  const { issuer, clientId, par, dpop } = options
  const given = ownFields<AuthorizationOptions>(request)
  const { metadata } = await server.get()
  if (!par && metadata.require_pushed_authorization_requests)
    throw configInvalid('par', ' Add pushedAuthorizationRequest().')
  const sessionParams = given.sessionParams ?? session.sessionParams
  // Those of the session win over those of the client; those of the call win over both.
  const clientParams = { ...options.authorizationParams, ...sessionParams }
  const { max_age, acr_values } = ownFields({ ...clientParams, ...authorizationParams }) as {
    readonly max_age?: string
    readonly acr_values?: string
  }
  const transaction = createTransaction({
    scope,
    ...(audience && { audience }),
    resource,
    authorizationParams,
    issuer,
    clientId,
    redirectUri,
    createdAt: Date.now(),
    // What was asked for as a plain parameter is held against the ID token all the same.
    ...(max_age && { maxAge: Number(max_age) }),
    ...(acr_values && { acrValues: acr_values }),
    dpopJkt: await dpop?.tie(metadata, given.kind),
    ...given,
    ...(sessionParams && { sessionParams }),
  })
  const url = await createAuthorizationRequestUrl(metadata, transaction, {
    ...clientParams,
    ...(idTokenHint && { id_token_hint: idTokenHint }),
  })
  return { transaction, url: par ? await par({ clientId, fetch, metadata }, url) : url }
}
