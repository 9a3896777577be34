import type { LaunchOptions } from '@playwright/test'

type PlaywrightBrowser = 'chromium' | 'firefox'

interface BrowserLaunch {
  readonly channel?: string
  readonly launchOptions?: LaunchOptions
}

interface WebKitGtk {
  readonly driver: string
  readonly browser: string
  readonly wrapper?: readonly [string, ...string[]]
}

export function findBrowser(name: PlaywrightBrowser): Promise<BrowserLaunch | undefined>
export function requireBrowser(name: PlaywrightBrowser): Promise<BrowserLaunch>
export function hasPlaywrightBuild(name: PlaywrightBrowser | 'webkit'): Promise<boolean>
export function findWebKitGtk(): WebKitGtk | undefined
export function installBrowsers(): Promise<void>
