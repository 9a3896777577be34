import type { AuthErrorCode, RenewalAttempt } from '../errors.ts'

/** How a renewal ended. */
export interface RenewalReport {
  readonly outcome: 'success' | 'failure'
  readonly durationMs: number
  readonly strategy?: string
  readonly attempts: readonly RenewalAttempt[]
  readonly error?: AuthErrorCode
}
