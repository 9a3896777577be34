import type { Page } from '@playwright/test'
import type { PopupOptions, PopupTokenOptions } from 'sotto'
import { expect, test as base } from './fixtures.ts'
import { instrument, type Outcome } from './instruments.ts'
import { CLIENT_ID, type Pair } from './serve.ts'
import { serveCallbackPage } from './silent-modes.ts'

export { expect }

declare global {
  /** Whether the page has the focus: a browser that is driven says so of every page. */
  var isFocused: boolean
  /** What `window.open` has given, oldest first. */
  var handles: Window[]
  /** A second call, besides `pending`. */
  var joined: Promise<Outcome>
}

interface Fixtures {
  /** Opens the app, with a client there, and the callback page of the package at `/silent.html`. */
  readonly openApp: (path?: string) => Promise<void>
  /** Begins a login in a popup, which `pending` is, and resolves with the popup. */
  readonly beginLogin: (options?: Omit<PopupOptions, 'signal'>) => Promise<Page>
  /** Opens the app, begins a login there, and resolves with the popup at the login page. */
  readonly openLogin: (options?: Omit<PopupOptions, 'signal'>) => Promise<Page>
  /** The same as `beginLogin` for a token. */
  readonly beginToken: (options?: Omit<PopupTokenOptions, 'signal'>) => Promise<Page>
}

/** The test of ./fixtures.ts, for popups. */
export const test = base.extend<Fixtures>({
  page: async ({ page }, use) => {
    await instrument(page)
    await page.addInitScript(() => {
      globalThis.isFocused = true
      document.hasFocus = () => globalThis.isFocused
      globalThis.handles = []
      const { open } = window
      window.open = (...given) => {
        const handle = open.apply(window, given)
        if (handle) globalThis.handles.push(handle)
        return handle
      }
    })
    await use(page)
  },

  openApp: async ({ page, pair, createClient }, use) =>
    use(async (path = '/') => {
      serveCallbackPage(pair)
      await page.goto(path)
      await createClient(page)
    }),

  beginLogin: async ({ page }, use) =>
    use((options = {}) =>
      beginsIn(page, () =>
        page.evaluate((given) => {
          pending = settle(sotto.loginWithPopup(auth, { redirectUri: '/silent.html', ...given }))
        }, options),
      ),
    ),

  openLogin: async ({ openApp, beginLogin }, use) =>
    use(async (options = {}) => {
      await openApp()
      const popup = await beginLogin(options)
      await popup.getByLabel('User name').waitFor()
      return popup
    }),

  beginToken: async ({ page }, use) =>
    use((options = {}) =>
      beginsIn(page, () =>
        page.evaluate((given) => {
          pending = settle(sotto.getTokenWithPopup(auth, { redirectUri: '/silent.html', ...given }))
        }, options),
      ),
    ),
})

/** The popup that something opens. */
export async function beginsIn(page: Page, open: () => Promise<unknown>): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), open()])
  return popup
}

/** Fills in the login page in a popup, and waits until the popup has closed. */
export async function signInThere(popup: Page, user = 'alice'): Promise<void> {
  await popup.getByLabel('User name').fill(user)
  await popup.getByLabel('Password').fill(user)
  const closed = popup.isClosed() ? undefined : popup.waitForEvent('close')
  // It may close before the click has come back.
  await popup
    .getByRole('button', { name: 'Log in' })
    .click()
    .catch(() => {})
  await closed
}

/** How the call ended that was begun in the page. */
export function outcomeIn(page: Page): Promise<Outcome> {
  return page.evaluate(() => pending)
}

/** The `state` of the authorization request that the server has seen last. */
export function lastState({ control }: Pair): string {
  return control.requests({ endpoint: 'authorize' }).at(-1)?.parameters['state'] ?? ''
}

/** Puts an app at the redirect URI that starts by itself. */
export function serveStartingApp(
  { app, issuer }: Pair,
  headers: Readonly<Record<string, string>> = {},
): void {
  const options = JSON.stringify({ issuer, clientId: CLIENT_ID, redirectUri: '/callback' })
  app.respondWith('/callback', {
    headers: { 'content-type': 'text/html', ...headers },
    body: `<!doctype html><script src="/boot.js"></script><script type="module">
      import * as sotto from '/sotto.js'
      globalThis.auth = sotto.createAuthClient(${options})
      auth.start()
    </script>`,
  })
}

/** Has the next page of the server that a browser shows come with a policy. */
export function addServerPolicy({ control }: Pair): void {
  const set = { 'cross-origin-opener-policy': 'same-origin' }
  control.addFault({ endpoint: 'authorize', name: 'headers', set })
}
