// sessionStorage is copied, not shared, when a tab is duplicated: a refresh token in it would be in
// two hands.
import type { BrowserContext, Page } from '@playwright/test'
import {
  expect,
  lastRenewal,
  renew,
  type Said,
  sentRefreshTokens,
  start,
  storedText,
  test,
} from './support/said-client.ts'

const SAID: Said = { storage: 'sessionStorage', renewal: ['refresh', 'frame'] }

/** A tab that begins with a copy of what the other has in its sessionStorage. */
async function duplicate(page: Page, context: BrowserContext): Promise<Page> {
  const opened = context.waitForEvent('page')
  // Empty at first, with the storage of its opener: in Firefox, waiting in a page that is on its way
  // to another may never end.
  await page.evaluate(() => void window.open(''))
  const copy = await opened
  await copy.goto('/')
  expect(await copy.evaluate(() => sessionStorage.length)).toBeGreaterThan(0)
  return copy
}

test('a duplicated tab logs in silently, and no refresh token is sent twice', async ({
  page,
  context,
  pair,
  logIn,
  make,
}) => {
  await logIn(page, SAID)
  const copy = await duplicate(page, context)
  await make(copy, SAID)
  expect(await start(copy)).toBe('authenticated')
  for (const tab of [page, copy, page, copy])
    expect(await renew(tab)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  const sent = sentRefreshTokens(pair)
  expect(new Set(sent).size).toBe(sent.length)
})

test('a duplicate that is opened after a renewal does not end the session of the first tab', async ({
  page,
  context,
  logIn,
  make,
}) => {
  await logIn(page, SAID)
  await renew(page)
  const copy = await duplicate(page, context)
  await make(copy, SAID)
  await start(copy)
  await renew(copy)
  await renew(page)
  expect(await lastRenewal(page)).toBe('refresh_token')
})

test('the refresh token is not in sessionStorage while the page is open', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page, SAID)
  const stored = await storedText(page)
  await renew(page)
  const [token = ''] = sentRefreshTokens(pair)
  expect(token).not.toBe('')
  expect(stored).not.toContain(token)
})

test('the refresh token is kept over a reload', async ({ page, logIn, open }) => {
  await logIn(page, SAID)
  await open(page, SAID)
  expect(await start(page)).toBe('authenticated')
  await renew(page)
  expect(await lastRenewal(page)).toBe('refresh_token')
})

test('a logout in one tab revokes the refresh tokens of both', async ({
  page,
  context,
  pair,
  logIn,
  make,
}) => {
  await logIn(page, SAID)
  const copy = await duplicate(page, context)
  await make(copy, SAID)
  await start(copy)
  // Each has one of its own by now.
  for (const tab of [page, copy]) await renew(tab)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  await expect
    .poll(() => {
      const requests = pair.control.requests({ endpoint: 'revocation' })
      return new Set(requests.map(({ parameters }) => parameters['token'])).size
    })
    .toBe(2)
})

test('a logout in one tab leaves nothing of the session in the other', async ({
  page,
  context,
  logIn,
  make,
}) => {
  await logIn(page, SAID)
  const copy = await duplicate(page, context)
  await make(copy, SAID)
  await start(copy)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  await expect.poll(() => storedText(copy)).not.toContain('alice')
})
