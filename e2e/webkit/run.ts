// Runs the end-to-end tests in WebKit: e2e/webkit through WebKitWebDriver where WebKitGTK exists,
// else the Playwright suite in Playwright's own build. `--report=<file>` writes the counts there.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findWebKitGtk, hasPlaywrightWebKit } from '../support/browsers.ts'
import { type Counts, readPlaywright } from '../../tools/counts.ts'
import { run } from '../../tools/run.ts'

const { values, positionals } = parseArgs({
  options: { report: { type: 'string' } },
  allowPositionals: true,
})
const scratch = mkdtempSync(join(tmpdir(), 'sotto-webkit-'))
const output = join(scratch, 'report')

const webKitGtk = findWebKitGtk()
if (webKitGtk) await runWebKitGtk(webKitGtk.wrapper)
else if (hasPlaywrightWebKit()) await runPlaywright()
else {
  console.error('WebKit was not found: run `npm run browsers`')
  process.exitCode = 1
}
rmSync(scratch, { recursive: true, force: true })

/** Runs the files named on the command line, or all of e2e/webkit. */
async function runWebKitGtk(wrapper: readonly string[]): Promise<void> {
  const all = readdirSync('e2e/webkit').filter((name) => name.endsWith('.test.ts'))
  const files = positionals.length > 0 ? positionals : all.map((name) => join('e2e/webkit', name))
  const [command = process.execPath, ...args] = [
    ...[...wrapper, process.execPath, '--import', 'tsx', '--test', '--test-concurrency=2'],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=tap', `--test-reporter-destination=${output}`],
    ...files,
  ]
  process.exitCode = await run(command, args)
  report((tap) => {
    const count = (name: string): number =>
      Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0)
    return {
      passed: count('pass'),
      failed: count('fail') + count('cancelled'),
      skipped: count('skipped') + count('todo'),
    }
  })
}

async function runPlaywright(): Promise<void> {
  const cli = 'node_modules/@playwright/test/cli.js'
  const args = [cli, 'test', '--project=webkit', '--reporter=list,json', ...positionals]
  process.exitCode = await run(process.execPath, args, { PLAYWRIGHT_JSON_OUTPUT_FILE: output })
  report(readPlaywright)
}

function report(read: (text: string) => Counts): void {
  if (values.report === undefined || !existsSync(output)) return
  writeFileSync(values.report, JSON.stringify(read(readFileSync(output, 'utf8'))))
}
