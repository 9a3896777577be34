// A token in the last seconds of its life is still good: a renewal that fails or takes its time
// does not take it away.
import type { Page } from '@playwright/test'
import type { Fault } from 'sotto/testing'
import { installClock, passTime } from './support/clock.ts'
import { expect, renew, type Said, snapshotOf, test } from './support/said-client.ts'
import type { Pair } from './support/serve.ts'

/** A token lives for 300 s here, and is renewed 30 s before that. */
const LEFT_SECONDS = 8

const unavailable: Fault = { endpoint: 'token', name: 'status', status: 503 }

const WAYS: readonly (readonly [how: string, said: Said])[] = [
  ['a frame', {}],
  ['a refresh token', { storage: 'IndexedDB', renewal: ['refresh'] }],
]

test.beforeEach(({ page }) => page.addInitScript(installClock))

/** Lets all of a token's life pass but the last seconds; gives the token. */
async function growOld(page: Page, pair: Pair): Promise<string> {
  const token = await page.evaluate(() => auth.getTokenSilently())
  await passTime(pair, [page], 300 - LEFT_SECONDS)
  pair.control.clearRequests()
  return token
}

const call = (page: Page) => page.evaluate(() => settle(auth.getTokenSilently()))

for (const [how, said] of WAYS) {
  test(`a token that is still good is given where the server is unavailable, renewing by ${how}`, async ({
    page,
    pair,
    logIn,
  }) => {
    await logIn(page, said)
    const token = await growOld(page, pair)
    pair.control.addFault(unavailable)
    expect(await call(page)).toMatchObject({ value: token })
  })

  test(`a token that is still good is given where the server hangs, renewing by ${how}`, async ({
    page,
    pair,
    logIn,
  }) => {
    await logIn(page, said)
    const token = await growOld(page, pair)
    pair.control.addFault({ endpoint: 'token', name: 'hang' })
    const { value, ms } = await call(page)
    expect(value).toBe(token)
    // Half of what is left, and what a busy machine needs.
    expect(ms).toBeLessThan(LEFT_SECONDS * 500 + 2000)
  })

  test(`a token that is still good is given where the device is offline, renewing by ${how}`, async ({
    page,
    context,
    pair,
    logIn,
  }) => {
    await logIn(page, said)
    const token = await growOld(page, pair)
    await context.setOffline(true)
    const outcome = await call(page)
    await context.setOffline(false)
    expect(outcome).toMatchObject({ value: token })
    // The renewal goes on without the call.
    await expect(page.locator('iframe')).toHaveCount(0)
  })
}

test('a renewal that took too long for a call goes on, and serves the next', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page)
  const token = await growOld(page, pair)
  pair.control.addFault({ endpoint: 'token', name: 'lateAnswer', ms: 6000, times: 1 })
  expect((await call(page)).value).toBe(token)
  await expect
    .poll(() => page.evaluate(() => renewals.map(({ outcome }) => outcome).join()), {
      timeout: 10_000,
    })
    .toContain('success')
  const { value } = await call(page)
  expect(value).toMatch(/^ey/)
  expect(value).not.toBe(token)
  expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(1)
})

test('calls pause after two failures in a row, and are given the token that is still good', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page)
  const token = await growOld(page, pair)
  pair.control.addFault(unavailable)
  const tokens = await page.evaluate(async () => {
    const given: string[] = []
    while (given.length < 20) given.push(await auth.getTokenSilently())
    return given
  })
  expect(new Set(tokens)).toEqual(new Set([token]))
  // One after another within a second or two: the first two ask, a third may after a second.
  expect(pair.control.requests({ endpoint: 'token' }).length).toBeLessThanOrEqual(4)
})

test('a call in a pause rejects at once with the failure, where no token is left', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page)
  await passTime(pair, [page], 301)
  pair.control.addFault(unavailable)
  // Without a break between them, so that the third is in the pause of a second.
  const outcomes = await page.evaluate(async () => [
    await settle(auth.getTokenSilently()),
    await settle(auth.getTokenSilently()),
    await settle(auth.getTokenSilently()),
  ])
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ code: 'server_error', retryable: true })
  expect(pair.control.requests({ endpoint: 'token' })).toHaveLength(2)
})

test('cacheMode off is never given the old token', async ({ page, pair, logIn }) => {
  await logIn(page)
  await growOld(page, pair)
  pair.control.addFault(unavailable)
  expect(await renew(page)).toMatchObject({ code: 'server_error' })
})

test('after the word of the server the old token is not given', async ({ page, pair, logIn }) => {
  await logIn(page)
  await growOld(page, pair)
  pair.control.endSessions()
  expect(await call(page)).toMatchObject({ code: 'login_required' })
})

test('a renewal that fails leaves the user signed in', async ({ page, pair, logIn }) => {
  await logIn(page)
  await growOld(page, pair)
  pair.control.addFault(unavailable)
  await call(page)
  expect(await snapshotOf(page)).toEqual({ status: 'authenticated' })
})
