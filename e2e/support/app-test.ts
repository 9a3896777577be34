import type { Page } from '@playwright/test'
import type { ClientOptions, LoginOptions } from 'sotto'
import { expect, test as base } from './fixtures.ts'
import { CLIENT_ID, type Pair } from './serve.ts'

/** How a promise of the library ended, as plain data. */
export interface Outcome {
  readonly value?: unknown
  readonly code?: string
  readonly oauthError?: string
  readonly appState?: unknown
  readonly returnTo?: string
}

declare global {
  /**
   * Says how a promise ended; in every page that {@link AppFixtures.openApp} or
   * {@link AppFixtures.makeClient} was given.
   */
  var outcomeOf: (promise: Promise<unknown>) => Promise<Outcome>
}

export type StorageKind = 'memory' | 'localStorage' | 'indexedDb'

/** Client options that can be sent to a page. */
export interface ClientSettings extends Pick<
  ClientOptions,
  'clientId' | 'issuer' | 'redirectUri' | 'responseMode' | 'scope' | 'timeoutMs'
> {
  readonly onLoginRequired: 'throw' | 'redirect'
  readonly storage: StorageKind
}

interface LogIn extends Partial<ClientSettings> {
  readonly path?: string
  readonly user?: string
  readonly login?: Omit<LoginOptions, 'signal'>
}

interface AppFixtures {
  /** Makes `window.auth` in the page. */
  readonly makeClient: (page: Page, settings?: Partial<ClientSettings>) => Promise<void>
  /** Opens a path of the app and makes a client there. */
  readonly openApp: (page: Page, path?: string, settings?: Partial<ClientSettings>) => Promise<void>
  /** Logs in up to the callback, with a client there that has not processed it yet. */
  readonly logInToCallback: (page: Page, options?: LogIn) => Promise<void>
  /** Logs in, and back to where it was begun. */
  readonly logIn: (page: Page, options?: LogIn) => Promise<void>
}

/** The test of the harness, with the steps that most tests of logins begin with. */
export const test = base.extend<AppFixtures>({
  makeClient: async ({ pair }, use) =>
    use((page, settings = {}) =>
      page.evaluate(makeClientInPage, {
        issuer: pair.issuer,
        clientId: CLIENT_ID,
        redirectUri: '/callback',
        ...settings,
      }),
    ),

  openApp: async ({ makeClient }, use) =>
    use(async (page, path = '/', settings = {}) => {
      await page.goto(path)
      await makeClient(page, settings)
    }),

  logInToCallback: async ({ openApp, makeClient, signIn }, use) =>
    use(async (page, { path = '/', user = 'alice', login = {}, ...settings } = {}) => {
      await openApp(page, path, settings)
      await page.evaluate((options) => void auth.loginWithRedirect(options), login)
      await signIn(page, user)
      await arriveAtCallback(page)
      await makeClient(page, settings)
    }),

  logIn: async ({ logInToCallback }, use) =>
    use(async (page, options = {}) => {
      await logInToCallback(page, options)
      await page.evaluate(() => auth.start())
      await expect.poll(() => statusOf(page)).toBe('authenticated')
    }),
})

export { expect }

/** Waits until the page is at the callback, whatever the response mode. */
export function arriveAtCallback(page: Page): Promise<void> {
  return page.waitForURL(/\/callback[?#]/)
}

/**
 * Goes one page back, to one of the app.
 *
 * @returns whether the browser had kept the page alive (back/forward cache): Firefox does while it
 *   is driven, Chromium does not
 */
export async function goBack(page: Page): Promise<boolean> {
  const left = page.url()
  await page.evaluate(() => setTimeout(() => history.back()))
  // Playwright may hear nothing of a page that was kept alive, neither a commit nor a `load`: so
  // the page is asked.
  const isBack = async (): Promise<boolean> => {
    const [address, isLoaded] = await page
      .evaluate(() => [location.href, 'sotto' in globalThis] as const)
      .catch(() => [left, false] as const)
    return address !== left && isLoaded
  }
  await expect.poll(isBack).toBe(true)
  return page.evaluate(() => 'auth' in globalThis)
}

/** Where a page is, by its own word: see {@link goBack}. */
export function addressOf(page: Page): Promise<string> {
  return page.evaluate(() => location.href)
}

/** The status of the page's snapshot. */
export function statusOf(page: Page): Promise<string> {
  return page.evaluate(() => auth.getSnapshot().status)
}

/**
 * The requests that the server has seen, in order; an authorization request says whether it came
 * from a frame.
 */
export function seenBy({ control }: Pair): string[] {
  return control
    .requests()
    .map(
      ({ endpoint, method, secFetchDest }) =>
        `${method} ${endpoint}${secFetchDest === 'iframe' ? ' in a frame' : ''}`,
    )
}

/** The claims of a JWT. */
export function claimsOf(token: unknown): Readonly<Record<string, unknown>> {
  const payload = Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()
  return JSON.parse(payload) as Record<string, unknown>
}

/** Runs in the page: it may refer to nothing outside itself. */
function makeClientInPage({
  storage,
  ...options
}: Partial<ClientSettings> & Pick<ClientOptions, 'issuer' | 'clientId' | 'redirectUri'>): void {
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...options,
    ...(storage === 'localStorage' && { tokenStorage: sotto.webStorage(() => localStorage) }),
    ...(storage === 'indexedDb' && { tokenStorage: sotto.indexedDbStorage() }),
  })
  globalThis.outcomeOf = async (promise) => {
    try {
      return { value: await promise }
    } catch (error) {
      if (!sotto.isAuthError(error)) throw error
      const { code, oauthError, appState, returnTo } = error
      return {
        code,
        ...(oauthError !== undefined && { oauthError }),
        ...(appState !== undefined && { appState }),
        ...(returnTo !== undefined && { returnTo }),
      }
    }
  }
}
