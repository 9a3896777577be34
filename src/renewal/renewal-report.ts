import type { AuthErrorCode, RenewalAttempt } from '../errors.ts'

/** How a renewal ended. */
export interface RenewalReport {
  readonly outcome: 'success' | 'failure'
  /** How long it took, in milliseconds. */
  readonly durationMs: number
  /**
   * The label of the strategy that succeeded, or whose turn ended with what another tab had got;
   * absent where that was there before, and where all have failed.
   */
  readonly strategy?: string
  /** The strategies that gave up before it, in order. */
  readonly attempts: readonly RenewalAttempt[]
  /** The code of the error that the calls were given. */
  readonly error?: AuthErrorCode
}
