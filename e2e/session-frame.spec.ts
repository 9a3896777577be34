// The page of the server that says whether its session has changed (`check_session_iframe`).
import type { Page } from '@playwright/test'
import { expect, seenBy, statusOf, test } from './support/app-test.ts'

test.use({ serverOptions: { checkSessionFrame: true } })

declare global {
  /** What the server's page has said, as this page heard it. */
  var sessionWords: string[]
}

/** Watches the session in a page that has had its turn to ask, and collects what is said. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(async () => {
    globalThis.sessionWords = []
    addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') sessionWords.push(data)
    })
    sotto.sessionMonitor(auth)
    const asked = new Promise<void>((resolve) => {
      const end = auth.on('token', () => {
        end()
        resolve()
      })
    })
    dispatchEvent(new Event('focus'))
    await asked
  })
}

/** Ends the client, and its frame with it. */
async function end(page: Page): Promise<void> {
  await page.evaluate(() => auth.dispose())
  expect(await frames(page)).toBe(0)
}

const frames = (page: Page): Promise<number> => page.locator('iframe').count()

// covers spec:session-frame
test(
  'a user who logs out at the server is logged out at once, and nothing was asked before',
  { tag: '@firefox' },
  async ({ page, context, pair, logIn }) => {
    await logIn(page)
    await watch(page)
    pair.control.clearRequests()
    await expect
      .poll(() => page.evaluate(() => sessionWords.length), { timeout: 10_000 })
      .toBeGreaterThan(1)
    expect(await page.evaluate(() => [...new Set(sessionWords)])).toEqual(['unchanged'])
    expect(seenBy(pair)).toEqual(['GET checkSession in a frame'])
    const account = await context.newPage()
    await account.goto(`${pair.issuer}/account`)
    await account.getByRole('button', { name: 'Log out' }).click()
    await account.close()
    await expect.poll(() => statusOf(page), { timeout: 10_000 }).toBe('anonymous')
    expect(await page.evaluate(() => sessionWords.at(-1))).toBe('changed')
    await end(page)
  },
)

// covers spec:session-frame
test('a session that has changed and still stands is asked about once', async ({
  page,
  context,
  pair,
  logIn,
}) => {
  await logIn(page)
  await watch(page)
  pair.control.clearRequests()
  await expect
    .poll(() => page.evaluate(() => sessionWords), { timeout: 10_000 })
    .toEqual(['unchanged'])
  const other = await context.newPage()
  await other.goto(`${pair.issuer}/control/login?user=alice`)
  await other.close()
  await page.bringToFront()
  await expect
    .poll(() => page.evaluate(() => sessionWords.slice(1, 3)), { timeout: 15_000 })
    .toEqual(['changed', 'unchanged'])
  expect(seenBy(pair).filter((request) => request === 'GET authorize in a frame')).toHaveLength(1)
  expect(await statusOf(page)).toBe('authenticated')
  await end(page)
})

// covers fault:session-frame-without-cookies
test('where the page says that the session has changed at first, it is not asked again', async ({
  page,
  context,
  pair,
  logIn,
}) => {
  await logIn(page)
  await context.clearCookies({ name: /^as_state_/ })
  await watch(page)
  pair.control.clearRequests()
  await expect
    .poll(() => page.evaluate(() => sessionWords), { timeout: 10_000 })
    .toEqual(['changed'])
  expect(await frames(page)).toBe(0)
  expect(seenBy(pair)).toEqual(['GET checkSession in a frame'])
  expect(await statusOf(page)).toBe('authenticated')
})

// covers fault:session-frame-forged
test('what others say is not heard', async ({ page, pair, logIn }) => {
  await logIn(page)
  await watch(page)
  await expect
    .poll(() => page.evaluate(() => sessionWords), { timeout: 10_000 })
    .toEqual(['unchanged'])
  pair.control.clearRequests()
  await page.evaluate((origin) => {
    const { contentWindow } = document.querySelector('iframe')!
    postMessage('changed')
    const [ours, theirs] = [location.origin, origin]
    dispatchEvent(new MessageEvent('message', { data: 'changed', origin: theirs, source: window }))
    dispatchEvent(
      new MessageEvent('message', { data: 'changed', origin: ours, source: contentWindow }),
    )
    dispatchEvent(new MessageEvent('message', { data: 'error', origin: theirs, source: window }))
  }, pair.issuer)
  // The frame goes on, and says so itself.
  await expect
    .poll(() => page.evaluate(() => sessionWords.at(-1)), { timeout: 10_000 })
    .toBe('unchanged')
  expect(await frames(page)).toBe(1)
  expect(seenBy(pair)).toEqual([])
  await end(page)
})
