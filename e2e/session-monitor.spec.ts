// A user who logs out at the server, or in another app of it.
import { readFileSync } from 'node:fs'
import { expect, statusOf, test } from './support/app-test.ts'

const focus = (): boolean => window.dispatchEvent(new Event('focus'))

// covers spec:session-monitor
test('a user who has logged out at the server is logged out in every tab, once they are back', async ({
  page,
  context,
  pair,
  logIn,
  openApp,
}) => {
  await logIn(page, { storage: 'localStorage' })
  const other = await context.newPage()
  await openApp(other, '/', { storage: 'localStorage' })
  await other.evaluate(() => auth.start())
  expect(await statusOf(other)).toBe('authenticated')
  await page.bringToFront()
  await page.evaluate(() => void sotto.sessionMonitor(auth, { intervalSeconds: 0 }))
  const tokenOf = (): Promise<string> => page.evaluate(() => auth.getTokenSilently())
  const old = await tokenOf()
  await page.evaluate(focus)
  await expect.poll(tokenOf).not.toBe(old)
  expect(await statusOf(page)).toBe('authenticated')
  pair.control.endSessions({ user: 'alice' })
  await page.evaluate(focus)
  await expect.poll(() => statusOf(page)).toBe('anonymous')
  await expect.poll(() => statusOf(other)).toBe('anonymous')
})

// covers spec:front-channel-logout
test('the page for front-channel logout ends the session of its sid, and no other', async ({
  page,
  context,
  pair,
  logIn,
}) => {
  const body = readFileSync(new URL('../dist/front-channel-logout.html', import.meta.url), 'utf8')
  const headers = { 'content-type': 'text/html; charset=utf-8' }
  pair.app.respondWith('/front-channel-logout.html', { headers, body })
  await logIn(page)
  await page.evaluate(() => void sotto.sessionMonitor(auth))
  const sid = await page.evaluate(async () => String((await auth.getIdToken())?.claims['sid']))
  const server = await context.newPage()
  await server.goto(pair.issuer)
  const load = (query: string): Promise<unknown> =>
    server.evaluate(
      (src) =>
        new Promise((resolve) => {
          const frame = document.createElement('iframe')
          Object.assign(frame, { src, onload: resolve })
          document.body.append(frame)
        }),
      `${pair.app.origin}/front-channel-logout.html?${query}`,
    )
  await load(new URLSearchParams({ iss: pair.issuer, sid: 'another' }).toString())
  await load(new URLSearchParams({ iss: 'https://evil.example', sid }).toString())
  expect(await statusOf(page)).toBe('authenticated')
  await load(new URLSearchParams({ iss: pair.issuer, sid }).toString())
  await expect.poll(() => statusOf(page)).toBe('anonymous')
})
