// `npm run bench`, after a build: Sotto, two other libraries and the same requests by hand, in turn,
// in Chromium, against one oidc-provider. Writes the table; `-- --quick` only prints one. It judges
// nothing: a busy machine would make a liar of any limit.
import { chromium } from '@playwright/test'
import { requireHeadlessShell } from '../e2e/support/browsers.ts'
import { APPS, PLAIN_APPS } from './peers/apps/bench-app.ts'
import { serveApps } from './peers/app-server.ts'
import { measureBlocked } from './peers/blocked.ts'
import { measureCache } from './peers/cache.ts'
import { measureFirstLogin, measureLaterLogin } from './peers/login.ts'
import { measureReload, type Reload } from './peers/reload.ts'
import { measureRenewal, type Renewal } from './peers/renewal.ts'
import { createReport, writeReport } from './peers/report.ts'
import type { Row } from './peers/row.ts'
import { serveBenchServer } from './peers/server.ts'
import { measureRest, type Rest } from './peers/rest.ts'
import { measureSize } from './peers/size.ts'
import { measureTabs } from './peers/tabs.ts'

const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 3 : 20
const RELOADS: readonly Reload[] = [
  { mode: 'memory', apps: APPS, name: 'Reload until the user is known, memory' },
  { mode: 'local', apps: PLAIN_APPS, name: 'Reload until the user is known, `localStorage`' },
  { mode: 'indexed', apps: ['floor', 'sotto'], name: 'Reload until the user is known, IndexedDB' },
]
const RENEWALS: readonly Omit<Renewal, 'delayMs'>[] = [
  { mode: 'memory', apps: ['floor', 'sotto', 'auth0-spa-js'], name: 'Renewal by `web_message`' },
  {
    mode: 'frame',
    apps: ['floor', 'sotto', 'oidc-client-ts'],
    name: 'Renewal by redirect of a frame',
  },
  {
    mode: 'refresh',
    apps: ['floor', 'sotto', 'auth0-spa-js', 'oidc-client-ts'],
    name: 'Renewal by refresh token',
  },
]
const RESTS: readonly Rest[] = [
  {
    mode: 'memory',
    apps: ['floor', 'sotto', 'auth0-spa-js'],
    name: 'Renewal by `web_message` after six minutes of rest',
  },
  {
    mode: 'frame',
    apps: ['floor', 'sotto', 'oidc-client-ts'],
    name: 'Renewal by redirect of a frame after six minutes of rest',
  },
]

const apps = await serveApps()
const server = await serveBenchServer(apps.origin)
await apps.bundleApps(server.issuer)
const browser = await chromium.launch(requireHeadlessShell())
const stage = { apps, server, browser }

const rows: Row[] = []
const add = (more: readonly Row[]): void => {
  rows.push(...more)
  for (const { name, unit, n, values } of more)
    console.error(`${name} (${unit}, n = ${n})`, JSON.stringify(values))
}
for (const measure of [measureFirstLogin, measureLaterLogin])
  for (const delayMs of [0, 30]) add(await measure(stage, rounds, delayMs))
for (const reload of RELOADS) add(await measureReload(stage, rounds, reload))
for (const renewal of RENEWALS)
  for (const delayMs of [0, 30]) add(await measureRenewal(stage, rounds, { ...renewal, delayMs }))
add(await measureTabs(stage, isQuick ? 1 : 3))
if (!isQuick) add(await measureRest(stage, 5, RESTS))
if (!isQuick) add(await measureBlocked(stage))
add(await measureCache(stage, isQuick ? 1 : 3, [1, 100, 10_000]))
add(await measureSize())

const report = createReport(rows, browser.version())
console.log(`\n${report}`)
if (!isQuick) await writeReport(report, rows)
await browser.close()
await Promise.all([apps.close(), server.close()])
