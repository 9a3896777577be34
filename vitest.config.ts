import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The same suite runs on the sources and, with TEST_DIST=1, on what npm will ship.
const [root, extension] = process.env['TEST_DIST'] ? ['dist', 'js'] : ['src', 'ts']
const entry = (name: string) =>
  fileURLToPath(new URL(`${root}/${name}.${extension}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^sotto$/, replacement: entry('index') },
      { find: /^sotto\/testing$/, replacement: entry('testing/index') },
      { find: /^sotto\/testing\/node$/, replacement: entry('testing/node') },
    ],
  },
  test: {
    include: process.env['TEST_DIST'] ? ['test/public/**/*.test.ts'] : ['test/**/*.test.ts'],
    exclude: ['test/size/**'],
    environment: 'node',
    // Not threads: a BroadcastChannel reaches those of the same process.
    pool: 'forks',
    // By default one core is left idle, and of two that is half.
    maxWorkers: '100%',
    typecheck: { enabled: false },
    restoreMocks: true,
    unstubGlobals: true,
  },
})
