// Real routers around the library: who leads where after a login, a failure, Back, a reload and a
// logout. A guard that goes round in circles shows in the visits to the authorization endpoint.
import type { Page } from '@playwright/test'
import { countLogins, expect, leaveWaitingGuard, test } from './support/router-test.ts'

const PLACE = '/orders?page=2#third'
const LOGGED_OUT = 'Not signed in'
const SIGNED_IN = 'Signed in as alice'

interface RouterPage {
  readonly router: string
  /** Where a path of the router is in the address bar. */
  readonly addressOf?: (path: string) => string
}

const ROUTERS: readonly RouterPage[] = [
  { router: 'react-router-elements.tsx' },
  { router: 'react-router-data.tsx' },
  { router: 'react-router-hash.tsx', addressOf: (path: string) => `/#${path}` },
  { router: 'vue-router-before-start.ts' },
  { router: 'vue-router-after-start.ts' },
  { router: 'angular-router.ts' },
]

for (const { router, addressOf = (path: string) => path } of ROUTERS)
  test.describe(router, () => {
    test.use({ router })

    /** The view, what the router takes for its location, and what the browser does. */
    async function expectOrders(page: Page): Promise<void> {
      await expect(page.getByRole('heading')).toHaveText('Orders')
      await expect(page.getByText(SIGNED_IN)).toBeVisible()
      await expect(page.getByRole('status')).toHaveText(PLACE)
      await expect(page).toHaveURL(addressOf(PLACE))
    }

    async function expectHome(page: Page, user: string): Promise<void> {
      await expect(page.getByRole('heading')).toHaveText('Home')
      await expect(page.getByText(user)).toBeVisible()
      // A hash router may leave out the route of the first page.
      await expect(page).toHaveURL((url) => [addressOf('/'), '/'].includes(pathOf(url)))
    }

    test(`${router}: who is anonymous is sent away by the guard alone, and back to its route`, async ({
      page,
      pair,
      signIn,
    }) => {
      await page.goto('/')
      await expectHome(page, LOGGED_OUT)
      await expect.poll(() => pair.control.requests({ endpoint: 'authorize' }).length).toBe(1)
      expect(countLogins(pair)).toBe(0)
      await page.getByRole('link', { name: 'Orders' }).click()
      await signIn(page)
      await expectOrders(page)
      expect(countLogins(pair)).toBe(1)
    })

    // The last one shows nothing before it is known who is signed in.
    if (router !== 'vue-router-after-start.ts')
      test(`${router}: who goes elsewhere while the guard waits is not sent away to log in`, async ({
        page,
        pair,
      }) => {
        await leaveWaitingGuard(page, pair, addressOf('/'))
        await expectHome(page, LOGGED_OUT)
        expect(pair.control.requests({ endpoint: 'authorize' })).toHaveLength(1)
        expect(countLogins(pair)).toBe(0)
      })

    test(`${router}: Back, Forward and a reload work after a login that began at a deep link`, async ({
      page,
      pair,
      signIn,
    }) => {
      await page.goto(addressOf(PLACE))
      await signIn(page)
      await expectOrders(page)
      await page.getByRole('link', { name: 'Home' }).click()
      await expectHome(page, SIGNED_IN)
      await page.goBack()
      await expectOrders(page)
      await page.goForward()
      await expectHome(page, SIGNED_IN)
      await page.goBack()
      await page.reload()
      await expectOrders(page)
      expect(countLogins(pair)).toBe(1)
    })

    test(`${router}: a login that the user cancels shows the error until they try again`, async ({
      page,
      pair,
      signIn,
    }) => {
      await page.goto(addressOf(PLACE))
      await page.getByRole('button', { name: 'Cancel' }).click()
      await expect(page.getByRole('alert')).toHaveText('access_denied')
      await expect(page).toHaveURL(addressOf(PLACE))
      await expectNoMoreLogins(page)
      expect(countLogins(pair)).toBe(1)
      await page.getByRole('button', { name: 'Try again' }).click()
      await signIn(page)
      await expectOrders(page)
      expect(countLogins(pair)).toBe(2)
    })

    test(`${router}: a login that fails without a question does not begin again by itself`, async ({
      page,
      pair,
      addSession,
    }) => {
      // A frame is told that nobody is there; the page is given a code that buys nothing.
      pair.control.addFault({ endpoint: 'authorize', name: 'noSession' })
      pair.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_client' })
      await addSession()
      await page.goto(addressOf(PLACE))
      await expect(page.getByRole('alert')).toHaveText('token_error')
      await expect(page).toHaveURL(addressOf(PLACE))
      await expectNoMoreLogins(page)
      expect(countLogins(pair)).toBe(1)
    })

    test(`${router}: Back onto the finished callback leads where the login led`, async ({
      page,
      pair,
      signIn,
    }) => {
      const callbacks: string[] = []
      page.on('request', (request) => {
        if (request.isNavigationRequest() && request.url().includes('/callback?'))
          callbacks.push(request.url())
      })
      await page.goto(addressOf(PLACE))
      await signIn(page)
      await expectOrders(page)
      // The login page: the server knows the user by now, and answers the request once more.
      await page.goBack()
      await expectOrders(page)
      expect(callbacks).toHaveLength(2)
      expect(countLogins(pair)).toBe(2)
    })

    test(`${router}: a logout leads to a clean address, and the guard asks to log in again`, async ({
      page,
      pair,
      signIn,
    }) => {
      await page.goto(addressOf(PLACE))
      await signIn(page)
      await expectOrders(page)
      await page.getByRole('link', { name: 'Home' }).click()
      await page.getByRole('button', { name: 'Log out' }).click()
      await expectHome(page, LOGGED_OUT)
      expect(countLogins(pair)).toBe(1)
      await page.getByRole('link', { name: 'Orders' }).click()
      await expect(page.getByLabel('Password')).toBeVisible()
      expect(countLogins(pair)).toBe(2)
    })
  })

/** Long enough for a login that begins by itself, which takes some hundredths of a second. */
async function expectNoMoreLogins(page: Page): Promise<void> {
  await expect(page.waitForEvent('framenavigated', { timeout: 300 })).rejects.toThrow('Timeout')
}

function pathOf({ pathname, search, hash }: URL): string {
  return pathname + search + hash
}
