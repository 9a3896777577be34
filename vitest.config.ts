import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { ByEnvironment } from './test/support/by-environment.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }

const ENTRIES = ['angular', 'devtools', 'dpop', 'explain', 'react', 'svelte', 'vue', 'worker']

/** What `--mode` runs in place of the tests of `src`; each needs the built package. */
const SUITES: Readonly<Record<string, string>> = {
  // The same as on the sources, on what npm will ship.
  dist: 'test/{public,dist,react,vue,svelte,angular}/**/*.test.{ts,tsx}',
  docs: 'test/docs/*.test.ts',
  size: 'test/size/*.test.ts',
}

export default defineConfig(({ mode }) => {
  const isDist = mode === 'dist'
  const suite = SUITES[mode]
  const entry = (name: string) =>
    fileURLToPath(new URL(isDist ? `dist/${name}.js` : `src/${name}.ts`, import.meta.url))

  return {
    // As the build has it.
    define: { SOTTO_VERSION: JSON.stringify(version) },
    resolve: {
      alias: [
        { find: /^sotto$/, replacement: entry('index') },
        ...ENTRIES.map((name) => ({
          find: new RegExp(`^sotto/${name}$`),
          replacement: entry(`${name}/index`),
        })),
        { find: /^sotto\/testing$/, replacement: entry('testing/index') },
        { find: /^sotto\/testing\/node$/, replacement: entry('testing/node') },
      ],
    },
    test: {
      include: [suite ?? 'test/**/*.test.{ts,tsx}'],
      exclude: suite ? [] : ['test/{dist,docs,packed,size}/**'],
      env: isDist ? { TEST_DIST: '1' } : {},
      environment: 'node',
      // Not threads: a BroadcastChannel reaches those of the same process.
      pool: 'forks',
      // A new process for each file takes a third of the time. Tests leave nothing behind, or fail.
      isolate: false,
      sequence: { sequencer: ByEnvironment },
      setupFiles: ['test/support/leave-nothing.ts'],
      // What was compiled is kept for the next run: it takes a seventh less. Vitest tells by the
      // text of a file, this one and the lockfile whether it still holds.
      experimental: { fsModuleCache: true, fsModuleCachePath: '.cache/vitest' },
      // A test runs once: to compile it for speed takes longer than it saves.
      execArgv: ['--no-opt'],
      // A third of a test is waiting: for timers, sockets and the threads that sign.
      maxWorkers: Math.ceil(availableParallelism() * 1.5),
      // A busy machine is no reason to fail.
      testTimeout: 20_000,
      hookTimeout: 20_000,
      restoreMocks: true,
      unstubGlobals: true,
    },
  }
})
