import type { TokenEntry } from '../session/token-cache.ts'
import type { ClientContext } from '../client/context.ts'
import { AuthError, isAuthError, type RenewalAttempt } from '../errors.ts'
import { needsLogin } from '../protocol/authorization-response.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import type { Target } from '../protocol/transaction.ts'
import type { RenewalOptions } from './renewal-strategy.ts'
import { isOffline } from '../browser/environment.ts'
import { assertGeneration, storeTokens } from '../session/store-tokens.ts'

/** What happened on the way to a token, for events and errors. */
export interface RenewalTrace {
  strategy?: string
  readonly attempts: RenewalAttempt[]
}

/** Any result of a strategy. */
interface Outcome {
  readonly tokens?: TokenSet
  readonly entry?: TokenEntry
  readonly notPossible?: string
}

/** After these no other strategy is tried: the session itself is not as it was, or the server asks for a pause. */
const FINAL =
  /^(clock_skew|config_invalid|disposed|discovery_\w+|logged_out|user_changed|server_error|timeout)$/

/**
 * Tries the strategies of the client in order, until one has a token.
 *
 * @throws AuthError with `attempts`, the whole story
 */
export async function runStrategies(
  context: ClientContext,
  target: Target,
  options: RenewalOptions,
  trace: RenewalTrace,
): Promise<TokenEntry> {
  const { generation } = context.marker.read()
  const { attempts } = trace
  const errors: AuthError[] = []
  for (const strategy of context.options.renewal) {
    const label = strategy.label ?? 'custom'
    try {
      // Somebody may have logged out while the one before was at work.
      assertGeneration(context, generation)
      const { tokens, entry, notPossible }: Outcome = ownFields(
        await strategy(context, target, options),
      )
      if (notPossible === undefined) {
        const store = { generation, interactive: false, lockUntil: options.lockUntil }
        const renewed = entry ?? (await storeTokens(context, tokens!, target, store))
        trace.strategy = label
        return renewed
      }
      attempts.push({ strategy: label, code: 'not_possible', reason: notPossible })
    } catch (error) {
      if (!isAuthError(error)) throw error
      const { code, reason } = error
      attempts.push({ strategy: label, code, ...(reason && { reason }) })
      if (FINAL.test(code)) throw Object.assign(error, { attempts })
      errors.push(error)
      // Nobody is reached from here, in no way.
      if (isOffline()) break
    }
  }
  throw Object.assign(chooseError(errors, attempts), { attempts })
}

/**
 * What the failure of several strategies is: the server's word on its session, if one of them got it; else what may pass, because then
 * nothing is decided; else the first. A strategy that was not possible does not count beside one that failed.
 */
function chooseError(errors: readonly AuthError[], attempts: readonly RenewalAttempt[]): AuthError {
  return (
    errors.find((error) => needsLogin(error) && error.code !== 'session_expired') ??
    errors.find(({ retryable }) => retryable) ??
    errors[0] ??
    // Not `login_required`: that is the server's word, and it ends a session.
    new AuthError('interaction_required', { reason: attempts.at(-1)?.reason ?? 'no_strategy' })
  )
}
