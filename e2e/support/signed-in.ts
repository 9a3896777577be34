import type { ClientOptions, RenewalStrategy } from 'sotto'
import { test as base } from './fixtures.ts'
import { instrument } from './instruments.ts'

export { expect } from './fixtures.ts'
export { countAuthorize, ONE_RENEWAL, renewalRequestsOf, requestsOf } from './requests.ts'

interface OpenOptions extends Partial<Pick<ClientOptions, 'scope' | 'audience' | 'leewaySeconds'>> {
  readonly path?: string
  /** How long a silent request may take once the app has started. */
  readonly silentTimeoutMs?: number
}

interface Fixtures {
  /** Gives the browser a session at the server, without the login page. */
  readonly addSession: (user?: string) => Promise<void>
  /**
   * Opens the app with a session at the server and a client that has restored it; the server's log
   * is empty then.
   */
  readonly openSignedIn: (options?: OpenOptions) => Promise<void>
}

/** The test of ./fixtures.ts for what begins with a signed-in user, in instrumented pages. */
export const test = base.extend<Fixtures>({
  page: async ({ page }, use) => {
    await instrument(page)
    await use(page)
  },

  addSession: async ({ context, pair }, use) =>
    use(async (user = 'alice') => {
      const [name = '', value = ''] = pair.control.signIn({ user }).cookie.split('=')
      const secure = pair.issuer.startsWith('https:')
      const sameSite = secure ? 'None' : 'Lax'
      await context.addCookies([
        { name, value, url: pair.issuer, httpOnly: true, secure, sameSite },
      ])
    }),

  openSignedIn: async ({ page, pair, addSession, createClient }, use) =>
    use(async ({ path = '/', silentTimeoutMs, ...options } = {}) => {
      await addSession()
      await page.goto(path)
      if (silentTimeoutMs === undefined) await createClient(page, options)
      else await page.evaluate(createClientInHaste, { ...options, issuer: pair.issuer })
      const snapshot = await page.evaluate(() => auth.start())
      if (snapshot.status === 'error') throw snapshot.error
      if (snapshot.status !== 'authenticated')
        throw new Error(`the app has started as ${snapshot.status}`)
      await page.evaluate((ms) => {
        globalThis.silentTimeoutMs = ms
      }, silentTimeoutMs)
      pair.control.clearRequests()
    }),
})

declare global {
  var silentTimeoutMs: number | undefined
}

/**
 * A client that has its patience from a global variable: a loaded machine shall start the app all
 * the same. Runs in the page.
 */
function createClientInHaste(options: Omit<ClientOptions, 'clientId' | 'redirectUri'>): void {
  const renewal: RenewalStrategy = (...args) => {
    const timeoutMs = globalThis.silentTimeoutMs
    return sotto.silentIframe(timeoutMs === undefined ? {} : { timeoutMs })(...args)
  }
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    clientId: 'app',
    redirectUri: '/callback',
    renewal: [renewal],
    ...options,
  })
}
