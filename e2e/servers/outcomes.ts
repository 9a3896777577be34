/** The eight steps, in the order of the table, with what a step says where nothing is special. */
export const BY_THE_BOOK = {
  /** The status after the way through the server's login page. */
  login: 'authenticated',
  /** Which of the claims `name` and `email` are in the ID token, and what UserInfo has of them. */
  claims: 'ID token: name, email; UserInfo: name, email',
  /** The response mode that was chosen for the hidden frame, or the error. */
  silent: 'fragment',
  /** Three renewals in a row by refresh token: `rotates`, `stays the same`, or the error. */
  refresh: 'rotates',
  /** The error of a silent renewal, once the server has no session any more. */
  sessionOver: 'login_required',
  /** Where a logout ends, and what the next login finds. */
  logout: 'comes back, asks again',
  /** The first silent request of a client that the server does not know. */
  wrongClient: 'silent_blocked (no_answer)',
  /** The first silent request with a redirect URI that is not registered. */
  wrongRedirectUri: 'silent_blocked (no_answer)',
} as const

export type Step = keyof typeof BY_THE_BOOK

export type Outcomes = Readonly<Record<Step, string>>

/** What the last run of a server has shown. */
export interface Result {
  readonly name: string
  readonly version: string
  readonly date: string
  /** The version of Chromium. */
  readonly browser: string
  readonly outcomes: Outcomes
}

interface Suite {
  readonly suites?: readonly Suite[]
  readonly specs?: readonly {
    readonly tests: readonly {
      readonly annotations: readonly { readonly type: string; readonly description?: string }[]
    }[]
  }[]
}

/** What the steps have written into the report of Playwright; `undefined` where one is missing. */
export function readOutcomes(report: string): Outcomes | undefined {
  const annotations = new Map(listAnnotations(JSON.parse(report) as Suite))
  const steps = Object.keys(BY_THE_BOOK) as Step[]
  if (steps.some((step) => !annotations.has(step))) return undefined
  return Object.fromEntries(steps.map((step) => [step, annotations.get(step)])) as Outcomes
}

function listAnnotations({ suites = [], specs = [] }: Suite): [string, string][] {
  const own = specs.flatMap(({ tests }) => tests.flatMap(({ annotations }) => annotations))
  return [
    ...own.map(({ type, description = '' }): [string, string] => [type, description]),
    ...suites.flatMap(listAnnotations),
  ]
}
