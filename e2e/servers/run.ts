// `npm run test:servers`, after a build: the same eight steps with servers that nobody here wrote,
// one after the other, and the table of docs/servers.md made from what they showed. Names of servers
// choose some; `--npm` leaves out those of Debian, which only root can install; `--dry` writes no
// table; `--report=<file>` writes the counts there.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { type Counts, readPlaywright } from '../../tools/counts.ts'
import { root, run } from '../../tools/run.ts'
import { requireHeadlessShell } from '../support/browsers.ts'
import { install, readVersion } from './install.ts'
import { readOutcomes, type Result } from './outcomes.ts'
import { writeResults } from './result.ts'
import type { Server } from './server.ts'
import { findServer, servers } from './servers.ts'

const { values, positionals } = parseArgs({
  options: {
    npm: { type: 'boolean' },
    dry: { type: 'boolean' },
    report: { type: 'string' },
  },
  allowPositionals: true,
})
const chosen = (positionals.length > 0 ? positionals.map(findServer) : servers).filter(
  ({ from }) => !values.npm || from !== 'debian',
)
const scratch = mkdtempSync(join(tmpdir(), 'sotto-servers-'))
const totals = { passed: 0, failed: 0, skipped: 0 }
const browser = await readBrowserVersion()
const results: Result[] = []
const failed: string[] = []

for (const server of chosen) {
  console.log(`\n── ${server.name}`)
  const result = await runServer(server).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    totals.failed += 1
    return undefined
  })
  if (result) results.push(result)
  else failed.push(server.name)
}
rmSync(scratch, { recursive: true, force: true })
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(totals))
if (!values.dry) await writeResults(results)

for (const { name, version, outcomes } of results) console.log(name, version, outcomes)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
if (failed.length > 0) {
  console.error(`not as expected: ${failed.join(', ')}`)
  process.exitCode = 1
}

/** Resolves with the result of a server that did what is expected of it. */
async function runServer(server: Server): Promise<Result | undefined> {
  await install(server)
  const output = join(scratch, `${server.name}.json`)
  const cli = join(root, 'node_modules/@playwright/test/cli.js')
  // One after the other: the server is started once.
  const args = [cli, 'test', '--project=servers', '--workers=1', '--reporter=list,json']
  const env = { SOTTO_SERVER: server.name, PLAYWRIGHT_JSON_OUTPUT_FILE: output }
  const code = await run(process.execPath, args, env)
  const report = existsSync(output) ? readFileSync(output, 'utf8') : undefined
  const counts: Counts = report ? readPlaywright(report) : { passed: 0, failed: 1, skipped: 0 }
  for (const key of ['passed', 'failed', 'skipped'] as const) totals[key] += counts[key]
  const outcomes = code === 0 && report ? readOutcomes(report) : undefined
  const date = new Date().toISOString().slice(0, 10)
  return outcomes && { name: server.name, version: readVersion(server), date, browser, outcomes }
}

async function readBrowserVersion(): Promise<string> {
  const instance = await chromium.launch(requireHeadlessShell())
  try {
    return instance.version()
  } finally {
    await instance.close()
  }
}
