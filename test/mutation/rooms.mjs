// All tests on each room in turn: which of them reaches which mutant of all five rooms is more than
// a process can hold. Each run keeps the results of the ones before, so that the last says whether
// the whole is above the threshold.
import { spawnSync } from 'node:child_process'

const STRYKER = 'node_modules/@stryker-mutator/core/bin/stryker.js'

for (const room of ['protocol', 'browser', 'session', 'authorization', 'renewal']) {
  const args = [STRYKER, 'run', 'test/mutation/stryker.config.mjs']
  args.push('--mutate', `src/${room}/**/*.ts`)
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}
