import type { Page } from '@playwright/test'
import { CLIENT_ID, type Pair } from './serve.ts'

export { BY_REFRESH, refreshesOf } from './refresh-grants.ts'
export { expect, renewalRequestsOf, requestsOf, test } from './signed-in.ts'

export type Kind = 'localStorage' | 'indexedDb'

/**
 * Makes a client that renews by refresh token, then by frame, and starts it. Runs in the page: it
 * may refer to nothing outside itself.
 */
async function startInPage({
  kind,
  ...client
}: {
  readonly issuer: string
  readonly clientId: string
  readonly kind: Kind
}): Promise<string> {
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    scope: 'openid profile email offline_access',
    tokenStorage:
      kind === 'indexedDb' ? sotto.indexedDbStorage() : sotto.webStorage(() => localStorage),
    renewal: [sotto.refreshToken(), sotto.silentIframe()],
  })
  globalThis.renewals = []
  globalThis.auth.on('renewal', (event) => globalThis.renewals.push(event))
  return (await globalThis.auth.start()).status
}

/** Starts such a client in the page that is open. */
export function startRefreshing(
  page: Page,
  { issuer }: Pair,
  kind: Kind,
  clientId: string = CLIENT_ID,
): Promise<string> {
  return page.evaluate(startInPage, { issuer, clientId, kind })
}

/** Opens the app in a page with such a client; the server's log is empty then. */
export async function openRefreshing(
  page: Page,
  pair: Pair,
  kind: Kind = 'localStorage',
): Promise<void> {
  await page.goto('/')
  const status = await startRefreshing(page, pair, kind)
  if (status !== 'authenticated') throw new Error(`the app has started as ${status}`)
  pair.control.clearRequests()
}

/** A new token in any case, and how it was had; or the code of the error, and who has tried. */
export function renewIn(page: Page): Promise<{
  readonly code?: string
  readonly strategy?: string | undefined
  readonly attempts: readonly string[]
}> {
  return page.evaluate(async () => {
    try {
      await auth.getTokenSilently({ cacheMode: 'off' })
    } catch (error) {
      if (!sotto.isAuthError(error)) throw error
      const attempts = (error.attempts ?? []).map(({ strategy, code }) => `${strategy} ${code}`)
      return { code: error.code, attempts }
    }
    const { strategy, attempts = [] } = globalThis.renewals.at(-1) ?? {}
    return { strategy, attempts: attempts.map((one) => `${one.strategy} ${one.code}`) }
  })
}

/** Five calls in each tab, all at once. */
export async function callInAll(tabs: readonly Page[]): Promise<string[]> {
  const call = () => Promise.all(Array.from({ length: 5 }, () => auth.getTokenSilently()))
  return (await Promise.all(tabs.map((tab) => tab.evaluate(call)))).flat()
}
