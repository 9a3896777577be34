// idleTimeout with real tabs, events and storage. Clocks are moved, so that nobody has to be idle.
import type { Page } from '@playwright/test'
import { installClock, passTime } from './support/clock.ts'
import { createClientWithStorage } from './support/storage.ts'
import { expect, requestsOf, test } from './support/signed-in.ts'

declare global {
  /** What `onWarn` was called with. */
  var warned: (number | undefined)[]
}

async function openTab(page: Page, issuer: string): Promise<void> {
  await page.goto('/')
  await page.evaluate(createClientWithStorage, { issuer, kind: 'localStorage' as const })
  await page.evaluate(async () => {
    globalThis.warned = []
    const onWarn = (left: number | undefined): unknown => warned.push(left)
    sotto.idleTimeout(auth, { seconds: 600, onWarn, logout: { localOnly: true } })
    await auth.start()
  })
}

const statusOf = (page: Page) => page.evaluate(() => auth.getSnapshot().status)
const lastWarningOf = (page: Page) => page.evaluate(() => warned.at(-1) ?? 'none')

test('a user who moves the mouse in one tab is not logged out in the other', async ({
  context,
  pair,
  addSession,
}) => {
  await context.addInitScript(installClock)
  await addSession()
  const [seen, other] = [await context.newPage(), await context.newPage()]
  for (const tab of [seen, other]) await openTab(tab, pair.issuer)
  await passTime(pair, [seen, other], 570)
  for (const tab of [seen, other]) expect(await lastWarningOf(tab)).toBeLessThanOrEqual(30)
  await seen.bringToFront()
  await seen.mouse.move(20, 20)
  await seen.mouse.move(40, 40)
  for (const tab of [seen, other]) await expect.poll(() => lastWarningOf(tab)).toBe('none')
  await passTime(pair, [seen, other], 500)
  for (const tab of [seen, other]) expect(await statusOf(tab)).toBe('authenticated')
  await passTime(pair, [seen, other], 110)
  for (const tab of [seen, other]) await expect.poll(() => statusOf(tab)).toBe('anonymous')
  pair.control.clearRequests()
  await other.reload()
  await openTab(other, pair.issuer)
  expect(await statusOf(other)).toBe('anonymous')
  expect(requestsOf(pair)).toEqual([])
})

test('a page that is opened too late shows no session that is over', async ({
  context,
  pair,
  addSession,
}) => {
  await context.addInitScript(installClock)
  await addSession()
  const first = await context.newPage()
  await openTab(first, pair.issuer)
  expect(await statusOf(first)).toBe('authenticated')
  await first.close()
  const later = await context.newPage()
  await later.goto('/')
  await passTime(pair, [later], 700)
  await later.evaluate(createClientWithStorage, {
    issuer: pair.issuer,
    kind: 'localStorage' as const,
  })
  const seen = await later.evaluate(async () => {
    sotto.idleTimeout(auth, { seconds: 600, logout: { localOnly: true } })
    await auth.start()
    await new Promise((resolve) => setTimeout(resolve))
    return auth.getSnapshot().status
  })
  expect(seen).toBe('anonymous')
})
