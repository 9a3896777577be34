// Mutation testing: changes `src` in small ways, and asks whether a unit test notices. decisions/0014 says why it is set so.
export default {
  mutate: ['src/{protocol,browser,session,authorization,renewal}/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: '.cache/mutation.json',
  tempDirName: '.cache/stryker',
  // Stryker would rewrite it with an interface that TypeScript 7 does not have; nothing here needs it rewritten.
  tsconfigFile: 'none',
  disableTypeChecks: false,
  // On a busy machine a slow test is not an endless one, and would count as noticing the mutant.
  timeoutMS: 60_000,
  reporters: ['progress', 'clear-text'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
}
