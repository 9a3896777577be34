interface Row {
  readonly hash: string
  readonly mutants: number
  readonly survived: number
  readonly killedBy: readonly string[]
}

interface MutationScore {
  readonly config: string
  readonly files: Readonly<Record<string, Row>>
  readonly tests: Readonly<Record<string, string>>
}

export function hash(text?: string): string
export function hashConfig(readFile: (path: string) => string | undefined): string
export function hashTests(text?: string): string[]
export function findMutationProblems(
  score: MutationScore,
  survivors: Readonly<Record<string, readonly unknown[]>>,
  sources: readonly string[],
  readFile: (path: string) => string | undefined,
): string[]
