// What a request of a refresh token without a known outcome says of the session: nothing. The mock
// server rotates, rotates with a grace period, or does not rotate.
import type { Page } from '@playwright/test'
import type { Fault } from 'sotto/testing'
import {
  expect,
  lastRenewal,
  refreshesOf,
  renew,
  type Said,
  sentRefreshTokens,
  snapshotOf,
  start,
  storedText,
  test,
} from './support/said-client.ts'
import type { Pair } from './support/serve.ts'

const WITH_FRAME: Said = {
  storage: 'IndexedDB',
  renewal: ['refresh', 'frame'],
  timeoutMs: 4000,
}
const ALONE: Said = { ...WITH_FRAME, renewal: ['refresh'] }

/** The server does its work, and nobody hears of it. */
const LOST: Fault = { endpoint: 'token', name: 'truncated' }

/** The token endpoint cannot be reached until the returned function is called. */
type Interrupt = (page: Page, pair: Pair) => Promise<() => Promise<unknown>>

const byFault =
  (fault: Fault): Interrupt =>
  async (_page, { control }) => {
    control.addFault(fault)
    return async () => control.clearFaults({ endpoint: 'token' })
  }

const byRoute =
  (reason: 'connectionrefused' | 'namenotresolved'): Interrupt =>
  async (page, { issuer }) => {
    await page.route(`${issuer}/token`, (route) => route.abort(reason))
    return () => page.unroute(`${issuer}/token`)
  }

const offline: Interrupt = async (page) => {
  await page.context().setOffline(true)
  return () => page.context().setOffline(false)
}

const INTERRUPTIONS: readonly (readonly [what: string, code: string, interrupt: Interrupt])[] = [
  ['a refused connection', 'network_error', byRoute('connectionrefused')],
  ['a name that is not resolved', 'network_error', byRoute('namenotresolved')],
  ['a device that is offline', 'network_error', offline],
  ['a gateway error', 'network_error', byFault({ endpoint: 'token', name: 'gatewayError' })],
  ['a lost answer', 'network_error', byFault(LOST)],
  ['a late answer', 'timeout', byFault({ endpoint: 'token', name: 'lateAnswer', ms: 6000 })],
]

test.describe('where no cookie of the server reaches a frame', () => {
  test.use({ pairKind: 'cross-site' })

  test.describe('and the server does not rotate', () => {
    test.use({ serverOptions: { refreshTokenRotation: false } })

    for (const [what, code, interrupt] of INTERRUPTIONS)
      test(`a token comes as soon as the network is back after ${what}`, async ({
        page,
        pair,
        logIn,
      }) => {
        await logIn(page, WITH_FRAME)
        const goOn = await interrupt(page, pair)
        expect(await renew(page)).toMatchObject({ code, retryable: true })
        expect(await snapshotOf(page)).toEqual({ status: 'authenticated' })
        await goOn()
        expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
        expect(await lastRenewal(page)).toBe('refresh_token')
        expect(new Set(sentRefreshTokens(pair)).size).toBe(1)
      })

    test('the stored session is left as it is while the network is gone', async ({
      page,
      pair,
      logIn,
      open,
    }) => {
      await logIn(page, WITH_FRAME)
      pair.control.addFault(LOST)
      for (let count = 0; count < 3; count++) await renew(page)
      const [token = '?'] = sentRefreshTokens(pair)
      expect(await storedText(page)).toContain(token)
      // A page that comes now finds the user there.
      await open(page, WITH_FRAME)
      expect(await start(page)).toBe('authenticated')
    })

    test('autoRenew gets over a request that has failed, with nobody calling', async ({
      page,
      context,
      pair,
      logIn,
    }) => {
      await context.clock.install()
      await logIn(page, WITH_FRAME)
      pair.control.addFault(LOST)
      await page.evaluate(() => void sotto.autoRenew(auth))
      const pass = async (seconds: number) => {
        pair.control.advanceClock({ seconds })
        await page.clock.fastForward(seconds * 1000)
      }
      await pass(280)
      await expect
        .poll(async () => {
          await pass(2)
          return page.evaluate(() => renewals.map(({ outcome }) => outcome))
        })
        .toContain('failure')
      pair.control.clearFaults()
      // The pauses between its tries have grown meanwhile.
      await expect
        .poll(
          async () => {
            await pass(10)
            return page.evaluate(() => renewals.map(({ outcome }) => outcome))
          },
          { intervals: [100], timeout: 20_000 },
        )
        .toContain('success')
      const cached = await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'cache-only' }))
      expect(cached).toMatch(/^ey/)
      expect(await snapshotOf(page)).toEqual({ status: 'authenticated' })
    })

    test('a page that is reloaded in the middle of a refresh gets a token', async ({
      page,
      pair,
      logIn,
      open,
    }) => {
      await logIn(page, ALONE)
      await leaveInTheMiddle(page, pair, () => open(page, ALONE))
      expect(await start(page)).toBe('authenticated')
      expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
    })

    test('another tab gets a token after one was closed in the middle of a refresh', async ({
      page,
      pair,
      logIn,
      openAnother,
    }) => {
      await logIn(page, ALONE)
      const other = await openAnother(ALONE)
      await leaveInTheMiddle(page, pair, () => page.close())
      expect(await renew(other)).toMatchObject({ value: expect.stringMatching(/^ey/) })
    })
  })

  test.describe('and the server rotates with a grace period', () => {
    test.use({ serverOptions: { rotationGraceSeconds: 30 } })

    test('a refresh token whose answer was lost renews once more, and so does its successor', async ({
      page,
      pair,
      logIn,
    }) => {
      await logIn(page, WITH_FRAME)
      pair.control.addFault({ ...LOST, times: 1 })
      await renew(page)
      expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
      const [lost, again] = sentRefreshTokens(pair)
      expect(again).toBe(lost)
      expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
      expect(sentRefreshTokens(pair).at(-1)).not.toBe(lost)
    })

    test('a page that is reloaded in the middle of a refresh gets a token', async ({
      page,
      pair,
      logIn,
      open,
    }) => {
      await logIn(page, ALONE)
      await leaveInTheMiddle(page, pair, () => open(page, ALONE))
      await start(page)
      expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
    })

    test('another tab gets a token after one was closed in the middle of a refresh', async ({
      page,
      pair,
      logIn,
      openAnother,
    }) => {
      await logIn(page, ALONE)
      const other = await openAnother(ALONE)
      await leaveInTheMiddle(page, pair, () => page.close())
      expect(await renew(other)).toMatchObject({ value: expect.stringMatching(/^ey/) })
    })
  })

  test.describe('and the server rotates without a grace period', () => {
    test('a refresh token whose answer was lost is sent once more, and then the server has spoken', async ({
      page,
      pair,
      logIn,
    }) => {
      await logIn(page, WITH_FRAME)
      pair.control.addFault({ ...LOST, times: 1 })
      const codes: unknown[] = []
      // However many calls it takes until the second one is sent, and one more.
      for (let count = 0; count < 4; count++) codes.push((await renew(page)).code)
      expect(codes.at(-1)).toBe('login_required')
      const sent = sentRefreshTokens(pair)
      expect(sent).toHaveLength(2)
      expect(new Set(sent).size).toBe(1)
    })

    test('without another strategy the refused token is session_expired', async ({
      page,
      pair,
      logIn,
    }) => {
      await logIn(page, ALONE)
      pair.control.addFault({ ...LOST, times: 1 })
      const codes: unknown[] = []
      for (let count = 0; count < 3; count++) codes.push((await renew(page)).code)
      expect(codes).toContain('session_expired')
      expect(sentRefreshTokens(pair)).toHaveLength(2)
    })
  })
})

test('a frame that has worked in this session goes before a refresh token in doubt', async ({
  page,
  pair,
  addSession,
  open,
}) => {
  await addSession()
  await open(page, WITH_FRAME)
  // Restored by a frame.
  expect(await start(page)).toBe('authenticated')
  pair.control.clearRequests()
  pair.control.addFault({ ...LOST, times: 1 })
  // However many calls it takes: the one that succeeds did not send it again.
  await expect.poll(async () => (await renew(page)).value).toMatch(/^ey/)
  expect(await lastRenewal(page)).toBe('silent_iframe')
  expect(sentRefreshTokens(pair)).toHaveLength(1)
})

/** Sends a refresh request, and leaves while the server is at work on it. */
async function leaveInTheMiddle(
  page: Page,
  pair: Pair,
  leave: () => Promise<unknown>,
): Promise<void> {
  // The refresh token is used up, where the server does that.
  pair.control.addFault({ endpoint: 'token', name: 'hang', afterProcessing: true, times: 1 })
  await page.evaluate(() => void auth.getTokenSilently({ cacheMode: 'off' }))
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  await leave()
}
