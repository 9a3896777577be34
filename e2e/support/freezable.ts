import type { BrowserContext, BrowserType } from '@playwright/test'
import { requireBrowser } from './browsers.ts'
import { findFreePort } from '../../tools/static-server.ts'
import { test as base } from './signed-in.ts'

/**
 * The test of ./signed-in.ts in a Chromium of its own, whose tabs can be frozen. Playwright makes
 * every page believe that it is in front, and such a page is never frozen; only one that it has not
 * started itself is left as it is.
 */
export const test = base.extend({
  context: async ({ playwright }, use) => {
    const own = await launchWithHiddenTabs(playwright.chromium)
    await use(own.context)
    await own.close()
  },
})

async function launchWithHiddenTabs(chromium: BrowserType): Promise<{
  readonly context: BrowserContext
  readonly close: () => Promise<void>
}> {
  const port = await findFreePort()
  const launchOptions = requireBrowser('chromium')
  const args = [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`]
  const owner = await chromium.launch({ ...launchOptions, args })
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
  return {
    context: browser.contexts()[0]!,
    close: async () => {
      await browser.close()
      await owner.close()
    },
  }
}
