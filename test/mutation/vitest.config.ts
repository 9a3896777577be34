import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import config from '../../vitest.config.ts'

/**
 * The tests of the mutated files themselves: most mutants die there, in milliseconds, and the rest
 * is then left out.
 */
const OWN_TESTS = /\/test\/(protocol|browser|session|authorization|renewal)\//

class OwnTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isOwn = ({ moduleId }: TestSpecification): boolean => OWN_TESTS.test(moduleId)
    return [...sorted.filter(isOwn), ...sorted.filter((file) => !isOwn(file))]
  }
}

const { test, ...rest } = config({ command: 'serve', mode: 'test' })

/** How Stryker runs the tests, from the project's root. */
export default mergeConfig<ViteUserConfig, ViteUserConfig>(
  // Stryker has threads, which take no options of V8.
  { ...rest, test: { ...test, execArgv: [] } },
  defineConfig({
    test: {
      // What kills a mutant shall be a named test, and not an input that happened to be drawn.
      exclude: ['test/fuzz/**'],
      sequence: { sequencer: OwnTestsFirst },
      // A promise that a mutant never fulfils is waited for in full.
      testTimeout: 5_000,
      setupFiles: ['test/mutation/fresh-modules.ts'],
    },
  }),
)
