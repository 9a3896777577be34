/**
 * An OpenID provider in memory, and a client that is none, for tests.
 *
 * @module sotto/testing
 */
export { fakeAuth, type FakeAuth, type FakeAuthCalls } from './app/fake-auth.ts'
export type { FakeAuthState } from './app/fake-state.ts'
export { signedIn, type SignedInOptions } from './app/signed-in.ts'
export {
  type AuthorizationOutcome,
  type AuthorizationServerControl,
  type ServerSnapshot,
  type SessionSummary,
} from './control/control.ts'
export {
  type Fault,
  type FaultName,
  type FaultNamed,
  type FaultTable,
  type WebMessageVariant,
} from './faults/faults.ts'
export { type Exchange } from './faults/replacement-faults.ts'
export { type FaultEndpoint } from './faults/transport-fault-table.ts'
export { type IdentityProvider } from './federation/identity-provider.ts'
export {
  createAuthorizationServer,
  type AuthorizationServer,
} from './server/authorization-server.ts'
export { type SigningAlg } from './server/keys.ts'
export {
  type AuthorizationServerOptions,
  type CookieAttributes,
  type Lives,
  type RegisteredClient,
  type RegisteredUser,
  type ResponseMode,
} from './server/options.ts'
export { type Endpoint, type SeenRequest } from './server/records.ts'
