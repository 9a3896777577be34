// A client whose options can be said in data, for what depends on how a client renews and where it
// keeps its session.
import type { Page } from '@playwright/test'
import type { AuthWarning, ClientOptions, LoginOptions, SilentIframeOptions } from 'sotto'
import { instrument } from './instruments.ts'
import { CLIENT_ID, type Pair } from './serve.ts'
import { expect, test as base } from './signed-in.ts'
import { readStorages } from './stored-data.ts'

export { BY_REFRESH, refreshesOf } from './refresh-grants.ts'
export { countAuthorize } from './requests.ts'
export { expect }

export interface Said extends Pick<
  Partial<ClientOptions>,
  'authorizationParams' | 'leewaySeconds' | 'redirectUri' | 'scope' | 'timeoutMs'
> {
  readonly storage?: 'memory' | 'sessionStorage' | 'localStorage' | 'IndexedDB'
  /** In this order; by frame unless told. */
  readonly renewal?: readonly ('refresh' | 'frame')[]
  readonly silent?: SilentIframeOptions
  readonly onLoginRequired?: 'throw' | 'redirect'
}

/** What `onCallback` is told. */
export interface CallbackReport {
  readonly path?: string
  readonly returnTo?: string
  readonly appState?: unknown
  readonly user?: { readonly sub: string }
  readonly error?: { readonly code: string }
}

/** Options of a login, with what a session remembers of it. */
export interface SessionLogin extends LoginOptions {
  readonly sessionParams?: Readonly<Record<string, string>>
}

interface LogIn {
  readonly path?: string
  readonly user?: string
  readonly login?: SessionLogin
}

declare global {
  /** Every warning of the client. */
  var warnings: AuthWarning[]
  /** What `onCallback` was told, where {@link startListening} has started the client. */
  var callbacks: CallbackReport[]
}

interface Fixtures {
  /** Opens a path of the app with such a client, which has done nothing yet. */
  readonly open: (page: Page, said?: Said, path?: string) => Promise<void>
  /** Makes such a client in the page that is open. */
  readonly make: (page: Page, said?: Said) => Promise<void>
  /** Logs in and back to where it was begun; the server's log is empty then. */
  readonly logIn: (page: Page, said?: Said, options?: LogIn) => Promise<void>
  /** Opens the app in another tab with the session of the browser. */
  readonly openAnother: (said?: Said) => Promise<Page>
}

export const test = base.extend<Fixtures>({
  // All tabs are instrumented, those too that the page opens itself.
  page: async ({ context }, use) => {
    await instrument(context)
    await use(await context.newPage())
  },

  make: async ({ pair }, use) =>
    use((page, said = {}) =>
      page.evaluate(makeInPage, { issuer: pair.issuer, clientId: CLIENT_ID, said }),
    ),

  open: async ({ make }, use) =>
    use(async (page, said, path = '/') => {
      await page.goto(path)
      await make(page, said)
    }),

  logIn: async ({ pair, open, make, signIn }, use) =>
    use(async (page, said, { path = '/', user = 'alice', login = {} } = {}) => {
      await open(page, said, path)
      await page.evaluate((options) => void auth.loginWithRedirect(options), login)
      await signIn(page, user)
      await page.waitForURL(/\/callback/)
      await make(page, said)
      expect(await start(page)).toBe('authenticated')
      pair.control.clearRequests()
    }),

  openAnother: async ({ context, pair, open }, use) =>
    use(async (said) => {
      const page = await context.newPage()
      await open(page, said, '/other')
      expect(await start(page)).toBe('authenticated')
      pair.control.clearRequests()
      return page
    }),
})

/** Starts the client in the page; gives the status. */
export function start(page: Page): Promise<string> {
  return page.evaluate(async () => (await auth.start()).status)
}

/**
 * Starts it with an `onCallback` that keeps what it is told, and leads nowhere; gives the status.
 */
export function startListening(page: Page): Promise<string> {
  return page.evaluate(async () => {
    globalThis.callbacks = []
    const onCallback = (result: unknown): void => {
      // As data: an error would leave the page as its message alone.
      const { error, ...rest } = result as CallbackReport
      callbacks.push({ ...rest, ...(error && { error: { code: error.code } }) })
    }
    return (await auth.start({ onCallback })).status
  })
}

/** A new token in any case, or the code of the error. */
export function renew(page: Page) {
  return page.evaluate(() => settle(auth.getTokenSilently({ cacheMode: 'off' })))
}

/** The page's snapshot, as far as it is data. */
export function snapshotOf(
  page: Page,
): Promise<{ readonly status: string; readonly code?: string }> {
  return page.evaluate(() => {
    const snapshot = auth.getSnapshot()
    const { status } = snapshot
    return status === 'error' ? { status, code: snapshot.error.code } : { status }
  })
}

/** How the last renewal ended: by which strategy, or with what error. */
export function lastRenewal(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const { strategy, error } = renewals.at(-1) ?? {}
    return strategy ?? error
  })
}

/** The refresh tokens that were sent to renew with, in order. */
export function sentRefreshTokens({ control }: Pair): string[] {
  return control
    .requests({ endpoint: 'token' })
    .map(({ parameters }) => parameters['refresh_token'])
    .filter((token) => token !== undefined)
}

/**
 * All that the page's origin has stored, as one text: to look for what must be in it, or must not.
 */
export async function storedText(page: Page): Promise<string> {
  return JSON.stringify(await readStorages(page))
}

/** Runs in the page: it may refer to nothing outside itself. */
function makeInPage({
  said: { storage = 'memory', renewal = ['frame'], silent = {}, ...options },
  ...client
}: {
  readonly issuer: string
  readonly clientId: string
  readonly said: Said
}): void {
  const storages = {
    memory: () => sotto.memoryStorage(),
    sessionStorage: () => sotto.webStorage(() => sessionStorage),
    localStorage: () => sotto.webStorage(() => localStorage),
    IndexedDB: () => sotto.indexedDbStorage(),
  }
  const strategies = {
    refresh: () => sotto.refreshToken(),
    frame: () => sotto.silentIframe(silent),
  }
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    tokenStorage: storages[storage](),
    renewal: renewal.map((name) => strategies[name]()),
    ...(renewal.includes('refresh') && { scope: 'openid profile email offline_access' }),
    ...options,
  })
  globalThis.renewals = []
  globalThis.auth.on('renewal', (event) => globalThis.renewals.push(event))
  globalThis.warnings = []
  globalThis.auth.on('warning', (warning) => globalThis.warnings.push(warning))
}
