/**
 * Providers, a signal, a guard and an interceptor for Angular.
 *
 * @module sotto/angular
 */
export { bearer, type BearerOptions } from './bearer.ts'
export {
  AUTH,
  injectAuth,
  provideAuth,
  type InjectedAuth,
  type Register,
  type RegisteredUser,
} from './provide-auth.ts'
export { requireAuth, requireAuthIf } from './require-auth.ts'
