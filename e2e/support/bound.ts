import type { Page } from '@playwright/test'
import { test as base } from './app-test.ts'
import { CLIENT_ID, type Pair } from './serve.ts'

export { claimsOf, expect } from './app-test.ts'

export interface BoundSettings {
  /** Default: memory. */
  readonly storage?: 'localStorage'
  readonly dpop?: boolean
  readonly par?: boolean
  /** Whether it renews by refresh token before it does by frame. */
  readonly refreshes?: boolean
}

/** Makes such a client. Runs in the page: it may refer to nothing outside itself. */
function makeInPage({
  dpop,
  par,
  refreshes,
  storage,
  ...client
}: BoundSettings & { readonly issuer: string; readonly clientId: string }): void {
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    renewal: [...(refreshes ? [sotto.refreshToken()] : []), sotto.silentIframe()],
    ...(refreshes && { scope: 'openid profile email offline_access' }),
    ...(storage && { tokenStorage: sotto.webStorage(() => localStorage) }),
    ...(dpop && { dpop: sotto.dpop() }),
    ...(par && { par: sotto.pushedAuthorizationRequest() }),
  })
  globalThis.outcomeOf = async (promise) => {
    try {
      return { value: await promise }
    } catch (error) {
      if (!sotto.isAuthError(error)) throw error
      const { code, reason, oauthError } = error
      return { code, ...(reason && { reason }), ...(oauthError && { oauthError }) }
    }
  }
}

interface Fixtures {
  /** Makes `window.auth`: a client with bound tokens or pushed requests. */
  readonly make: (page: Page, settings: BoundSettings) => Promise<void>
  /** Logs in with such a client, and back to where it was begun. */
  readonly logInWith: (page: Page, settings: BoundSettings) => Promise<string>
}

export const test = base.extend<Fixtures>({
  make: async ({ pair }, use) =>
    use((page, settings) =>
      page.evaluate(makeInPage, { issuer: pair.issuer, clientId: CLIENT_ID, ...settings }),
    ),
  logInWith: async ({ make, signIn }, use) =>
    use(async (page, settings) => {
      await page.goto('/')
      await make(page, settings)
      await page.evaluate(() => void auth.loginWithRedirect())
      await signIn(page)
      await page.waitForURL(/\/callback[?#]/)
      await make(page, settings)
      return page.evaluate(async () => (await auth.start()).status)
    }),
})

/** The thumbprint of the key that is stored, if there is one. */
export function storedThumbprint(page: Page, { issuer }: Pair): Promise<string | undefined> {
  return page.evaluate(
    (name) =>
      new Promise<string | undefined>((resolve, reject) => {
        const opening = indexedDB.open('sotto-keys')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const database = opening.result
          const request = database.transaction('keys').objectStore('keys').get(name)
          request.onsuccess = () => {
            database.close()
            resolve((request.result as { jkt: string } | undefined)?.jkt)
          }
        }
      }),
    `sotto:dpop ${issuer} ${CLIENT_ID}`,
  )
}

/** Takes every key away, as a user does who clears the data of the site. */
export function clearKeys(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('sotto-keys')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('keys', 'readwrite')
          transaction.objectStore('keys').clear()
          transaction.oncomplete = () => {
            opening.result.close()
            resolve()
          }
        }
      }),
  )
}
