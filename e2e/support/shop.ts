// Opens storezero, and does what a person does there.
import type { Page } from '@playwright/test'
import { serveStorezero, type Storezero } from '../../examples/storezero/serve.mjs'
import { expect as defaultExpect, test as base } from './fixtures.ts'

interface ShopFixtures {
  readonly shop: Storezero
  /** Opens a page of the shop; what it reports to the console fails the test. */
  readonly open: (path?: string) => Promise<Page>
}

export const test = base.extend<ShopFixtures>({
  // oxlint-disable-next-line no-empty-pattern
  shop: async ({}, use) => {
    const shop = await serveStorezero()
    await use(shop)
    await shop.close()
  },

  baseURL: async ({ shop }, use) => use(shop.origin),

  open: async ({ context }, use) => {
    const complaints: string[] = []
    await use(async (path = '/') => {
      const page = await context.newPage()
      const note = (text: string) => {
        if (isComplaint(text)) complaints.push(text)
      }
      // Firefox reports what a content security policy blocks as an error of the page.
      page.on('pageerror', ({ message }) => note(message))
      page.on('console', (message) => {
        if (message.type() === 'error') note(message.text())
      })
      await page.goto(path)
      return page
    })
    expect(complaints, 'what the browser complained of').toEqual([])
    for (const page of context.pages()) await expect(page.locator('iframe')).toHaveCount(0)
  },
})

/**
 * Chromium and Firefox of a request without an answer: what Firefox says of a wrong CORS header has
 * another reason.
 */
const NO_ANSWER = /ERR_EMPTY_RESPONSE|CORS request did not succeed/

/**
 * The mock answers errors with the status 400, as real servers do, or with the one of a fault, or
 * not at all, and has no icon; the orders API asks for a recent sign-in with 401. Browsers report
 * that, and all else is the shop's.
 */
function isComplaint(text: string): boolean {
  return !/status of (400|401|503)|\/favicon\.ico/.test(text) && !NO_ANSWER.test(text)
}

// The shop loads its modules one by one, which takes its time while other tests run beside it.
export const expect = defaultExpect.configure({ timeout: 15_000 })

export const account = (page: Page) => page.getByLabel('Your account: Alice Liddell')
export const devtools = (page: Page) => page.getByRole('region', { name: 'Sotto devtools' })
/** The entries under a heading of the devtools, newest first. */
export const part = (page: Page, title: string) =>
  devtools(page).locator('section', { hasText: title }).locator('ol > li')
export const press = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true }).click()

/** Changes a setting in the panel, and waits for the page to be loaded again. */
export async function change(page: Page, setting: string): Promise<void> {
  const loaded = page.waitForEvent('load')
  await page.getByText(setting, { exact: true }).click()
  await loaded
}

/** Opens the orders, and signs in there; the page has the orders then. */
export async function openOrders(
  { open, signIn }: Pick<Parameters<Parameters<typeof test>[2]>[0], 'open' | 'signIn'>,
  path = '/orders',
): Promise<Page> {
  const page = await open(path)
  await press(page, 'Sign in to see them')
  await signIn(page)
  await expect(page.getByRole('heading', { name: 'Order 1042' })).toBeVisible()
  return page
}
