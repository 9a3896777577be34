// Runs the public part of the unit tests on what npm will ship. A script, because no one syntax sets a variable in every shell.
import { run } from './run.mjs'

const vitest = 'node_modules/vitest/vitest.mjs'
process.exitCode = await run(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  TEST_DIST: '1',
})
