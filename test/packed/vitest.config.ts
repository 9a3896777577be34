import { defineConfig } from 'vitest/config'

/** As an app has it: the same tests in both environments, and nothing may wait for long. */
export default defineConfig({
  test: {
    include: ['*.test.ts'],
    testTimeout: 2000,
    projects: ['happy-dom', 'jsdom'].map((environment) => ({
      extends: true as const,
      test: { name: environment, environment },
    })),
  },
})
