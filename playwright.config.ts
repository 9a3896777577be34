import { defineConfig } from '@playwright/test'
import { hasPlaywrightBuild, requireBrowser } from './tools/browsers.mjs'
import type { Options } from './e2e/support/fixtures.ts'

// What only Chromium can be told to do.
const notForOthers = { testIgnore: '**/e2e/chromium/**' }

// Playwright's own WebKit exists where WebKitGTK does not; on Linux e2e/webkit drives the latter.
const webKitProjects =
  process.platform !== 'linux' && (await hasPlaywrightBuild('webkit'))
    ? [{ ...notForOthers, name: 'webkit', use: { browserName: 'webkit' } as const }]
    : []

export default defineConfig<Options>({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // This one has no `paths`: tests use the package as npm ships it.
  tsconfig: './tsconfig.build.json',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  workers: 2,
  // A busy machine may miss a deadline once; a second failure is one.
  retries: process.env['CI'] ? 1 : 0,
  timeout: 30_000,
  reporter: 'list',
  use: { ignoreHTTPSErrors: true, trace: { mode: 'retain-on-failure', screenshots: false } },
  projects: [
    { name: 'chromium', use: { browserName: 'chromium', ...(await requireBrowser('chromium')) } },
    {
      ...notForOthers,
      name: 'firefox',
      use: { browserName: 'firefox', ...(await requireBrowser('firefox')) },
    },
    ...webKitProjects,
  ],
})
