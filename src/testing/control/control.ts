import type { Fault, FaultName } from '../faults/faults.ts'
import type { FaultEndpoint } from '../faults/transport-fault-table.ts'
import type { JsonValue } from '../server/encoding.ts'
import type { Lives } from '../server/options.ts'
import type { Endpoint, SeenRequest } from '../server/records.ts'

/** A session as tests see it. Times in milliseconds since the epoch. */
export interface SessionSummary {
  readonly sid: string
  readonly sub: string
  readonly username: string
  /** The claim `name`, or the user name. */
  readonly name: string
  readonly authTime: number
  /**
   * How the user authenticated (RFC 8176): `['pwd']`, or `['pwd', 'otp', 'mfa']` with a second
   * factor.
   */
  readonly amr: readonly string[]
  /** When a second factor was used, if one was. */
  readonly secondFactorAt?: number
  /** The id of the identity provider at which the user has logged in, if it was not here. */
  readonly identityProvider?: string
  readonly createdAt: number
  readonly lastUsedAt: number
}

/** What a test can see of the server at once. */
export interface ServerSnapshot {
  readonly issuer: string
  readonly now: number
  readonly lives: Lives
  readonly refreshTokenRotation: boolean
  readonly latency: Readonly<Partial<Record<Endpoint, number>>>
  readonly faults: readonly Fault[]
  readonly sessions: readonly SessionSummary[]
  readonly requests: readonly SeenRequest[]
}

/** What came of an authorization request without a browser. */
export type AuthorizationOutcome =
  { readonly location: string } | { readonly messages: readonly JsonValue[] }

/**
 * What a test can look at and change. `POST /control` takes the same operations: the member's name
 * as `op`, beside the members of its argument, for instance `{ "op": "advanceClock", "seconds": 60
 * }`.
 */
export interface AuthorizationServerControl {
  /** Everything in one object; `GET /control` answers with the same. */
  snapshot(): ServerSnapshot
  /** The requests seen, oldest first, preflights included. */
  requests(filter?: { readonly endpoint?: Endpoint }): readonly SeenRequest[]
  clearRequests(): void
  sessions(): readonly SessionSummary[]
  /** Ends all sessions, or those of one user (user name or `sub`); says how many. */
  endSessions(filter?: { readonly user?: string }): number
  /** Revokes all refresh tokens, or those of one user; says how many. */
  revokeRefreshTokens(filter?: { readonly user?: string }): number
  /** Changes a password as the account page does: ends every session of the user; says how many. */
  changePassword(change: { readonly user: string; readonly password: string }): number
  /** The same with the e-mail address. */
  changeEmail(change: { readonly user: string; readonly email: string }): number
  /** The same with the phone number. */
  changePhone(change: { readonly user: string; readonly phone: string }): number
  /**
   * Starts a session without the login page; with a second factor if told, or unless told if the
   * user needs one. `cookie` is `name=value`, to be sent with requests; `stateCookie` is what the
   * page of `check_session_iframe` reads, where there is one.
   */
  signIn(login: { readonly user: string; readonly secondFactor?: boolean }): {
    readonly sid: string
    readonly cookie: string
    readonly stateCookie?: string
  }
  /** Answers an authorization request as if `user` had logged in just now, or as if nobody had. */
  authorize(asked: { readonly url: string; readonly user?: string }): AuthorizationOutcome
  /** Moves the server's clock; says what it shows. */
  advanceClock(by: { readonly seconds: number }): number
  /** Makes an endpoint wait before every answer; zero ends it. */
  setLatency(latency: { readonly endpoint: Endpoint; readonly ms: number }): void
  /** Changes how long things live that are issued from now on; session limits apply at once. */
  setLives(lives: Partial<Lives>): void
  /**
   * Turns rotation on or off from the next refresh on; a token that was replaced before stays so.
   */
  setRefreshTokenRotation(rotation: { readonly enabled: boolean }): void
  /** Adds a fault. A misspelled one throws a TypeError. */
  addFault(fault: Fault): void
  /** Clears all faults, or those of an endpoint or a name. */
  clearFaults(filter?: { readonly endpoint?: FaultEndpoint; readonly name?: FaultName }): void
  /**
   * Makes a new signing key and resolves with its `kid`; the old keys stay published unless told.
   */
  rotateKeys(options?: { readonly keepOld?: boolean }): Promise<string>
  /**
   * Takes everything back to the start: no sessions, codes, tokens, faults or requests, the first
   * key.
   */
  reset(): void
}
