export { createAuthorizationServer, type AuthorizationServer } from './authorization-server.ts'
export {
  type AuthorizationServerOptions,
  type CookieAttributes,
  type Lives,
  type RegisteredClient,
  type RegisteredUser,
  type ResponseMode,
} from './options.ts'
export {
  type AuthorizationOutcome,
  type AuthorizationServerControl,
  type ServerSnapshot,
  type SessionSummary,
} from './control.ts'
export {
  type Fault,
  type FaultName,
  type FaultNamed,
  type FaultTable,
  type WebMessageVariant,
} from './faults.ts'
export { type IdentityProvider } from './identity-provider.ts'
export { type SigningAlg } from './keys.ts'
export { type SeenRequest } from './request-log.ts'
export { type Endpoint } from './state.ts'
export { type Exchange } from './replacement-faults.ts'
export { type FaultEndpoint } from './transport-fault-table.ts'
