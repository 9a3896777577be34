/** The validated result of a token request. */
export interface TokenSet {
  readonly accessToken: string
  /** `bearer`; or `DPoP`, where the client has the option `dpop`. */
  readonly tokenType: string
  /** Seconds from receipt; 300 where the server did not say. */
  readonly expiresInSeconds: number
  /** The granted scope. */
  readonly scope: string
  readonly idToken: string
  /** The validated claims of `idToken`. */
  readonly claims: IdTokenClaims
  /** What else is known of the user, from the option `userInfo`. */
  readonly userInfo?: Readonly<Record<string, unknown>>
  /** Kept only where a renewal strategy uses it. */
  readonly refreshToken?: string
  /** What the server calls its session, for `sessionMonitor` (`session_state`). */
  readonly sessionState?: string | undefined
  /**
   * When the response came, on the clocks of `Date.now()` and `performance.now()`. Default: now.
   */
  readonly arrival?: { readonly wallMs: number; readonly tickMs: number }
}

export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly iat: number
  readonly [claim: string]: unknown
}
