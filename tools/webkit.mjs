// Runs the end-to-end tests in WebKit: e2e/webkit through WebKitWebDriver where WebKitGTK exists, else the Playwright suite in
// Playwright's own build. `--report=<file>` writes the counts there.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findWebKitGtk, hasPlaywrightBuild } from './browsers.mjs'
import { root, run } from './run.mjs'

const { values, positionals } = parseArgs({
  options: { report: { type: 'string' } },
  allowPositionals: true,
})
const scratch = mkdtempSync(join(tmpdir(), 'sotto-webkit-'))
const output = join(scratch, 'report')

const webKitGtk = findWebKitGtk()
if (webKitGtk) await runWebKitGtk(webKitGtk)
else if (process.platform !== 'linux' && (await hasPlaywrightBuild('webkit'))) await runPlaywright()
else {
  console.error('WebKit was not found: run `npm run browsers`')
  process.exitCode = 1
}
rmSync(scratch, { recursive: true, force: true })

/** Runs the files named on the command line, or all of e2e/webkit. */
async function runWebKitGtk({ wrapper = [] }) {
  const files = readdirSync(join(root, 'e2e', 'webkit'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('e2e', 'webkit', name))
  const [command, ...args] = [
    ...wrapper,
    process.execPath,
    '--import',
    'tsx',
    '--test',
    '--test-concurrency=1',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${output}`,
    ...(positionals.length > 0 ? positionals : files),
  ]
  process.exitCode = await run(command, args)
  report((tap) => {
    const count = (name) => Number(tap.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? 0)
    return {
      passed: count('pass'),
      failed: count('fail') + count('cancelled'),
      skipped: count('skipped') + count('todo'),
    }
  })
}

async function runPlaywright() {
  const cli = join('node_modules', '@playwright', 'test', 'cli.js')
  const args = [cli, 'test', '--project=webkit', '--reporter=list,json', ...positionals]
  process.exitCode = await run(process.execPath, args, { PLAYWRIGHT_JSON_OUTPUT_FILE: output })
  report((json) => {
    const { stats } = JSON.parse(json)
    return {
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    }
  })
}

function report(read) {
  if (values.report === undefined || !existsSync(output)) return
  writeFileSync(values.report, JSON.stringify(read(readFileSync(output, 'utf8'))))
}
