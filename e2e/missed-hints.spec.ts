// What tabs say to each other may come late, twice, or not at all: it means "look", and the mark
// says what is so.
import type { Page } from '@playwright/test'
import { deafen } from './support/deafen.ts'
import { expect, type Said, snapshotOf, start, test } from './support/said-client.ts'

interface Message {
  readonly channel: string
  readonly data: unknown
}

declare global {
  /** What this page has said to other tabs so far, in pages with {@link recordChannels}. */
  var said: Message[]
  /** How many messages this page has been sent since {@link countMessages}. */
  var heardHints: number
}

/** Runs in the page, before its first script. */
function recordChannels(): void {
  globalThis.said = []
  const { postMessage } = BroadcastChannel.prototype
  BroadcastChannel.prototype.postMessage = function (data: unknown) {
    globalThis.said.push({ channel: this.name, data })
    postMessage.call(this, data)
  }
}

/** Runs in the page: listens beside the library. */
function countMessages(channels: readonly string[]): void {
  globalThis.heardHints = 0
  for (const name of channels)
    new BroadcastChannel(name).addEventListener('message', () => globalThis.heardHints++)
}

test('a hint of a login that comes after a logout signs nobody in, and costs no request', async ({
  page,
  context,
  pair,
  logIn,
  open,
}) => {
  const other = await context.newPage()
  await other.addInitScript(recordChannels)
  await logIn(other)
  const hints = await other.evaluate(() => said)
  expect(hints.length).toBeGreaterThan(0)
  await open(page)
  expect(await start(page)).toBe('authenticated')
  await other.evaluate(() => auth.logout({ localOnly: true }))
  await expect.poll(() => snapshotOf(page)).toMatchObject({ status: 'anonymous' })

  await page.evaluate(countMessages, [...new Set(hints.map(({ channel }) => channel))])
  pair.control.clearRequests()
  await other.evaluate((all) => {
    for (const { channel, data } of all) new BroadcastChannel(channel).postMessage(data)
  }, hints)
  await expect.poll(() => page.evaluate(() => heardHints)).toBe(hints.length)
  // Whatever a hint makes the page do silently, a call of the app comes after it.
  expect(await page.evaluate(() => settle(auth.getTokenSilently()))).toMatchObject({
    code: 'logged_out',
  })
  expect(await snapshotOf(page)).toMatchObject({ status: 'anonymous' })
  expect(pair.control.requests()).toEqual([])
})

const cachedCall = (page: Page) => page.evaluate(() => settle(auth.getTokenSilently()))

for (const storage of ['memory', 'IndexedDB'] as const) {
  const said: Said = { storage }

  test(`a tab that missed a logout gives out no token a second later, with ${storage}`, async ({
    page,
    pair,
    logIn,
    openAnother,
  }) => {
    await page.addInitScript(deafen)
    await logIn(page, said)
    expect(await cachedCall(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
    const other = await openAnother(said)
    await other.evaluate(() => auth.logout({ localOnly: true }))
    pair.control.clearRequests()
    await expect.poll(() => cachedCall(page)).toMatchObject({ code: 'logged_out' })
    expect(await page.evaluate(() => auth.getUser())).toBe(undefined)
    expect(await snapshotOf(page)).toMatchObject({ status: 'anonymous' })
    expect(pair.control.requests()).toEqual([])
  })

  test(`a tab that missed a logout is signed out when it becomes visible, with ${storage}`, async ({
    page,
    logIn,
    openAnother,
  }) => {
    await page.addInitScript(deafen)
    await logIn(page, said)
    const other = await openAnother(said)
    await other.evaluate(() => auth.logout({ localOnly: true }))
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await expect.poll(() => snapshotOf(page)).toMatchObject({ status: 'anonymous' })
  })
}
