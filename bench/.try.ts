import { chromium } from '@playwright/test'
import { requireHeadlessShell } from '../e2e/support/browsers.ts'
import { serveApps } from './peers/app-server.ts'
import { serveBenchServer } from './peers/server.ts'
import { measureTabs } from './peers/tabs.ts'
import { measureBlocked } from './peers/blocked.ts'
const apps = await serveApps()
const server = await serveBenchServer(apps.origin)
await apps.bundleApps(server.issuer)
const browser = await chromium.launch(requireHeadlessShell())
const stage = { apps, server, browser }
console.log(JSON.stringify(await measureTabs(stage, 1)))
console.log(JSON.stringify(await measureBlocked(stage), null, 1))
await browser.close()
await Promise.all([apps.close(), server.close()])
