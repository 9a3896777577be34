import { readFileSync } from 'node:fs'
import type { SilentIframeOptions } from 'sotto'
import type { Outcome } from './instruments.ts'
import { CLIENT_ID, type Pair } from './serve.ts'
import { test as base } from './signed-in.ts'

interface Fixtures {
  /**
   * Opens the app with a session at the server, and asks silently in this way; resolves with how it
   * ended.
   */
  readonly ask: (options: SilentIframeOptions) => Promise<Outcome>
}

/** The test of ./signed-in.ts, for silent requests with options of their own. */
export const test = base.extend<Fixtures>({
  ask: async ({ page, pair, addSession }, use) =>
    use(async (options) => {
      await addSession()
      await page.goto('/')
      return page.evaluate(askInPage, { issuer: pair.issuer, clientId: CLIENT_ID, options })
    }),
})

/** Runs in the page: it may refer to nothing outside itself. */
export function askInPage({
  options,
  ...client
}: {
  readonly issuer: string
  readonly clientId: string
  readonly options: SilentIframeOptions
}): Promise<Outcome> {
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    renewal: [sotto.silentIframe(options)],
  })
  return settle(auth.getTokenSilently())
}

const html = { 'content-type': 'text/html; charset=utf-8' }

/**
 * Puts a real app behind the redirect URI: it tells that it has booted, its router takes the query
 * and the fragment out of the address at once, and files of it are so slow that the page never
 * finishes loading.
 */
export function serveStrippingApp({ app }: Pair): void {
  app.respondWith('/callback', {
    headers: html,
    body: `<!doctype html><script src="/boot.js"></script>
      <script>history.replaceState(null, '', '/')</script>
      <body><img src="/never.svg"><h1>The app</h1>`,
  })
}

/** Puts the callback page of the package at `/silent.html`. */
export function serveCallbackPage({ app }: Pair, headers: Readonly<Record<string, string>> = {}) {
  const body = readFileSync(new URL('../../dist/silent-callback.html', import.meta.url), 'utf8')
  app.respondWith('/silent.html', { headers: { ...html, ...headers }, body })
  return body
}
