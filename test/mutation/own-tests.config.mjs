// The first of two runs: most mutants are noticed by the tests of their own room, in milliseconds.
// What survives them is left to the run with all tests, which takes the rest from the file of this.
import config from './stryker.config.mjs'

export default {
  ...config,
  testFiles: ['test/{protocol,browser,session,authorization,renewal}/**/*.test.ts'],
  thresholds: { ...config.thresholds, break: null },
  reporters: ['progress'],
}
