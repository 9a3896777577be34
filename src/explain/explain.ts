import type { AuthWarning } from '../client/events.ts'
import { isAuthError, type AuthError, type AuthErrorCode } from '../errors.ts'
import { isError } from '../protocol/secret-text.ts'
import type { Advice, CodeAdvice, Facts, Phrase } from './advice/advice.ts'
import { callback } from './advice/callback.ts'
import { decision } from './advice/decision.ts'
import { renewal } from './advice/renewal.ts'
import { server } from './advice/server.ts'
import { setUp } from './advice/set-up.ts'
import { storage, warnings } from './advice/storage.ts'
import { tokens } from './advice/tokens.ts'
import { docsLink } from './docs-link.ts'

/** An error in words for a developer. */
export interface Explanation {
  /** What happened, with the values of this very error. */
  readonly what: string
  /** What to do about it. */
  readonly fix: string
  /** The section of the documentation, as it is in this version. */
  readonly docs: string
}

/** Every code of an error or a warning: the compiler holds it complete. */
const ADVICE: Readonly<Record<AuthErrorCode | AuthWarning['code'], CodeAdvice>> = {
  ...setUp,
  ...server,
  ...callback,
  ...decision,
  ...tokens,
  ...renewal,
  ...storage,
  ...warnings,
}

/**
 * Says what an error or a warning means and what to do about it, in words for a developer, with the
 * values that it carries: the URL that was asked, the two issuers, the status. No token, code,
 * verifier, nonce or state is in it, because none is in an error.
 *
 * @param error an `AuthError`, or the event of a `warning`
 * @example
 * ```ts
 * import { explain } from 'sotto/explain'
 *
 * const snapshot = await auth.start()
 * if (snapshot.status === 'error') console.error(explain(snapshot.error).fix)
 * ```
 */
export function explain(error: unknown): Explanation {
  const given = error as Partial<AuthError & AuthWarning> | null | undefined
  const code = given?.code
  if (code === undefined || !Object.hasOwn(ADVICE, code)) return foreign(error)
  const place = PLACES.get(given?.reason ?? '')
  const isWarning = !isAuthError(error)
  const facts: Facts = {
    reason: isWarning && place ? '' : (given?.reason ?? ''),
    status: given?.status,
    oauthError: given?.oauthError,
    retryAfterSeconds: given?.retryAfterSeconds,
    seen: given?.evidence ?? {},
  }
  const advice = ADVICE[code]
  const isIgnored = isWarning && code === 'config_invalid' && !place
  const { what, fix } = isIgnored ? IGNORED : { ...advice, ...reasonOf(advice, facts.reason) }
  return {
    what: [
      isWarning && place,
      say(what, facts),
      quote(given?.oauthErrorDescription),
      tried(given?.attempts),
    ]
      .filter(Boolean)
      .join(''),
    fix: say(fix, facts),
    docs: docsLink(code),
  }
}

/** Of warnings: where it happened, which a warning has in place of a reason. */
const PLACES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['callback', 'The answer to a login was not accepted. '],
  ['revocation', 'A refresh token could not be revoked at the logout. '],
  [
    'sessionMonitor',
    'The session at the server is over, and the user was not logged out here: `onEnded` has failed. ',
  ],
  [
    'idleTimeout',
    'A user who had left was logged out here, and this kept it from being done as the option `logout` says. ',
  ],
])

/** Of a warning alone: nothing is wrong with the option itself. */
const IGNORED: Advice = {
  what: ({ reason }) =>
    `Another client of this page with the same issuer and client ID came first, so the option ${reason} of this one is ignored.`,
  fix: 'Create the client once, in a module of its own, and import it everywhere; or give all of them the same options.',
}

function reasonOf({ reasons }: CodeAdvice, reason: string): Partial<Advice> | undefined {
  return reasons && Object.hasOwn(reasons, reason) ? reasons[reason] : undefined
}

function say(phrase: Phrase, facts: Facts): string {
  return typeof phrase === 'string' ? phrase : phrase(facts)
}

function quote(description: string | undefined): string {
  return description ? ` The server says: “${description}”` : ''
}

/** Which strategies gave up: the error of the call is only the last of them. */
function tried(attempts: AuthError['attempts']): string {
  const all = (attempts ?? []).map(({ strategy, code, reason }) =>
    [strategy, [code, reason].filter(Boolean).join(', ')].join(': '),
  )
  return all.length > 1 ? ` Tried: ${all.join('; ')}.` : ''
}

/** Not its message, which may hold whatever an app has put there. */
function foreign(error: unknown): Explanation {
  const name = isError(error) ? error.name : typeof error
  return {
    what: `This is no error of Sotto (${name}).`,
    fix: isAuthError(error)
      ? 'Another version of Sotto made it: see its own message.'
      : 'See its own message and stack.',
    docs: docsLink('errors-and-warnings'),
  }
}
