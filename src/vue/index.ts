export { createAuthGuard, type AuthGuardOptions } from './auth-guard.ts'
export { useAuth } from './use-auth.ts'
