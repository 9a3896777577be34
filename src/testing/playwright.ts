/**
 * Fixtures for Playwright.
 *
 * @module sotto/testing/playwright
 */
import type {
  BrowserContext,
  Fixtures,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
} from '@playwright/test'
import { serveAuthorizationServer } from './node.ts'
import {
  createAuthorizationServer,
  type AuthorizationServer,
} from './server/authorization-server.ts'
import type { AuthorizationServerOptions, CookieAttributes } from './server/options.ts'

/** Where the server listens, and what it is: the options of `createAuthorizationServer`. */
export interface AuthFixturesOptions extends Partial<AuthorizationServerOptions> {
  /**
   * The port on this machine; of each worker, by its `parallelIndex`, where there are several: two
   * servers cannot have one port.
   */
  readonly port: number | ((parallelIndex: number) => number)
}

/** What a test can ask for. */
export interface AuthFixtures {
  /**
   * The authorization server; `control` looks and changes. Each test finds it as it was at the
   * start.
   */
  readonly authServer: AuthorizationServer
  /**
   * Gives the browser context a session at the server, without its login page: the app is signed in
   * when it starts, as a user who comes back.
   *
   * @param user the user name or `sub`. Default: `alice`
   * @throws TypeError for a user that the server does not have
   */
  readonly signIn: (user?: string) => Promise<void>
}

/** What the tests of one worker share. */
export interface AuthWorkerFixtures {
  readonly authServerOfWorker: AuthorizationServer
}

/**
 * Fixtures for Playwright: an authorization server beside the app under test, and users who are
 * signed in without a login page. `issuer` is `http://localhost:<port>` unless told.
 *
 * @example
 * ```ts
 * import { test as base } from '@playwright/test'
 * import { authFixtures } from 'sotto/testing/playwright'
 *
 * const test = base.extend(authFixtures({ port: 4001 }))
 *
 * test('shows orders', async ({ page, signIn }) => {
 *   await signIn('bob')
 *   await page.goto('/orders')
 * })
 * ```
 */
export function authFixtures({
  port,
  ...options
}: AuthFixturesOptions): Fixtures<
  AuthFixtures,
  AuthWorkerFixtures,
  PlaywrightTestArgs & PlaywrightTestOptions,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions
> {
  return {
    authServerOfWorker: [
      // Playwright calls for a destructured parameter even where a fixture needs no other.
      // oxlint-disable-next-line no-empty-pattern
      async ({}, use, { parallelIndex }) => {
        const own = typeof port === 'function' ? port(parallelIndex) : port
        const server = createAuthorizationServer({ issuer: `http://localhost:${own}`, ...options })
        const { close } = await serveAuthorizationServer(server, { port: own }).catch(explainPort)
        await use(server)
        await close()
      },
      { scope: 'worker' },
    ],

    authServer: async ({ authServerOfWorker }, use) => {
      authServerOfWorker.control.reset()
      await use(authServerOfWorker)
    },

    signIn: async ({ context, authServer }, use) =>
      use(async (user = 'alice') => {
        const secure = authServer.issuer.startsWith('https:')
        const { cookies = { sameSite: secure ? 'None' : 'Lax', secure } } = options
        await addSession(context, authServer, { user, cookies })
      }),
  }
}

async function addSession(
  context: BrowserContext,
  { issuer, control }: AuthorizationServer,
  { user, cookies }: { readonly user: string; readonly cookies: CookieAttributes },
): Promise<void> {
  const { cookie, stateCookie } = control.signIn({ user })
  const toCookie = (pair: string, httpOnly: boolean) => {
    const [name = '', value = ''] = pair.split('=')
    return { name, value, url: issuer, httpOnly, ...cookies }
  }
  const readable = stateCookie === undefined ? [] : [toCookie(stateCookie, false)]
  await context.addCookies([toCookie(cookie, true), ...readable])
}

function explainPort(error: unknown): never {
  const { code, port } = error as { readonly code?: string; readonly port?: number }
  if (code !== 'EADDRINUSE') throw error
  throw new Error(
    `authFixtures: port ${port} is taken, perhaps by another worker: set \`workers: 1\`, or give each its own, \`port: (parallelIndex) => ${port} + parallelIndex\``,
    { cause: error },
  )
}
