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
 * Launches a browser that treats third-party cookies as it does by default, or one that sends them.
 * Chromium reads the setting from a profile's preferences only; Firefox takes a preference.
 */
export async function launchWithThirdPartyCookies(
  browserType: BrowserType,
  thirdPartyCookies: 'default' | 'allowed',
  options: BrowserContextOptions,
): Promise<OwnBrowser> {
  const isFirefox = browserType.name() === 'firefox'
  if (!isFirefox && thirdPartyCookies === 'allowed') return launchProfile(browserType, options)
  const launchOptions = requireBrowser(isFirefox ? 'firefox' : 'chromium')
  const browser = await browserType.launch({
    ...launchOptions,
    ...(thirdPartyCookies === 'allowed' && {
      firefoxUserPrefs: { 'network.cookie.cookieBehavior': 0 },
    }),
  })
  return { context: await browser.newContext(options), close: () => browser.close() }
}

async function launchProfile(
  browserType: BrowserType,
  options: BrowserContextOptions,
): Promise<OwnBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'sotto-profile-'))
  mkdirSync(join(profile, 'Default'))
  writeFileSync(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { cookie_controls_mode: 0 } }),
  )
  const launchOptions = requireBrowser('chromium')
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
