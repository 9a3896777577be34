import type { AuthErrorEvidence } from '../errors.ts'
import { cleanErrorValue } from './oauth-error.ts'

/**
 * A URL as an error may show it: a query or a fragment can hold what is secret. An app in JavaScript
 * may have given something else.
 */
export function bareUrl(url: string | URL): string {
  return String(url).split(/[?#]/)[0]!
}

/**
 * Two values that should be the same, as evidence. Configuration only: never a nonce or a state.
 *
 * @param got foreign, so it is kept as far as it is printable, and cut
 */
export function difference(expected: string, got: unknown): AuthErrorEvidence {
  return { expected, got: cleanErrorValue(String(got), 300) }
}
