import type { ActiveFault } from './active-faults.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { ProviderLogin } from './identity-provider.ts'
import { createKeyRing, type KeyRing } from './keys.ts'
import type { Configuration, Lives, RegisteredUser } from './options.ts'
import type { SeenRequest } from './request-log.ts'
import type { Authentication, Session } from './sessions.ts'
import { createUsers, type User } from './users.ts'

/** The endpoints by name. */
export type Endpoint =
  | 'discovery'
  | 'jwks'
  | 'authorize'
  | 'login'
  | 'account'
  | 'idpCallback'
  | 'token'
  | 'userinfo'
  | 'revocation'
  | 'endSession'

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

/** An authorization code. */
interface IssuedCode {
  readonly grant: Grant
  readonly expiresAt: number
  used: boolean
}

/** A refresh token. */
interface IssuedRefreshToken {
  readonly grant: Grant
  readonly expiresAt: number
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

interface Memory {
  clockOffsetMs: number
  lives: Lives
  refreshTokenRotation: boolean
  users: User[]
  latency: Partial<Record<Endpoint, number>>
  sessions: Map<string, Session>
  interactions: Map<string, Interaction>
  logoutConfirmations: Map<string, LogoutConfirmation>
  codes: Map<string, IssuedCode>
  refreshTokens: Map<string, IssuedRefreshToken>
  accessTokens: Map<string, IssuedAccessToken>
  requests: SeenRequest[]
  faults: ActiveFault[]
}

/** Everything that the server remembers. */
export interface ServerState extends Memory {
  readonly configuration: Configuration
  readonly keys: KeyRing
  /** Milliseconds since the epoch on the server's clock. */
  now(): number
  reset(): void
}

const emptyMemory = ({ lives, users, refreshTokenRotation }: Configuration): Memory => ({
  clockOffsetMs: 0,
  lives,
  refreshTokenRotation,
  users: createUsers(users),
  latency: {},
  sessions: new Map(),
  interactions: new Map(),
  logoutConfirmations: new Map(),
  codes: new Map(),
  refreshTokens: new Map(),
  accessTokens: new Map(),
  requests: [],
  faults: [],
})

/** The state of a server that has just started. */
export function createState(configuration: Configuration): ServerState {
  const state: ServerState = {
    ...emptyMemory(configuration),
    configuration,
    keys: createKeyRing(configuration.issuer, configuration.signingAlg),
    now: () => configuration.now() + state.clockOffsetMs,
    reset() {
      Object.assign(state, emptyMemory(configuration))
      state.keys.reset()
    },
  }
  return state
}
