import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, BrowserContextOptions, BrowserType } from '@playwright/test'
import { requireBrowser } from './browsers.ts'

/** A context of a browser that was started for it, and how to end both. */
interface OwnBrowser {
  readonly context: BrowserContext
  readonly close: () => Promise<void>
}

/**
 * Launches a browser that sends third-party cookies. Chromium reads the setting from a profile's preferences only; Firefox takes
 * a preference.
 */
export async function launchWithThirdPartyCookies(
  browserType: BrowserType,
  options: BrowserContextOptions,
): Promise<OwnBrowser> {
  return browserType.name() === 'firefox'
    ? launchFirefox(browserType, options)
    : launchChromium(browserType, options)
}

async function launchFirefox(
  browserType: BrowserType,
  options: BrowserContextOptions,
): Promise<OwnBrowser> {
  const { channel, launchOptions } = requireBrowser('firefox')
  const browser = await browserType.launch({
    ...launchOptions,
    ...(channel !== undefined && { channel }),
    firefoxUserPrefs: { 'network.cookie.cookieBehavior': 0 },
  })
  return { context: await browser.newContext(options), close: () => browser.close() }
}

async function launchChromium(
  browserType: BrowserType,
  options: BrowserContextOptions,
): Promise<OwnBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'sotto-profile-'))
  mkdirSync(join(profile, 'Default'))
  writeFileSync(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { cookie_controls_mode: 0 } }),
  )
  const { launchOptions } = requireBrowser('chromium')
  const context = await browserType.launchPersistentContext(profile, {
    ...launchOptions,
    ...options,
  })
  return {
    context,
    close: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
