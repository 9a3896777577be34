import type { ActiveFault } from '../faults/active-faults.ts'
import type { Configuration } from './configuration.ts'
import { createKeyRing, type KeyRing } from './keys.ts'
import type { Lives } from './options.ts'
import type {
  Endpoint,
  Interaction,
  IssuedAccessToken,
  IssuedCode,
  IssuedRefreshToken,
  LogoutConfirmation,
  PushedRequest,
  SeenRequest,
  Session,
} from './records.ts'
import { createUsers, type User } from './users.ts'

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
  pushedRequests: Map<string, PushedRequest>
  /** When each DPoP nonce was issued, and each proof seen. */
  nonces: Map<string, number>
  proofs: Map<string, number>
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
  pushedRequests: new Map(),
  nonces: new Map(),
  proofs: new Map(),
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
