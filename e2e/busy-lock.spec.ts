// A refresh in one tab that takes its time, and what another tab does meanwhile, where no cookie of
// the server reaches a frame.
import { redirectsOf } from './support/fallback.ts'
import { expect, refreshesOf, renew, type Said, start, test } from './support/said-client.ts'

const SAID: Said = { storage: 'IndexedDB', renewal: ['refresh', 'frame'], timeoutMs: 30_000 }

test.use({ pairKind: 'cross-site' })

test('a tab that waits for the metadata holds no other up', async ({
  page,
  logIn,
  openAnother,
  make,
}) => {
  await logIn(page, SAID)
  const other = await openAnother(SAID)
  await renew(other)
  let release: (() => void) | undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.route(/openid-configuration/, async (route) => {
    await released
    await route.continue()
  })
  await page.reload()
  await make(page, SAID)
  const asked = page.waitForRequest(/openid-configuration/)
  const slow = renew(page)
  await asked
  const { value, ms } = await renew(other)
  release?.()
  expect(value).toMatch(/^ey/)
  // Less than one wait for a lock.
  expect(ms).toBeLessThan(9000)
  await slow
})

test('a lock that is busy is lock_timeout, retryable, and sends nobody to log in', async ({
  page,
  pair,
  logIn,
  openAnother,
}) => {
  test.setTimeout(60_000)
  await logIn(page, SAID)
  const other = await openAnother({ ...SAID, onLoginRequired: 'redirect' })
  pair.control.addFault({ endpoint: 'token', name: 'lateAnswer', ms: 16_000, times: 1 })
  const slow = renew(page)
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  expect(await renew(other)).toMatchObject({ code: 'lock_timeout', retryable: true })
  expect(redirectsOf(pair)).toEqual([])
  expect(await slow).toMatchObject({ value: expect.stringMatching(/^ey/) })
  expect(await renew(other)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  expect(await start(other)).toBe('authenticated')
})
