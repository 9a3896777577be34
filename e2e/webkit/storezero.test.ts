// The core of storezero in WebKitGTK: the rest is in e2e/examples*.spec.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveStorezero, type Storezero } from '../../examples/storezero/serve.mjs'
import { type Browser, launchWebKit, waitUntil } from './webdriver.ts'

/** Sixty modules, one by one. */
const PAGE_MS = 20_000

function testStorezero(
  name: string,
  body: (browser: Browser, shop: Storezero) => Promise<void>,
): void {
  void test(name, { timeout: 90_000 }, async () => {
    const shop = await serveStorezero()
    const browser = await launchWebKit().catch(async (error: unknown) => {
      await shop.close()
      throw error
    })
    try {
      await body(browser, shop)
    } finally {
      await browser.close()
      await shop.close()
    }
  })
}

/** Resolves when the first element of that selector has this text. */
function waitForText(browser: Browser, selector: string, text: string): Promise<void> {
  const read = () =>
    browser.evaluate((wanted) => document.querySelector(wanted)?.textContent ?? '', selector)
  return waitUntil(async () => (await read()).includes(text), PAGE_MS).catch(async (error) => {
    const page = await browser.evaluate(() => `${location.href}\n${document.body.innerText}`)
    throw new Error(`"${text}" is not in ${selector} of ${page}`, { cause: error })
  })
}

/** A click where it does not matter whether the window is large enough to show the button. */
function press(browser: Browser, selector: string): Promise<void> {
  return browser.evaluate(
    (wanted) => document.querySelector<HTMLButtonElement>(wanted)?.click(),
    selector,
  )
}

async function signIn(browser: Browser, shop: Storezero): Promise<void> {
  await waitUntil(async () => (await browser.url()).startsWith(shop.issuer))
  await browser.type('#username', 'alice')
  await browser.type('#password', 'alice')
  await browser.click('button[value=login]')
  await waitForText(browser, '.order h2', 'Order 1042')
}

async function openOrders(browser: Browser, shop: Storezero): Promise<void> {
  await browser.navigate(`${shop.origin}/orders`)
  await waitForText(browser, '.empty h1', 'Your orders are yours')
  await press(browser, '.empty button')
  await signIn(browser, shop)
}

testStorezero(
  'storezero signs in, renews silently, and asks to sign in when the session is over',
  async (browser, shop) => {
    await openOrders(browser, shop)
    await press(browser, '#renew')
    await waitForText(browser, '#outcome', 'by silent_iframe')
    shop.control.endSessions()
    await press(browser, '#renew')
    await waitUntil(() => browser.evaluate(() => document.querySelector('dialog')?.open === true))
    await press(browser, 'dialog button.main')
    await signIn(browser, shop)
    assert.equal(await browser.url(), `${shop.origin}/orders`)
  },
)

testStorezero(
  'storezero signs out in another tab too, and stays so after a reload',
  async (browser, shop) => {
    await openOrders(browser, shop)
    const first = await browser.currentTab()
    await browser.openTab()
    await browser.navigate(`${shop.origin}/orders`)
    await waitForText(browser, '.order h2', 'Order 1042')
    await press(browser, '#panel-sign-out')
    await browser.switchTo(first)
    await waitForText(browser, '.empty h1', 'Your orders are yours')
    await browser.navigate(`${shop.origin}/orders`)
    await waitForText(browser, '.empty h1', 'Your orders are yours')
  },
)
