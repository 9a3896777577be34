import { waitFor } from '../browser/single-flight.ts'
import type { AuthClient } from '../client/auth-client.ts'
import { contextOf } from '../client/context.ts'
import { exchangeSubjectToken } from '../protocol/exchange-request.ts'
import { checkResource, checkText } from '../protocol/request-parameters.ts'
import type { TargetOptions } from '../protocol/target.ts'
import { whileAlive } from './lifetime.ts'
import { ownFields } from '../protocol/without-prototype.ts'

/** What the new token is for, as for `getTokenSilently`, and what it is made of. */
export interface ExchangeOptions extends Pick<TargetOptions, 'scope' | 'audience' | 'resource'> {
  /** The token that is exchanged. Default: the access token of the client's own scope and audience. */
  readonly subjectToken?: string | undefined
  /** What it is, as a URN. Default: `urn:ietf:params:oauth:token-type:access_token`. */
  readonly subjectTokenType?: string | undefined
  /** What is asked for, as a URN. Default: up to the server, which gives an access token then. */
  readonly requestedTokenType?: string | undefined
  /** Aborted, this caller stops waiting, and rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** What an exchange has brought. */
export interface ExchangedToken {
  /** The token, whatever it is called. */
  readonly accessToken: string
  readonly tokenType: string
  /** What it is, as a URN. */
  readonly issuedTokenType: string
  /** The granted scope. */
  readonly scope: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Seconds left. */
  readonly expiresIn: number
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/**
 * Has the server exchange a token for another one: for an API that the login was not for, or with
 * less in it. One request a call: the new token is the caller's, in no cache and no storage. It
 * changes nothing about the session.
 *
 * @throws AuthError `config_invalid`, `token_error` where the server refuses (`invalid_target`,
 *   `unsupported_grant_type`, …), `response_invalid`, `logged_out` or `user_changed` where the
 *   session ended meanwhile, and what `getTokenSilently` does
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693 RFC 8693}
 * @example
 * ```ts
 * const { accessToken } = await exchangeToken(auth, { audience: 'https://billing.example.com' })
 * ```
 */
export async function exchangeToken(
  auth: AuthClient<object>,
  options: ExchangeOptions = {},
): Promise<ExchangedToken> {
  const context = contextOf(auth)
  const { owner, session } = context
  const call = ownFields<ExchangeOptions>(options)
  const { signal } = call
  const text = (name: 'scope' | 'audience' | 'subjectToken' | 'requestedTokenType'): string[][] =>
    call[name] === undefined ? [] : [[PARAMETERS[name], checkText(name, call[name])]]
  const parameters = [
    ['subject_token_type', checkText('subjectTokenType', call.subjectTokenType ?? ACCESS_TOKEN)],
    ...text('subjectToken'),
    ...text('scope'),
    ...text('audience'),
    ...text('requestedTokenType'),
    ...(call.resource ? checkResource(call.resource) : []).map((value) => ['resource', value]),
  ]
  // A living client, in a browser; sends nothing.
  await auth.isAuthenticated()
  const own = call.subjectToken ?? (await auth.getTokenSilently(ownFields({ signal })))
  signal?.throwIfAborted()
  if (call.subjectToken === undefined) parameters.push([PARAMETERS.subjectToken, own])
  const generation = session.currentGeneration()

  async function exchange(): Promise<ExchangedToken> {
    const { metadata } = await owner.server.get()
    const { clock } = owner.server
    const endpoint = { ...owner.options, fetch: owner.fetch, server: metadata, clock }
    const tokens = await exchangeSubjectToken(endpoint, parameters, [own])
    session.assertCurrent(generation)
    const { expiresInSeconds: expiresIn, scope = call.scope ?? '', ...rest } = tokens
    return Object.freeze({
      ...rest,
      scope,
      expiresIn,
      expiresAt: Date.now() + expiresIn * 1000,
    })
  }
  return whileAlive(context, waitFor(exchange(), { signal, timeoutMs: undefined }))
}

const PARAMETERS = {
  scope: 'scope',
  audience: 'audience',
  subjectToken: 'subject_token',
  requestedTokenType: 'requested_token_type',
} as const
