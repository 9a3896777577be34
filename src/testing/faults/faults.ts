import type { JsonObject } from '../server/encoding.ts'
import type { On, Replacement, TransportFaultTable } from './transport-fault-table.ts'

/**
 * Members to put in place of, or beside, what the server would have sent, and members to leave out.
 */
export interface Overrides {
  readonly set?: JsonObject
  readonly remove?: readonly string[]
}

/**
 * How the page of the `web_message` response mode departs from the usual; several may be combined.
 */
export type WebMessageVariant =
  | 'flat' // { code, state }: Okta
  | 'flatWithType' // { type: 'authorization_response', code, state }
  | 'wrongState'
  | 'relayRequest' // { type: 'relay_request' } in place of the response
  | 'twice'
  | 'late' // after `ms`
  | 'none' // never
  | 'garbageFirst' // strings, null, other types before the real one
  | 'navigate' // goes to `location` without a message

/**
 * Every fault by name: where it can be put and what it is told. Those of any endpoint are in
 * `transport-fault-table.ts`.
 */
export interface FaultTable extends TransportFaultTable {
  /** Overrides members of the discovery document. */
  readonly metadata: On<'discovery', Overrides>
  /** Sends discovery to the same address with a slash (301), where the document then is. */
  readonly trailingSlash: On<'discovery'>
  /** Overrides members of the key set; `{ set: { keys: [] } }` empties it. */
  readonly keySet: On<'jwks', Overrides>
  /** Overrides members of every key, for instance `{ set: { use: null } }`. */
  readonly keyMembers: On<'jwks', Overrides>
  /** Answers with this OAuth error (RFC 6749 section 5.2), 400 unless told. */
  readonly oauthError: On<'token' | 'revocation' | 'par', OAuthErrorParameters & Replacement>
  /** The same for refresh grants alone, for instance `interaction_required`. */
  readonly refreshError: On<'token', OAuthErrorParameters>
  /** Overrides members of a successful token response; null is a value too. */
  readonly tokenResponse: On<'token', Overrides>
  /** Overrides members of the answer to a pushed authorization request. */
  readonly pushedResponse: On<'par', Overrides>
  /** Asks for another DPoP nonce, whichever there was. */
  readonly dpopNonceRefused: On<'token' | 'userinfo' | 'par'>
  /** Overrides claims of the ID token; `shift` adds seconds to numeric ones. */
  readonly idTokenClaims: On<
    'token',
    Overrides & { readonly shift?: Readonly<Record<string, number>> }
  >
  /** Overrides header parameters of the ID token, for instance an unknown `kid`, or `typ`. */
  readonly idTokenHeader: On<'token', Overrides>
  /**
   * Signs the ID token with `none`, or with HS256 under the public key (the default) or an empty
   * secret.
   */
  readonly idTokenAlg: On<
    'token',
    { readonly alg: 'none' | 'HS256'; readonly secret?: 'publicKey' | 'empty' }
  >
  /** Breaks the signature of the ID token. */
  readonly idTokenSignature: On<'token'>
  /** Overrides, or sends twice, parameters of the authorization response. */
  readonly authorizationResponse: On<
    'authorize',
    Overrides & { readonly duplicate?: readonly string[] }
  >
  /** Answers in the query, whatever `response_mode` was asked for. */
  readonly responseModeIgnored: On<'authorize'>
  /**
   * Redirects by the script of a page (modes `query` and `fragment`), as servers do that have
   * something to do in the browser first.
   */
  readonly scriptedRedirect: On<'authorize'>
  /** Shows the login page although `prompt=none` was asked for. */
  readonly promptNoneIgnored: On<'authorize'>
  /** Answers `invalid_request` to `prompt=none` without an `id_token_hint`. */
  readonly hintRequired: On<'authorize'>
  /** Shows a page that can be framed and says nothing. */
  readonly interactivePage: On<'authorize'>
  /**
   * Does not see the session cookie in a frame (`Sec-Fetch-Dest: iframe`): blocked third-party
   * cookies.
   */
  readonly noSession: On<'authorize'>
  /** Changes what the page of the `web_message` mode posts. */
  readonly webMessage: On<'authorize', WebMessageParameters>
  /** Gives that page another status than 200: many servers answer errors with 400. */
  readonly webMessageStatus: On<'authorize', { readonly status: number }>
  /** Puts `X-Frame-Options` on that page, `DENY` unless told. */
  readonly xFrameOptions: On<'authorize', { readonly value?: string }>
  /** Puts CSP `frame-ancestors` on that page, `'none'` unless told. */
  readonly frameAncestors: On<'authorize', { readonly value?: string }>
  /** Overrides claims of the userinfo response, for instance `sub`. */
  readonly userinfoResponse: On<'userinfo', Overrides>
  /** Overrides parameters (`state`) of the redirect back from a logout. */
  readonly endSessionResponse: On<'endSession', Overrides>
}

/** An OAuth error, 400 unless told. */
export interface OAuthErrorParameters {
  readonly error: string
  readonly description?: string
  readonly status?: number
  /** JSON unless told; `''` leaves the header out. */
  readonly contentType?: string
}

interface WebMessageParameters {
  readonly variant: WebMessageVariant
  /** For `late`. */
  readonly ms?: number
  /** For `navigate`. */
  readonly location?: string
}

/** The name of a fault; {@link FaultTable} says what each does. */
export type FaultName = keyof FaultTable

/**
 * One fault of that name: where, how often (until cleared, unless `times` is told), and its
 * parameters.
 */
export type FaultNamed<Name extends FaultName> = Name extends FaultName
  ? {
      readonly endpoint: FaultTable[Name]['endpoint']
      readonly name: Name
      /**
       * How many times it is applied; a fault counts when it takes effect, not when a request
       * passes by.
       */
      readonly times?: number
    } & FaultTable[Name]['parameters']
  : never

/** A way for the server to misbehave, as data. */
export type Fault = { [Name in FaultName]: FaultNamed<Name> }[FaultName]
