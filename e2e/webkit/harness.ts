import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuthorizationServerOptions } from 'sotto/testing'
import { type Pair, type PairKind, servePair } from '../support/serve.ts'
import { type Browser, launchWebKit, waitUntil } from './webdriver.ts'

export interface Harness {
  readonly browser: Browser
  readonly pair: Pair
  /** Opens a page of the app and resolves when it has the library. */
  readonly openApp: (path?: string) => Promise<void>
  /** Resolves when the page of the app that is open, or about to open, has the library. */
  readonly appReady: () => Promise<void>
  /** Logs in at the authorization server's page, and resolves when it has been left. */
  readonly signIn: (user?: string) => Promise<void>
}

interface Options {
  readonly pairKind?: PairKind
  /** Options of the authorization server, over those of the harness. */
  readonly serverOptions?: Partial<AuthorizationServerOptions>
  /** Arguments for the browser: `--enable-itp` blocks third-party cookies as Safari does. */
  readonly args?: readonly string[]
}

/**
 * A test in WebKit, with a browser and servers of its own; it fails when it leaves a frame or an
 * uncaught error behind.
 */
export function testInWebKit(
  name: string,
  { pairKind = 'same-site', serverOptions, args }: Options,
  body: (harness: Harness) => Promise<void>,
): void {
  void test(name, { timeout: 60_000 }, async () => {
    const pair = await servePair(pairKind, serverOptions)
    const browser = await launchWebKit(args).catch(async (error: unknown) => {
      await pair.close()
      throw error
    })
    const appReady = () => waitForApp(browser, pair)
    const openApp = (path = '/') => browser.navigate(pair.app.origin + path).then(appReady)
    try {
      await body({
        browser,
        pair,
        openApp,
        appReady,
        signIn: (user = 'alice') => signIn(browser, user),
      })
      await checkLeaks(browser, pair)
    } finally {
      await browser.close()
      await pair.close()
    }
  })
}

async function signIn(browser: Browser, user: string): Promise<void> {
  await browser.type('#username', user)
  await browser.type('#password', user)
  const loginPage = await browser.url()
  await browser.click('button[value=login]')
  await waitUntil(async () => (await browser.url()) !== loginPage)
}

/** WebDriver's navigation may end before the page's modules have run. */
async function waitForApp(browser: Browser, { app }: Pair): Promise<void> {
  await waitUntil(async () => {
    if (app.uncaught.length > 0) throw new Error(app.uncaught.join('\n'))
    if (!(await browser.url()).startsWith(app.origin)) return false
    return browser.evaluate(() => 'sotto' in globalThis)
  })
}

async function checkLeaks(browser: Browser, { app }: Pair): Promise<void> {
  assert.deepEqual(app.uncaught, [], 'errors that nobody caught')
  if (!(await browser.url()).startsWith(app.origin)) return
  const frames = await browser.evaluate(() =>
    [...document.querySelectorAll('iframe:not([data-test])')].map(({ outerHTML }) => outerHTML),
  )
  assert.deepEqual(frames, [], 'frames left in the document')
}
