import type { AuthClient } from '../client/auth-client.ts'
import type { AuthWarning } from '../client/events.ts'
import { AuthError } from '../errors.ts'
import type { RenewalReport } from '../renewal/renewal-report.ts'
import { explain } from './explain.ts'

/** Where problems are printed; `console` fits. */
export interface ExplainErrorsOptions {
  /** Default: the global `console`. */
  readonly console?: Pick<Console, 'group' | 'groupEnd' | 'warn'> | undefined
}

/** What an app meets every day: nobody is signed in, and a button or a redirect is the answer. */
const ORDINARY =
  /^(login_required|interaction_required|consent_required|account_selection_required|logged_out|user_changed|disposed)$/

/**
 * Prints what goes wrong, each problem once, with what it means, what to do and where to read on.
 * For development: it is long, and for nobody but you. That nobody is signed in is no problem.
 *
 * @returns a function that ends it
 * @example
 * ```ts
 * import { explainErrors } from 'sotto/explain'
 *
 * const stop = explainErrors(auth)
 * ```
 */
export function explainErrors(
  auth: AuthClient<object>,
  { console: out = globalThis.console }: ExplainErrorsOptions = {},
): () => void {
  const said = new Set<string>()
  const timers = new Set<ReturnType<typeof setTimeout>>()

  function print(problem: AuthError | AuthWarning): void {
    const { what, fix, docs } = explain(problem)
    const name = nameOf(problem)
    said.add(problem.code).add(name)
    if (said.has(what)) return
    said.add(what)
    out.group(`Sotto: ${name}`)
    out.warn(`${what}\n${fix}\n${docs}`)
    out.groupEnd()
  }

  /**
   * For an event that says less than the error that is about to be in the snapshot: it is printed
   * where no such error comes in the same turn, or has come before.
   *
   * @param name what the two have in common
   */
  function printUnlessSaid(problem: AuthError | AuthWarning, name: string): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (!said.has(name)) print(problem)
    })
    timers.add(timer)
  }

  function look(): void {
    const snapshot = auth.getSnapshot()
    if (snapshot.status === 'error') print(snapshot.error)
  }

  const ends = [
    auth.subscribe(look),
    auth.on('warning', (warning) =>
      // The error has a reason of its own.
      warning.reason === 'callback' ? printUnlessSaid(warning, warning.code) : print(warning),
    ),
    auth.on('renewal', ({ error: code, attempts }: RenewalReport) => {
      if (code === undefined || ORDINARY.test(code)) return
      const reason = attempts.find((attempt) => attempt.code === code)?.reason
      const error = new AuthError(code, { ...(reason !== undefined && { reason }) })
      printUnlessSaid(error, nameOf(error))
    }),
  ]
  look()
  return () => {
    for (const end of ends) end()
    for (const timer of timers) clearTimeout(timer)
  }
}

function nameOf({ code, reason }: AuthError | AuthWarning): string {
  return [code, reason].filter(Boolean).join(', ')
}
