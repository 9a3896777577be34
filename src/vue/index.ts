/**
 * A ref and a router's guard for Vue.
 *
 * @module sotto/vue
 */
export { createAuthGuard, type AuthGuardOptions } from './auth-guard.ts'
export { useAuth } from './use-auth.ts'
