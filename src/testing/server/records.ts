import type { AuthorizationRequest } from '../endpoints/authorization-request.ts'
import type { ProviderLogin } from '../federation/identity-provider.ts'
import type { RegisteredUser } from './options.ts'
import type { User } from './users.ts'

/** The endpoints by name. */
export type Endpoint =
  | 'discovery'
  | 'jwks'
  | 'authorize'
  | 'par'
  | 'login'
  | 'account'
  | 'idpCallback'
  | 'token'
  | 'userinfo'
  | 'revocation'
  | 'endSession'
  | 'checkSession'

/** What the server remembers of a logged-in browser. */
export interface Session {
  /** The value of the cookie; every login makes a new one. */
  readonly id: string
  /** The public session id (the `sid` claim). */
  readonly sid: string
  readonly user: User
  /** In seconds. */
  readonly authTime: number
  /** How the user authenticated (RFC 8176); empty if nobody knows. */
  readonly amr: readonly string[]
  /** When a second factor was used, in milliseconds since the epoch. */
  readonly secondFactorAt?: number
  /** The id of the identity provider at which the user has logged in, if it was not here. */
  readonly identityProvider?: string
  /** Stands in every form of the account page, which another site cannot know. */
  readonly formToken: string
  readonly createdAt: number
  lastUsedAt: number
}

/** How a user has authenticated, as far as it is not a password just now. */
export type Authentication = Partial<
  Pick<Session, 'authTime' | 'amr' | 'secondFactorAt' | 'identityProvider'>
>

/** What a user agreed to at one login: the family of everything issued from it. */
export interface Grant {
  readonly id: string
  readonly clientId: string
  readonly user: Required<RegisteredUser>
  readonly sid: string
  /** In seconds. */
  readonly authTime: number
  readonly amr: readonly string[]
  readonly acr: string
  readonly request: AuthorizationRequest
  revoked: boolean
}

/** An authorization request that was pushed (RFC 9126), until it is used. */
export interface PushedRequest {
  readonly parameters: URLSearchParams
  readonly expiresAt: number
}

/** An authorization code. */
export interface IssuedCode {
  readonly grant: Grant
  readonly expiresAt: number
  used: boolean
}

/** A refresh token. */
export interface IssuedRefreshToken {
  readonly grant: Grant
  readonly expiresAt: number
  /** The thumbprint of the key that it is bound to. */
  readonly jkt?: string
  /** When it was used for the first time, if rotation has replaced it. */
  usedAt?: number
}

/** Somebody who has shown who they are, but may need a second factor. */
export interface FirstFactor {
  readonly user: User
  readonly how: Authentication
  /** The session to go on with; without it a login makes one. */
  readonly sessionId?: string
}

/** An access token, beside what it says itself. */
export interface IssuedAccessToken {
  readonly grant: Grant
  readonly scope: readonly string[]
  readonly expiresAt: number
  /** The thumbprint of the key that it is bound to. */
  readonly jkt?: string
  revoked: boolean
}

/** A login page that has been shown, and the browser that it was shown to. */
export interface Interaction {
  readonly id: string
  readonly browserId: string
  /** What it is for; without a request for the account page. */
  readonly request?: AuthorizationRequest
  /** Who is being asked for a one-time code. */
  firstFactor?: FirstFactor | undefined
  wrongCodes: number
  /** The login at an identity provider that is under way. */
  providerLogin?: ProviderLogin | undefined
  /** Who is logged in already and need only confirm. */
  readonly sessionId?: string
  readonly expiresAt: number
}

/** A page that asks a user whether to log out. */
export interface LogoutConfirmation {
  readonly id: string
  /** Whom it was shown to. */
  readonly sessionId: string
  readonly returnTo?: string
  readonly expiresAt: number
}

/** A request that the server has seen, preflights included. */
export interface SeenRequest {
  readonly endpoint: Endpoint
  readonly method: string
  readonly path: string
  readonly query: string
  /** The form as it came; not that of the login and account pages, which holds passwords. */
  readonly body: string
  /** Parameter names in the order sent, repeats included. */
  readonly names: readonly string[]
  /** The first value of each parameter. */
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly origin: string | null
  readonly secFetchDest: string | null
  /** Milliseconds since the epoch on the server's clock. */
  readonly time: number
}
