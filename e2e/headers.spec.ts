// The headers that docs/security.md recommends, as they are written there.
import { readFileSync } from 'node:fs'
import { HEADERS } from '../examples/storezero/headers.mjs'
import { serveStorezero } from '../examples/storezero/serve.mjs'
import { expect, test } from './support/fixtures.ts'

const manual = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8')
const block = /<!-- headers -->\s+```\n([^`]+)```/.exec(manual)?.[1] ?? ''
const recommended = Object.fromEntries(
  block
    .trim()
    .split('\n')
    .map((line) => line.split(': ') as [string, string])
    .map(([name, value]) => [name.toLowerCase(), value]),
)

test('storezero sends the headers of docs/security.md, with its pages and its scripts', async ({
  request,
}) => {
  expect(HEADERS).toEqual(recommended)
  const shop = await serveStorezero()
  for (const path of ['/', '/orders', '/auth.js', '/css/base.css']) {
    const response = await request.get(shop.origin + path)
    expect(response.ok()).toBe(true)
    expect(response.headers()).toMatchObject(recommended)
  }
  await shop.close()
})

// covers threat:opener-counts-frames
for (const [what, headers, count] of [
  ['cannot count the frames of a page with these headers', recommended, undefined],
  ['could, without them', {}, 1],
] as const)
  test(`a page that opens the app ${what}`, async ({ page, context, pair }) => {
    pair.app.respondWith('/', {
      headers: { 'content-type': 'text/html', ...headers },
      body: '<!doctype html><iframe data-test></iframe>',
    })
    await page.goto(`${pair.hostile.origin}/`)
    const opened = context.waitForEvent('page')
    await page.evaluate((url) => {
      Object.assign(globalThis, { opened: open(url) })
    }, `${pair.app.origin}/`)
    await (await opened).waitForLoadState()
    const seen = (): Promise<number | undefined> =>
      page.evaluate(() => {
        const { opened: app } = globalThis as unknown as { readonly opened: Window }
        // Cut off, it says that it is closed, and has none.
        return app.closed ? undefined : app.length
      })
    await expect.poll(seen).toBe(count)
  })
