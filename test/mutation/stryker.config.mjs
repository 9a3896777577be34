// Mutation testing: changes `src` in small ways, and asks whether a unit test notices.
// decisions/0014 says why it is set so.
import { availableParallelism } from 'node:os'

export default {
  mutate: ['src/{protocol,browser,session,authorization,renewal}/**/*.ts'],
  testRunner: 'vitest',
  // The coverage says which tests to run. Asked again which files are related, Vitest finds none
  // from the second mutant on, and every mutant survives.
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: '.cache/mutation.json',
  tempDirName: '.cache/stryker',
  // Stryker would rewrite it with an interface that TypeScript 7 does not have; nothing here needs
  // it rewritten.
  tsconfigFile: 'none',
  disableTypeChecks: false,
  // A third of a test is waiting.
  concurrency: Math.ceil(availableParallelism() * 1.5),
  // On a busy machine a slow test is not an endless one, and would count as noticing the mutant.
  timeoutMS: 30_000,
  // What lies between is equivalent: no test can tell it from the source.
  thresholds: { high: 100, low: 99, break: 99 },
  reporters: ['progress', 'clear-text'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
}
