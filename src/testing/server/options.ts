import type { IdentityProvider } from '../federation/identity-provider.ts'
import type { JsonObject } from './encoding.ts'
import type { SigningAlg } from './keys.ts'

/** A registered client: a public one, as every single-page app is. */
export interface RegisteredClient {
  readonly clientId: string
  /** What the login page calls it; the client id unless told. */
  readonly name?: string
  /** Compared byte for byte (RFC 9700 section 2.1). */
  readonly redirectUris: readonly string[]
  /** Compared byte for byte (RP-Initiated Logout 1.0 section 3). */
  readonly postLogoutRedirectUris?: readonly string[]
  /** Origins that may read token responses (CORS); by default those of the redirect URIs. */
  readonly origins?: readonly string[]
  /**
   * With `refresh_token` every login brings a refresh token, not only one with `offline_access`.
   */
  readonly grantTypes?: readonly ('authorization_code' | 'refresh_token')[]
}

/** Somebody who can log in. */
export interface RegisteredUser {
  readonly sub: string
  readonly username: string
  readonly password: string
  /**
   * Claims for the ID token; `email` ones need the scope `email`, `phone_number` ones `phone`, all
   * others `profile`.
   */
  readonly claims?: JsonObject
  /** Whether the password alone is not enough; false unless told. */
  readonly secondFactor?: boolean
  /**
   * The one-time code of this user, six digits that never change; `123456` unless told. The page
   * shows it.
   */
  readonly oneTimeCode?: string
}

/** How long things live. */
export interface Lives {
  readonly accessTokenSeconds: number
  readonly idTokenSeconds: number
  /** From the login on: rotation does not extend it. */
  readonly refreshTokenSeconds: number
  /**
   * How long after its first use a rotated refresh token is still taken, for a client that has
   * lost the answer. With 0, which is the default, a second use ends all that came of the login.
   */
  readonly rotationGraceSeconds: number
  readonly codeSeconds: number
  /** After this long without a request that uses the session, it is over. */
  readonly sessionIdleSeconds: number
  /** This long after the login it is over, however much it is used. */
  readonly sessionAbsoluteSeconds: number
  /**
   * How long a second factor counts, as far as the session is not over: later the user is asked for
   * a code again.
   */
  readonly secondFactorSeconds: number
}

/**
 * How browsers treat the server's cookies; with `Strict` they come with no request that another
 * site caused.
 */
export interface CookieAttributes {
  readonly sameSite: 'Lax' | 'None' | 'Strict'
  /** Browsers want it with `None`, and take it over http only from this machine. */
  readonly secure: boolean
}

/** A value of `response_mode`; `okta_post_message` is Okta's flat message. */
export type ResponseMode = 'query' | 'fragment' | 'web_message' | 'okta_post_message'

/** The options of `createAuthorizationServer`. */
export interface AuthorizationServerOptions extends Partial<Lives> {
  /**
   * The exact issuer identifier; it may have a path. Requests are told apart by path, whatever
   * their host.
   */
  readonly issuer: string
  /**
   * By default `app`, with `/callback` and `/` at the ports of `localhost` that dev servers use.
   */
  readonly clients?: readonly RegisteredClient[]
  /** By default alice and bob, each with their own name as the password. */
  readonly users?: readonly RegisteredUser[]
  /** By default `query`, `fragment` and `web_message`. */
  readonly responseModes?: readonly ResponseMode[]
  /**
   * Values of `acr_values` that any login satisfies, the first by default; `['1', '2']` unless
   * told.
   */
  readonly acrValues?: readonly string[]
  /**
   * Values of `acr_values` that only a login with a second factor satisfies; who asks for one first
   * makes the server ask the user for a code. Unless told it is
   * `http://schemas.openid.net/pape/policies/2007/06/multi-factor`.
   */
  readonly multiFactorAcrValues?: readonly string[]
  /**
   * Whether every user needs a second factor; false unless told: then those need it whose own
   * `secondFactor` is true.
   */
  readonly secondFactor?: boolean
  /** Other providers at which users can log in, each with a button on the login page. */
  readonly identityProviders?: readonly IdentityProvider[]
  /** Reaches the identity providers; the global `fetch` unless told. */
  readonly fetch?: typeof fetch
  /** What the pages call the server; `Sotto mock` unless told. */
  readonly name?: string
  /** The color of the pages, as `#rrggbb`; others throw a TypeError. */
  readonly accent?: string
  /** Whether a refresh token is used up by its use; true unless told. */
  readonly refreshTokenRotation?: boolean
  /**
   * By default `Lax`; over https `None` and `Secure`, so that a frame on another site has its
   * session.
   */
  readonly cookies?: CookieAttributes
  /** How tokens are signed; `RS256` unless told. */
  readonly signingAlg?: SigningAlg
  /** Whether there is an `end_session_endpoint` (RP-Initiated Logout 1.0); true unless told. */
  readonly endSession?: boolean
  /**
   * Whether authorization requests can be pushed (RFC 9126), or must be; `optional` unless told.
   */
  readonly pushedAuthorizationRequests?: 'off' | 'optional' | 'required'
  /**
   * Whether there is a `check_session_iframe`, and a `session_state` in responses (OpenID Connect
   * Session Management 1.0); false unless told.
   */
  readonly checkSessionFrame?: boolean
  /**
   * Whether DPoP proofs (RFC 9449) need a nonce of the server, of which each answer has a new one;
   * false unless told.
   */
  readonly dpopNonces?: boolean
  /** Milliseconds since the epoch; `Date.now` unless told. */
  readonly now?: () => number
  /**
   * Whether `/control` exists; true unless told. It is for tests only: who reaches it can log in as
   * anybody.
   */
  readonly control?: boolean
  /** Origins of pages that may use `/control`, beside the server's own; none unless told. */
  readonly controlOrigins?: readonly string[]
  /**
   * Is told what a developer has to know, such as a redirect URI that is not registered; nobody
   * unless told.
   */
  readonly log?: (text: string) => void
}
