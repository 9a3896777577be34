// `npm test`: everything that must hold before a change is kept, in the order of what fails fastest.
// Sets itself up in a fresh clone. The counts in the last line come from the test runners' own reports.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installBrowsers } from './browsers.mjs'
import { installDependencies } from './install.mjs'
import { runNpm } from './run.mjs'

const reports = mkdtempSync(join(tmpdir(), 'sotto-test-'))

/** Each name but the first two is a script in package.json; `report` says how the step writes its counts. */
const steps = [
  { name: 'install dependencies', action: installDependencies },
  { name: 'install browsers', action: installBrowsers },
  { name: 'format:check' },
  { name: 'lint' },
  { name: 'typecheck' },
  { name: 'test:unit', report: vitestReport },
  { name: 'build' },
  { name: 'test:dist', report: vitestReport },
  { name: 'test:size' },
  { name: 'check:docs' },
  { name: 'check:exports' },
  { name: 'test:e2e', report: playwrightReport },
  { name: 'test:webkit', report: webkitReport },
]

function vitestReport(file) {
  return {
    args: ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    read: (report) => ({
      passed: report.numPassedTests,
      // A file that cannot be loaded has no tests, and is a failure all the same.
      failed: report.numFailedTests || report.numFailedTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    }),
  }
}

function playwrightReport(file) {
  return {
    args: ['--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    read: ({ stats }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    }),
  }
}

function webkitReport(file) {
  return { args: [`--report=${file}`], read: (counts) => counts }
}

async function runStep({ name, action, report }) {
  if (action) {
    await action()
    return undefined
  }
  const file = join(reports, `${name.replace(':', '-')}.json`)
  const { args = [], env = {}, read } = report?.(file) ?? {}
  const code = await runNpm(['run', '--silent', name, '--', ...args], env)
  const counts = read && existsSync(file) ? read(JSON.parse(readFileSync(file, 'utf8'))) : undefined
  if (code !== 0)
    throw Object.assign(new Error(`npm run ${name} ended with code ${code}`), { counts })
  if (read && !counts?.passed) throw new Error(`npm run ${name} passed without running a test`)
  return counts
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

const summary = []
const totals = { passed: 0, failed: 0, skipped: 0 }
const begin = performance.now()

function finish(name, result, since, counts) {
  for (const key of Object.keys(totals)) totals[key] += counts?.[key] ?? 0
  const tests = counts
    ? `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
    : ''
  summary.push(
    `  ${result.padEnd(7)}${name.padEnd(22)}${seconds(since).padStart(8)}  ${tests}`.trimEnd(),
  )
}

for (const step of steps) {
  const since = performance.now()
  console.log(`\n── ${step.name}`)
  try {
    finish(step.name, 'ok', since, await runStep(step))
  } catch (error) {
    finish(step.name, 'FAILED', since, error.counts)
    console.error(`\n${step.name} failed: ${error.message}`)
    process.exitCode = 1
    break
  }
}
rmSync(reports, { recursive: true, force: true })

console.log(`\n${summary.join('\n')}\n  in all ${seconds(begin)}`)
if (totals.skipped > 0) console.log(`  ${totals.skipped} skipped`)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
