import { defineConfig } from '@playwright/test'
import {
  hasPlaywrightWebKit,
  requireBrowser,
  requireHeadlessShell,
} from './e2e/support/browsers.ts'
import type { Options } from './e2e/support/fixtures.ts'
import { LONG } from './e2e/support/long.ts'

// What only Chromium can be told to do; and routers and bindings, which are no different elsewhere.
const notForOthers = { testIgnore: ['**/e2e/chromium/**', '**/e2e/{bindings,routers}.spec.ts'] }

// Playwright's own WebKit exists where WebKitGTK does not; on Linux e2e/webkit drives the latter.
const webKitProjects = hasPlaywrightWebKit()
  ? [{ ...notForOthers, name: 'webkit', use: { browserName: 'webkit' } as const }]
  : []

const chromium = {
  use: { browserName: 'chromium', launchOptions: requireHeadlessShell() } as const,
}
const firefox = {
  use: { browserName: 'firefox', launchOptions: requireBrowser('firefox') } as const,
}

// One server of others: `npm run test:servers` says which, and has installed it.
const serverProjects = process.env['SOTTO_SERVER']
  ? [
      {
        ...chromium,
        name: 'servers',
        testMatch: 'e2e/servers/suite.ts',
        fullyParallel: false,
        timeout: 60_000,
      },
    ]
  : []

export default defineConfig<Options & { readonly soakMinutes: number }>({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // This one has no `paths`: tests use the package as npm ships it.
  tsconfig: './tsconfig.build.json',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  workers: 2,
  // A test that fails once has failed, also where somebody asks for retries to look for the reason.
  failOnFlakyTests: true,
  timeout: 30_000,
  // A busy machine is no reason to fail.
  expect: { timeout: 10_000 },
  reporter: 'list',
  // Without traces, which take a quarter of the time: `--trace=retain-on-failure` asks for them.
  use: { ignoreHTTPSErrors: true },
  projects: [
    { ...chromium, name: 'chromium', testIgnore: LONG },
    { ...chromium, name: 'long', testMatch: LONG },
    // Those of them that a row of docs/security.md or docs/faults.md has no other test than.
    { ...chromium, name: 'chromium-core', testMatch: LONG, grep: /@core/ },
    {
      name: 'soak',
      testMatch: 'e2e/chromium/soak.spec.ts',
      use: { ...chromium.use, soakMinutes: 30 },
    },
    ...serverProjects,
    { ...notForOthers, ...firefox, name: 'firefox' },
    // What differs between engines most (cookies, storages, locks, tabs, frames, navigation), and one
    // test of each part that an app adds.
    { ...firefox, name: 'firefox-core', grep: /@firefox/ },
    ...webKitProjects,
  ],
})
