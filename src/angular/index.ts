/**
 * Providers, a signal, a guard and an interceptor for Angular.
 *
 * @module sotto/angular
 */
export { bearer, type BearerOptions } from './bearer.ts'
export { AUTH, injectAuth, provideAuth } from './provide-auth.ts'
export type { InjectedAuth, Register, RegisteredUser } from './provide-auth.ts'
export { requireAuth, requireAuthIf } from './require-auth.ts'
