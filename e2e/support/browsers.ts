// Finds the browsers that the tests drive, and says how to launch each. `npm run browsers` installs
// those that are missing.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, firefox, type LaunchOptions, webkit } from '@playwright/test'

export type PlaywrightBrowser = 'chromium' | 'firefox'

export interface WebKitGtk {
  readonly driver: string
  readonly browser: string
  /** What makes a display where there is none. */
  readonly wrapper: readonly string[]
}

const engines = { chromium, firefox, webkit }
// Playwright sends commands of WebDriver BiDi that older ones do not know
// (`network.addDataCollector`).
const OLDEST_FIREFOX = 143
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Says how Playwright starts a browser: the path in SOTTO_CHROMIUM or SOTTO_FIREFOX, else
 * Playwright's own build, else the one of the system. `undefined` when there is none.
 */
export function findBrowser(name: PlaywrightBrowser): LaunchOptions | undefined {
  const chosen = process.env[`SOTTO_${name.toUpperCase()}`]
  if (chosen) return launch(name, chosen)
  if (hasPlaywrightBuild(name)) return launch(name)
  const programs = {
    chromium: ['chromium', 'google-chrome-stable', 'google-chrome'],
    firefox: ['firefox-esr', 'firefox'],
  }
  const installed = programs[name]
    .map(findProgram)
    .find((path) => path && (name === 'chromium' || readMajor(path) >= OLDEST_FIREFOX))
  return installed ? launch(name, installed) : undefined
}

/**
 * Says how Playwright starts Chromium's headless shell: Playwright's own build, else the one of the
 * system, else the whole browser. The shell opens a page in a third of the time; it has no
 * settings, so that it sends third-party cookies.
 */
export function requireHeadlessShell(): LaunchOptions {
  const { channel, ...whole } = requireBrowser('chromium')
  // Without the channel, Playwright starts the shell of its own build.
  if (channel || process.env['SOTTO_CHROMIUM']) return whole
  const shell = findProgram('chromium-headless-shell')
  return { ...whole, ...(shell && { executablePath: shell }) }
}

function launch(name: PlaywrightBrowser, executablePath?: string): LaunchOptions {
  const path = executablePath === undefined ? {} : { executablePath }
  // The channel is how Playwright calls the whole browser of its own build.
  if (name === 'chromium')
    return { ...(executablePath ? path : { channel: 'chromium' }), args: CHROMIUM_ARGS }
  // A Firefox that Playwright did not build is driven by WebDriver BiDi, which this channel
  // selects.
  return executablePath ? { channel: 'moz-firefox', ...path } : {}
}

/** Finds a browser as {@link findBrowser} does, and fails when there is none. */
export function requireBrowser(name: PlaywrightBrowser): LaunchOptions {
  const found = findBrowser(name)
  if (!found) throw new Error(`${name} was not found: run \`npm run browsers\``)
  return found
}

/** Whether Playwright has downloaded its own build of a browser. */
function hasPlaywrightBuild(name: PlaywrightBrowser | 'webkit'): boolean {
  return existsSync(engines[name].executablePath())
}

/** Whether Playwright's own WebKit stands in where WebKitGTK does not exist. */
export function hasPlaywrightWebKit(): boolean {
  return process.platform !== 'linux' && hasPlaywrightBuild('webkit')
}

/**
 * Finds WebKitGTK's WebDriver, its browser and, where there is no display, the wrapper that makes
 * one.
 */
export function findWebKitGtk(): WebKitGtk | undefined {
  const { SOTTO_WEBKIT_DRIVER, SOTTO_WEBKIT_BROWSER, DISPLAY } = process.env
  const driver = SOTTO_WEBKIT_DRIVER ?? findProgram('WebKitWebDriver')
  const browser = SOTTO_WEBKIT_BROWSER ?? findMiniBrowser()
  const xvfb = findProgram('xvfb-run')
  if (!driver || !browser || !(DISPLAY || xvfb)) return undefined
  return { driver, browser, wrapper: !DISPLAY && xvfb ? [xvfb, '-a'] : [] }
}

function findMiniBrowser(): string | undefined {
  const libraries = existsSync('/usr/lib') ? readdirSync('/usr/lib') : []
  const folders = libraries.filter((name) => name.endsWith('-linux-gnu'))
  return ['/usr/libexec', '/usr/lib64', '/usr/lib', ...folders.map((name) => `/usr/lib/${name}`)]
    .flatMap((folder) =>
      ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'].map((name) => join(folder, name)),
    )
    .map((folder) => join(folder, 'MiniBrowser'))
    .find((path) => existsSync(path))
}

export function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

/** The major version that a browser says it is; NaN where it does not say. */
function readMajor(path: string): number {
  try {
    return Number(/(\d+)\./.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1])
  } catch {
    return NaN
  }
}
