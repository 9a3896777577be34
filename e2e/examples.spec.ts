// Drives examples/demo as a person would who tries Sotto out.
import type { Page } from '@playwright/test'
import { type Demo, serveDemo } from '../tools/demo.mjs'
import { expect as defaultExpect, test as base } from './support/fixtures.ts'

interface DemoFixtures {
  readonly demo: Demo
  /** Opens a page of the demo; what it reports to the console fails the test. */
  readonly open: (path?: string) => Promise<Page>
}

const test = base.extend<DemoFixtures>({
  // oxlint-disable-next-line no-empty-pattern
  demo: async ({}, use) => {
    const demo = await serveDemo()
    await use(demo)
    await demo.close()
  },

  baseURL: async ({ demo }, use) => use(demo.origin),

  open: async ({ context, demo }, use) => {
    const complaints: string[] = []
    await use(async (path = '/') => {
      const page = await context.newPage()
      const note = (text: string) => {
        if (isComplaint(text, demo)) complaints.push(text)
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
 * The mock answers errors with the status 400, as real servers do, and has no icon; browsers report both, and all else is the
 * demo's.
 */
function isComplaint(text: string, { issuer }: Demo): boolean {
  return !text.includes('status of 400') && !text.includes(`${issuer}/favicon.ico`)
}

// The demo loads sixty modules one by one, which takes its time while other tests run beside it.
const expect = defaultExpect.configure({ timeout: 15_000 })
test.slow()

const status = (page: Page) => page.locator('#status')

test('the demo signs in and comes back to the URL where it was begun', async ({
  open,
  demo,
  signIn,
}) => {
  const page = await open('/?order=42#details')
  await expect(status(page)).toHaveText('anonymous')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(status(page)).toHaveText('authenticated')
  await expect(page.getByText('Alice Liddell', { exact: true })).toBeVisible()
  await expect(page.locator('#left')).toHaveText(/^\d+ s$/)
  expect(page.url()).toBe(`${demo.origin}/?order=42#details`)
})

test('the demo shows that a cached token costs nothing and a renewal two requests', async ({
  open,
  signIn,
}) => {
  const page = await open()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(status(page)).toHaveText('authenticated')
  await page.getByRole('button', { name: 'Get a token' }).click()
  await expect(page.locator('#outcome')).toHaveText(/^From the cache in .+ ms, 0 requests$/)
  const token = await page.locator('#token').textContent()
  await page.getByRole('button', { name: 'Expire the token' }).click()
  await expect(page.getByText('expired: the next call renews')).toBeVisible()
  await page.getByRole('button', { name: 'Get a token' }).click()
  await expect(page.locator('#outcome')).toHaveText(
    /^Renewed silently in .+ ms, 2 requests: GET \/authorize in a hidden frame, POST \/token$/,
  )
  await expect(page.locator('#token')).not.toHaveText(token ?? '')
})

test('the demo goes to the login when the session has ended, and comes back with the token', async ({
  open,
  demo,
  signIn,
}) => {
  const page = await open('/?order=42')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(status(page)).toHaveText('authenticated')
  await page.getByRole('button', { name: 'End the session at the server' }).click()
  await expect(page.getByText('the server has ended the session')).toBeVisible()
  expect(demo.control.sessions()).toEqual([])
  await page.getByRole('button', { name: 'Renew now' }).click()
  await signIn(page)
  await expect(status(page)).toHaveText('authenticated')
  expect(page.url()).toBe(`${demo.origin}/?order=42`)
  demo.control.clearRequests()
  await page.getByRole('button', { name: 'Get a token' }).click()
  await expect(page.locator('#outcome')).toHaveText(/^From the cache/)
  expect(demo.control.requests()).toEqual([])
})

test('the demo explains an error and says what to do', async ({ open, signIn }) => {
  const page = await open()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(status(page)).toHaveText('authenticated')
  await page.getByRole('radio', { name: 'throw' }).check()
  await expect(page.getByRole('radio', { name: 'throw' })).toBeChecked()
  await expect(status(page)).toHaveText('authenticated')
  await page.getByRole('button', { name: 'End the session at the server' }).click()
  await page.getByRole('button', { name: 'Renew now' }).click()
  const problem = page.getByRole('alert')
  await expect(problem).toContainText('login_required')
  await expect(problem).toContainText('The server has no session for this browser')
  await expect(problem).toContainText('What to do: Let the user log in')
  await expect(status(page)).toHaveText('authenticated')
})

for (const storage of ['localStorage', 'IndexedDB']) {
  test(`the demo restores the session from ${storage} without a request`, async ({
    open,
    demo,
    signIn,
  }) => {
    const page = await open()
    await expect(status(page)).toHaveText('anonymous')
    await page.getByRole('radio', { name: storage }).check()
    await expect(page.getByRole('radio', { name: storage })).toBeChecked()
    await expect(status(page)).toHaveText('anonymous')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await signIn(page)
    await expect(status(page)).toHaveText('authenticated')
    demo.control.clearRequests()
    await page.reload()
    await expect(status(page)).toHaveText('authenticated')
    await expect(page.locator('#left')).toHaveText(/^\d+ s$/)
    expect(demo.control.requests()).toEqual([])
  })
}

test('a second tab of the demo is signed in, and follows the sign-out of the first', async ({
  open,
  demo,
  signIn,
}) => {
  const page = await open()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page)
  await expect(status(page)).toHaveText('authenticated')
  const second = await open()
  await expect(status(second)).toHaveText('authenticated')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect.poll(() => demo.control.sessions()).toEqual([])
  await expect(page).toHaveURL(`${demo.origin}/`)
  await expect(status(page)).toHaveText('anonymous')
  await expect(status(second)).toHaveText('anonymous')
  await expect(second.locator('#token')).toHaveText('none')
  await second.reload()
  await expect(status(second)).toHaveText('anonymous')
})
