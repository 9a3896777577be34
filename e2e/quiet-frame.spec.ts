// A frame that was loaded and gives no answer: what it means depends on whether one ever did.
import type { Page } from '@playwright/test'
import type { AuthError } from 'sotto'
import { arriveAtCallback, expect, statusOf, test } from './support/app-test.ts'
import { installClock } from './support/clock.ts'

interface Refusal {
  readonly code: string
  readonly reason?: string
  readonly retryable: boolean
  readonly message: string
}

/** Asks the server in a frame; tells why there is no token, if there is none. */
function renew(page: Page): Promise<Refusal | undefined> {
  return page.evaluate(() =>
    auth.getTokenSilently({ cacheMode: 'off' }).then(
      () => undefined,
      ({ code, reason, retryable, message }: AuthError) => ({
        code,
        ...(reason !== undefined && { reason }),
        retryable,
        message,
      }),
    ),
  )
}

const later = (page: Page): Promise<void> => page.evaluate(() => sleep(11_000))

const passing = { code: 'silent_blocked', reason: 'no_answer', retryable: true }
const shown = { code: 'interaction_required', reason: 'no_answer_after_success', retryable: false }

test.beforeEach(({ page }) => page.addInitScript(installClock))

// covers fault:frame-set-up
test(
  'where no frame ever had an answer, it is the set-up, and not to be tried again',
  { tag: '@core' },
  async ({ page, pair, logIn }) => {
    await logIn(page)
    pair.control.addFault({ endpoint: 'authorize', name: 'promptNoneIgnored' })
    for (let round = 0; round < 2; round++) {
      const refusal = await renew(page)
      expect(refusal).toMatchObject({ ...passing, retryable: false })
      expect(refusal!.message).toMatch(/client ID, redirect URI, response mode, .* framed/)
      await later(page)
    }
    expect(await statusOf(page)).toBe('authenticated')
  },
)

test('a renewal in the background asks for no more than a token, because it can send nobody to log in', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page)
  expect(await renew(page)).toBeUndefined()
  pair.control.addFault({ endpoint: 'authorize', name: 'promptNoneIgnored' })
  expect(await renew(page)).toMatchObject(passing)
  pair.control.clearRequests()
  await page.evaluate(() => {
    sotto.autoRenew(auth)
    sleep(280_000)
  })
  // What is asked besides would be asked before it.
  await expect
    .poll(() => pair.control.requests().map(({ endpoint }) => endpoint))
    .toEqual(['authorize'])
  await page.evaluate(() => auth.dispose())
})

// covers fault:login-page-for-answer
test(
  'a login page where an answer used to be sends the user to log in, and ends nothing',
  { tag: '@core' },
  async ({ page, pair, logIn, openApp }) => {
    await logIn(page)
    expect(await renew(page)).toBeUndefined()
    // The page after a reload knows it too.
    await openApp(page)
    await page.evaluate(() => auth.start())
    pair.control.addFault({ endpoint: 'authorize', name: 'promptNoneIgnored' })
    expect(await renew(page)).toMatchObject(passing)
    // Too soon to tell.
    expect(await renew(page)).toMatchObject(passing)
    pair.control.clearRequests()
    await later(page)
    expect(await renew(page)).toMatchObject(shown)
    const seen = pair.control.requests().map(({ endpoint }) => endpoint)
    expect(seen).toEqual(['discovery', 'authorize'])
    expect(await statusOf(page)).toBe('authenticated')
    expect(await page.evaluate(() => auth.getTokenSilently())).toMatch(/^ey/)

    await page.evaluate(() => {
      void auth.getTokenSilently({ cacheMode: 'off', onLoginRequired: 'redirect' })
    })
    // The server knows the user, and answers a page that may show something.
    await arriveAtCallback(page)
  },
)

test('an answer after that begins anew', async ({ page, pair, logIn }) => {
  await logIn(page)
  expect(await renew(page)).toBeUndefined()
  pair.control.addFault({ endpoint: 'authorize', name: 'promptNoneIgnored', times: 1 })
  expect(await renew(page)).toMatchObject(passing)
  await later(page)
  expect(await renew(page)).toBeUndefined()
  pair.control.addFault({ endpoint: 'authorize', name: 'promptNoneIgnored', times: 1 })
  expect(await renew(page)).toMatchObject(passing)
})

for (const [what, status] of [
  ['maintenance (503)', { name: 'status', status: 503 }],
  ['a captive portal', { name: 'html' }],
] as const) {
  // covers fault:outage-for-answer
  test(
    `${what} is no login page: nobody is sent away`,
    { tag: '@core' },
    async ({ page, pair, logIn }) => {
      await logIn(page)
      expect(await renew(page)).toBeUndefined()
      pair.control.addFault({ endpoint: 'authorize', ...status })
      pair.control.addFault({ endpoint: 'discovery', ...status })
      for (let round = 0; round < 3; round++) {
        expect(await renew(page)).toMatchObject(passing)
        await later(page)
      }
      expect(await statusOf(page)).toBe('authenticated')
      pair.control.clearFaults()
      expect(await renew(page)).toBeUndefined()
    },
  )
}

test('after a logout, nothing is known of frames', async ({ page, pair, logIn }) => {
  await logIn(page)
  expect(await renew(page)).toBeUndefined()
  await page.evaluate(() => auth.logout({ localOnly: true }))
  pair.control.endSessions()
  await logIn(page)
  pair.control.addFault({ endpoint: 'authorize', name: 'promptNoneIgnored' })
  expect(await renew(page)).toMatchObject({ ...passing, retryable: false })
})
