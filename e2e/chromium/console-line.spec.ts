// What Chromium writes into the console where a page of ours is loaded into a frame without
// scripts, as docs/api.md says it.
import type { Page } from '@playwright/test'
import { expect, test } from '../support/fixtures.ts'
import { CLIENT_ID } from '../support/serve.ts'

/** The red lines of a silent request in the mode `fragment`, and how it ended. */
async function ask(page: Page, issuer: string, callbackUri?: string) {
  const lines: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') lines.push(message.text())
  })
  await page.goto('/')
  const status = await page.evaluate(
    async ([server, clientId, callback]) => {
      const silent = sotto.silentIframe({
        responseMode: 'fragment',
        ...(callback && { callbackUri: callback }),
      })
      globalThis.auth = sotto.createAuthClient({
        ...{ issuer: server, clientId, redirectUri: '/callback' },
        renewal: [silent],
      })
      return (await auth.start()).status
    },
    [issuer, CLIENT_ID, callbackUri] as const,
  )
  return { lines, status }
}

test('the app as the callback page of a frame makes a red line with its address', async ({
  page,
  pair,
}) => {
  const { lines, status } = await ask(page, pair.issuer)
  expect(status).toBe('anonymous')
  await expect
    .poll(() => lines.join('\n'))
    .toMatch(/Blocked script execution in '.*\/callback#.*state=/)
})

test('an empty callback page makes none', async ({ page, pair }) => {
  pair.app.respondWith('/silent.html', { headers: { 'content-type': 'text/html' }, body: ' ' })
  const { lines, status } = await ask(page, pair.issuer, '/silent.html')
  expect(status).toBe('anonymous')
  expect(lines).toEqual([])
})
