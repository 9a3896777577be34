import type { Page } from '@playwright/test'
import { type AppServer, serveApp } from './app-server.ts'
import { test as base } from './bound.ts'
import type { Demand, Rotation } from './real-provider.ts'
import { type RealServer, serveRealServer } from './real-server.ts'

export { arriveAtCallback, claimsOf, expect, statusOf } from './app-test.ts'

/**
 * The test of ./app-test.ts with a real server in the place of the mock: what needs the mock's
 * `control` cannot be used.
 */
export const test = base.extend<{
  /** What becomes of a refresh token by its use. */
  readonly rotation: Rotation
  /** What the server demands. */
  readonly demands: readonly Demand[]
  readonly realApp: AppServer
  readonly realServer: RealServer
}>({
  rotation: ['strict', { option: true }],
  demands: [[], { option: true }],

  realApp: async ({ pairKind }, use) => {
    const app = await serveApp({ host: pairKind === 'same-site' ? 'localhost' : '127.0.0.1' })
    await use(app)
    await app.close()
  },

  realServer: async ({ realApp, rotation, demands }, use) => {
    const server = await serveRealServer(realApp.origin, rotation, demands)
    await use(server)
    await server.close()
  },

  pair: async ({ pairKind: kind, realApp: app, realServer: { issuer } }, use) =>
    use({
      kind,
      app,
      issuer,
      get control(): never {
        throw new Error('a real server has no control')
      },
      get hostile(): never {
        throw new Error('there is nobody else beside a real server')
      },
      close: () => Promise.resolve(),
    }),
})

/** The requests that the server has seen, in the words of `seenBy`. */
export function seenByReal({ requests }: RealServer): string[] {
  return requests.map(
    ({ method, endpoint, destination }) =>
      `${method} ${endpoint}${destination === 'iframe' ? ' in a frame' : ''}`,
  )
}

/** Asks for a new token, past the cache. */
export function renew(page: Page, scope?: string) {
  return page.evaluate(
    (options) => outcomeOf(auth.getTokenSilently({ cacheMode: 'off', ...options })),
    scope === undefined ? {} : { scope },
  )
}
