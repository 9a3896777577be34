// Reads from the test runners' own reports how many tests there were: each has a format of its own.

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function readPlaywright(text: string): Counts {
  const { stats } = JSON.parse(text) as {
    readonly stats: Readonly<Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>>
  }
  const { expected: passed, unexpected, flaky, skipped } = stats
  return { passed, failed: unexpected + flaky, skipped }
}

export function readVitest(text: string): Counts {
  const report = JSON.parse(text) as Readonly<Record<`num${string}`, number>>
  const count = (name: string): number => report[`num${name}`] ?? 0
  return {
    passed: count('PassedTests'),
    // A file that cannot be loaded has no tests, and is a failure all the same.
    failed: count('FailedTests') || count('FailedTestSuites'),
    skipped: count('PendingTests') + count('TodoTests'),
  }
}
