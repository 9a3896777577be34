import { AuthError, isAuthError, withDetails, type RenewalAttempt } from '../errors.ts'
import { needsLogin } from '../protocol/authorization-response.ts'
import { NEEDS_LOGIN } from '../protocol/oauth-error.ts'
import type { TokenSet } from '../protocol/token-set.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { KeyedTarget } from '../authorization/resolve-target.ts'
import { createEntry, hasComeAfter, type TokenEntry } from '../session/token-cache.ts'
import { addUserInfo } from './add-user-info.ts'
import {
  IN_DOUBT,
  type InternalContext,
  type InternalOptions,
  type InternalStrategy,
  type RunOptions,
} from './internal-strategy.ts'

/** A token, and what happened on the way to it. */
export interface Renewed {
  readonly entry: TokenEntry
  /**
   * The label of the strategy that succeeded, or whose turn ended with what another tab had got
   * meanwhile; absent where that was there before any was asked.
   */
  readonly strategy?: string
  readonly attempts: readonly RenewalAttempt[]
}

/** Any result of a strategy. */
interface Outcome {
  readonly tokens?: TokenSet
  readonly entry?: TokenEntry
  readonly notPossible?: string
}

/** A token that is stored, or why there is none. */
type Stored = Pick<Outcome, 'entry' | 'notPossible'>

/**
 * After these no other strategy is tried, because it would meet the same: the client or the session
 * is not as it was, the clock or the metadata are wrong, or the server is too slow or asks for a
 * pause.
 */
const FINAL = /^(clock|config|dis|logged|server|timeout|user_)/

/**
 * Tries the strategies of the client in order, until one has a token. A refresh token in doubt is
 * the last resort.
 *
 * @throws AuthError with `attempts`, the whole story
 */
export async function runStrategies(
  context: InternalContext,
  target: KeyedTarget,
  options: RunOptions,
): Promise<Renewed> {
  const { session } = context
  const { generation } = options
  const attempts: RenewalAttempt[] = []
  const errors: AuthError[] = []
  const { renewal } = context.options
  const queue = [...renewal]
  // What is put at its end meanwhile has its turn, too.
  for (const [index, strategy] of queue.entries()) {
    const isLastResort = index >= renewal.length
    const label = partOf(strategy, 'label') ?? 'custom'
    if (partOf(strategy, 'isNeeded')?.(context) === false) continue
    try {
      // A logout may have come while the one before was at work.
      if (attempts.length) session.assertCurrent(generation)
      const given = { ...options, isLastResort, hasNext: index + 1 < queue.length }
      const outcome = await runOne(context, strategy, target, given)
      if (outcome.entry) return { entry: outcome.entry, strategy: label, attempts }
      attempts.push({ strategy: label, code: 'not_possible', reason: outcome.notPossible! })
      if (outcome.notPossible === IN_DOUBT && !isLastResort) queue.push(strategy)
    } catch (cause) {
      // All callers have given up.
      if (options.signal.aborted && !isAuthError(cause)) throw cause
      // One of the app's own has thrown what is no error of ours: the next has its turn.
      const isOurs = isAuthError(cause)
      const error = isOurs ? cause : new AuthError('config_invalid', { reason: 'renewal', cause })
      const { code, reason } = error
      attempts.push({ strategy: label, code, ...(reason && { reason }) })
      if (isOurs && FINAL.test(code)) throw withDetails(error, { attempts })
      errors.push(error)
    }
  }
  throw withDetails(chooseError(errors, attempts, !!session.refreshToken), { attempts })
}

/**
 * Runs one strategy, and stores what it brings. Those that use no refresh token take turns by
 * target, so that tabs that share a storage do not ask at once.
 */
async function runOne(
  context: InternalContext,
  strategy: InternalStrategy,
  target: KeyedTarget,
  options: InternalOptions,
): Promise<Stored> {
  const { session } = context
  const { generation } = options
  const run = async (given = options): Promise<Stored> => {
    const before = context.loginRequired
    const asked = strategy(context, target, given)
    await Promise.allSettled([asked])
    // A login in another tab is newer than the answer, which may be of the user before it.
    if (context.loginRequired !== before)
      return run({ ...options, generation: session.assertSilent(), revision: session.revision })
    const outcome: Outcome = ownFields(await asked)
    const { entry, notPossible, tokens } = outcome
    if (entry || notPossible !== undefined) return outcome
    return { entry: await storeTokens(context, tokens!, target, given) }
  }
  if (partOf(strategy, 'keepRefreshTokens')) return run()
  const find = (): Stored | undefined => {
    // A logout may have come while this tab waited for its turn.
    session.assertCurrent(generation)
    const entry = session.find(target.partition, target.scope)
    return entry && hasComeAfter(entry, options.since) ? { entry } : undefined
  }
  return session.inTurn(target.key, options.signal, find, run)
}

/**
 * Takes new tokens of the user who is signed in into the session.
 *
 * @param asked what the session was like when they were asked for; without a `revision`, as now
 * @throws AuthError `logged_out` or `user_changed`
 */
export async function storeTokens(
  context: InternalContext,
  given: TokenSet,
  target: KeyedTarget,
  asked: { readonly generation: string; readonly revision: object | undefined },
): Promise<TokenEntry> {
  // One of the app's own strategies may know nothing of the key.
  context.options.dpop?.checkType(given.tokenType)
  const tokens = await addUserInfo(context, ownFields<TokenSet>(given))
  const entry = createEntry(tokens, target)
  await context.session.renewed(tokens, entry, { ...asked, refreshToken: undefined })
  tellStrategies(context, tokens)
  return entry
}

/** A member of a strategy, its own: a polluted prototype must not add one. */
export function partOf<Name extends keyof InternalStrategy>(
  strategy: InternalStrategy,
  name: Name,
): InternalStrategy[Name] | undefined {
  return Object.hasOwn(strategy, name) ? strategy[name] : undefined
}

/**
 * Tells the strategies of new tokens. What one of the app's own throws is reported like an uncaught
 * error, as that of a listener is: the tokens are in the session already.
 */
export function tellStrategies(context: InternalContext, tokens: TokenSet): void {
  for (const strategy of context.options.renewal) {
    try {
      partOf(strategy, 'onLogin')?.(context, tokens)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

/**
 * Picks the error to report when all strategies have failed: a transient one, if a refresh token is
 * left; else the server's `login_required` or similar; else a transient one; else one of an answer
 * that was unfit; else the end of a refresh token; else the first. `not_possible` counts only if
 * nothing failed.
 */
function chooseError(
  errors: readonly AuthError[],
  attempts: readonly RenewalAttempt[],
  hasRefreshToken: boolean,
): AuthError {
  const transient = errors.filter(({ retryable }) => retryable)
  // A frame cannot say why it got no answer; what another strategy met does. Nor does the end of a
  // refresh token say that the session is over, where a frame had an answer, but an unfit one. One
  // that was refused says no more than one that could not ask.
  const tells = ({ code }: AuthError): boolean =>
    !/(session|silent|config|authorization|access)_/.test(code)
  const passing = transient.find(tells) ?? transient[0]
  const word = errors.find(({ code }) => NEEDS_LOGIN.test(code))
  return (
    ((hasRefreshToken && passing) || word) ??
    passing ??
    errors.find(tells) ??
    errors.find(needsLogin) ??
    errors[0] ??
    // Not `login_required`: that is the server's word, and it ends a session.
    new AuthError('interaction_required', { reason: attempts.at(-1)?.reason ?? 'no_strategy' })
  )
}
