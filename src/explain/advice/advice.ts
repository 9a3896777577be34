import type { AuthErrorEvidence } from '../../errors.ts'

/** What an error says of itself, as far as a sentence may name it. */
export interface Facts {
  /** Empty where there is none. */
  readonly reason: string
  readonly status?: number | undefined
  readonly oauthError?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly seen: AuthErrorEvidence
}

/** A sentence, or one that names what was seen. */
export type Phrase = string | ((facts: Facts) => string)

/** What happened, and what to do about it. */
export interface Advice {
  readonly what: Phrase
  readonly fix: Phrase
}

/** The advice of one code, and what is different for a reason. */
export interface CodeAdvice extends Advice {
  readonly reasons?: Readonly<Record<string, Partial<Advice>>>
}

/** The advice of some codes. */
export type AdviceOf<Code extends string> = Readonly<Record<Code, CodeAdvice>>

/** The same advice for several reasons. */
export function each(reasons: readonly string[], advice: Partial<Advice>): CodeAdvice['reasons'] {
  return Object.fromEntries(reasons.map((reason) => [reason, advice]))
}

/** The URL that was asked, or words for it. A sentence begins with it. */
export function asked({ seen }: Facts, otherwise = 'The server'): string {
  return seen.asked ?? otherwise
}

/** This page's origin, or words for it. */
export function pageOrigin({ seen }: Facts): string {
  return seen.origin ?? 'the origin of this page'
}

/** `expected` and `got`, where the error has them. */
export function compared({ seen: { expected, got } }: Facts): string {
  return expected === undefined || got === undefined ? '' : ` Expected ${expected}, got ${got}.`
}

/** The status and the word of the server, where the error has them. */
export function answered({ status, oauthError }: Facts): string {
  const words = [status, oauthError].filter(Boolean).join(', ')
  return words && ` (${words})`
}

/** What the server was asked for, where the error has it. */
export function wanted({ seen }: Facts): string {
  const names = ['clientId', 'redirectUri', 'scope', 'audience', 'resource'] as const
  const parts = names.flatMap((name) => (seen[name] ? `${name} ${seen[name]}` : []))
  return parts.length ? ` It was asked for ${parts.join(', ')}.` : ''
}
