import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import type * as Sotto from 'sotto'
import type * as Dpop from 'sotto/dpop'
import type * as Worker from 'sotto/worker'
import type { AuthorizationServerOptions } from 'sotto/testing'
import { CLIENT_ID, type Pair, type PairKind, servePair } from './serve.ts'
import { launchWithThirdPartyCookies } from './third-party-cookies.ts'

declare global {
  // What the test app puts on its window; tests use it inside `page.evaluate`.
  var sotto: typeof Sotto & typeof Dpop & typeof Worker
  /** What {@link Fixtures.createClient} made. */
  var auth: Sotto.AuthClient
  /** Errors that the page did not catch. */
  var uncaught: readonly string[]
}

/**
 * Client options that can be sent to a page; for the others call `sotto.createAuthClient` there.
 */
type PlainClientOptions = Omit<
  Partial<Sotto.ClientOptions>,
  | 'dpop'
  | 'fetch'
  | 'logger'
  | 'navigate'
  | 'onLoginRequired'
  | 'par'
  | 'renewal'
  | 'tokenStorage'
  | 'transactionStorage'
> & { readonly onLoginRequired?: 'throw' | 'redirect' }

/** What a file or a group sets with `test.use`. */
export interface Options {
  /** How the app and the authorization server stand to each other. */
  readonly pairKind: PairKind
  /** Options of the authorization server, over those of the harness. */
  readonly serverOptions: Partial<AuthorizationServerOptions>
  /** Further clients of the app's origin, with the same redirect URIs. */
  readonly otherClientIds: readonly string[]
  /** `allowed` starts a browser of its own for each test: for the tests that need it only. */
  readonly thirdPartyCookies: 'default' | 'allowed'
  /** Whether a test fails that leaves a frame or an uncaught error behind. */
  readonly checkLeaks: boolean
}

interface Fixtures {
  /** The servers of this test, on ports of their own. */
  readonly pair: Pair
  /**
   * Logs in at the authorization server's page, which must be open or about to open; resolves when
   * it has been left.
   */
  readonly signIn: (page: Page, user?: string) => Promise<void>
  /** Makes `window.auth` in the page: a client of this pair's server. */
  readonly createClient: (page: Page, options?: PlainClientOptions) => Promise<void>
  readonly leaks: void
}

export const test = base.extend<Options & Fixtures>({
  pairKind: ['same-site', { option: true }],
  serverOptions: [{}, { option: true }],
  otherClientIds: [[], { option: true }],
  thirdPartyCookies: ['default', { option: true }],
  checkLeaks: [true, { option: true }],

  pair: async ({ pairKind, serverOptions, otherClientIds }, use) => {
    const pair = await servePair(pairKind, serverOptions, otherClientIds)
    await use(pair)
    await pair.close()
  },

  baseURL: async ({ pair }, use) => use(pair.app.origin),

  context: async (
    { context, pairKind, thirdPartyCookies, browserName, playwright, baseURL },
    use,
  ) => {
    // The headless shell, in which the other tests run, sends the cookies.
    const isOwn = browserName === 'chromium' && pairKind === 'cross-site-https'
    if (thirdPartyCookies === 'default' && !isOwn) return use(context)
    const own = await launchWithThirdPartyCookies(playwright[browserName], thirdPartyCookies, {
      ignoreHTTPSErrors: true,
      ...(baseURL !== undefined && { baseURL }),
    })
    await use(own.context)
    return own.close()
  },

  // Playwright calls for a destructured parameter even where a fixture needs no other.
  // oxlint-disable-next-line no-empty-pattern
  signIn: async ({}, use) => use(signIn),

  createClient: async ({ pair }, use) =>
    use(async (page, options = {}) => {
      await page.evaluate(
        (all) => {
          // A client that is left would share its session.
          globalThis.auth?.dispose()
          globalThis.auth = sotto.createAuthClient(all)
        },
        { issuer: pair.issuer, clientId: CLIENT_ID, redirectUri: '/callback', ...options },
      )
    }),

  leaks: [
    async ({ context, pair, checkLeaks }, use) => {
      await use()
      if (!checkLeaks) return
      expect(await findLeftFrames(context, pair), 'frames left in the document').toEqual([])
      expect(await findUncaught(context, pair), 'errors that nobody caught').toEqual([])
    },
    { auto: true },
  ],
})

export { expect }

async function signIn(page: Page, user = 'alice'): Promise<void> {
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('Password').fill(user)
  const loginPage = page.url()
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL((url) => url.href !== loginPage)
}

/** The pages of the app that are still open. */
function findAppPages(context: BrowserContext, { app }: Pair): Page[] {
  return context.pages().filter((page) => page.url().startsWith(`${app.origin}/`))
}

/** Frames that no test made: those of tests carry the attribute `data-test`. */
async function findLeftFrames(context: BrowserContext, pair: Pair): Promise<string[]> {
  const frames = await Promise.all(
    findAppPages(context, pair).map((page) =>
      page
        .locator('iframe:not([data-test])')
        .evaluateAll((all) => all.map(({ outerHTML }) => outerHTML)),
    ),
  )
  return frames.flat()
}

async function findUncaught(context: BrowserContext, pair: Pair): Promise<string[]> {
  const pages = findAppPages(context, pair)
  const here = await Promise.all(
    pages.map((page) => page.evaluate(() => globalThis.uncaught ?? [])),
  )
  return [...new Set([...pair.app.uncaught, ...here.flat()])]
}
