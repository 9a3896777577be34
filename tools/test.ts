// `npm test`: everything that must hold before a change is kept, in the order of what fails
// fastest. With `--all` also what takes long. By hand and not by npm-run-all, because the last line
// has the counts of all runners, and a step that runs no test fails.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Counts, readPlaywright, readVitest } from './counts.ts'
import { run } from './run.ts'

/** A script of package.json. */
interface Step {
  readonly name: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** How the runner is told to write a report into `file`, and what is read from it. */
  readonly report?: (file: string) => Report
}

interface Report {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly read: (text: string) => Counts
}

const vitest = (file: string): Report => ({
  args: ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
  read: readVitest,
})
const playwright = (file: string): Report => ({
  args: ['--reporter=list,json'],
  env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file },
  read: readPlaywright,
})
/** Of our own runners. */
const own = (file: string): Report => ({
  args: [`--report=${file}`],
  read: (text) => JSON.parse(text) as Counts,
})

const core: readonly Step[] = [
  { name: 'format:check' },
  { name: 'lint' },
  { name: 'typecheck' },
  { name: 'test:unit', report: vitest },
  { name: 'build' },
  { name: 'test:dist', report: vitest },
  { name: 'test:size', report: vitest },
  { name: 'trace' },
  { name: 'check:docs', report: vitest },
  // Before what reads the configuration of Playwright, which names them.
  { name: 'browsers' },
  { name: 'check:exports' },
  { name: 'test:e2e', report: playwright },
  { name: 'test:webkit', report: own },
]
const long: readonly Step[] = [
  {
    name: 'test:unit',
    args: ['test/fuzz', 'model.test.ts'],
    env: { FUZZ_RUNS: '20', FUZZ_SEED: '2', MODEL_RUNS: '500', MODEL_SEED: '2' },
    report: vitest,
  },
  { name: 'test:unit', args: ['tab-matrix.test.ts'], env: { MATRIX: 'whole' }, report: vitest },
  { name: 'docs:build' },
  { name: 'test:packed', report: vitest },
  { name: 'fleet' },
  { name: 'soak', env: { SOAK_MINUTES: '5' }, report: playwright },
  { name: 'test:long', report: playwright },
  { name: 'test:firefox', report: playwright },
  { name: 'test:e2e', args: ['--repeat-each=3'], report: playwright },
  // Those of Debian are installed by root only.
  { name: 'test:servers', args: ['--npm', '--dry'], report: own },
  { name: 'mutate:all' },
]

const reports = mkdtempSync(join(tmpdir(), 'sotto-test-'))
const totals = { passed: 0, failed: 0, skipped: 0 }
const summary: string[] = []
const begin = performance.now()
for (const step of process.argv.includes('--all') ? [...core, ...long] : core)
  if (!(await runStep(step))) {
    process.exitCode = 1
    break
  }
rmSync(reports, { recursive: true, force: true })
console.log(`\n${summary.join('\n')}\n  in all ${seconds(begin)}`)
if (totals.skipped > 0) console.log(`  ${totals.skipped} skipped`)
console.log(`${totals.passed} passed, ${totals.failed} failed`)

async function runStep({ name, args = [], env, report }: Step): Promise<boolean> {
  const since = performance.now()
  console.log(`\n── ${[name, ...args].join(' ')}`)
  const file = join(reports, `${summary.length}.json`)
  const { read, ...how }: Partial<Report> = report?.(file) ?? {}
  const command = ['run', '--silent', name, '--', ...(how.args ?? []), ...args]
  const code = await run('npm', command, { ...env, ...how.env })
  const counts = read && existsSync(file) ? read(readFileSync(file, 'utf8')) : undefined
  for (const key of ['passed', 'failed', 'skipped'] as const) totals[key] += counts?.[key] ?? 0
  const isEmpty = read !== undefined && !counts?.passed
  const isFine = code === 0 && !isEmpty && !counts?.failed
  if (code !== 0) console.error(`\nnpm run ${name} ended with code ${code}`)
  else if (isEmpty) console.error(`\nnpm run ${name} passed without running a test`)
  const tests =
    counts && `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
  const row = [(isFine ? 'ok' : 'FAILED').padEnd(7), name.padEnd(16), seconds(since).padStart(8)]
  summary.push(`  ${row.join('')}  ${tests ?? ''}`.trimEnd())
  return isFine
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
