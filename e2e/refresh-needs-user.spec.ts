// The token endpoint says that the user has to do something: the same words as those of the
// authorization endpoint.
import { redirectsOf } from './support/fallback.ts'
import { expect, renew, type Said, snapshotOf, test } from './support/said-client.ts'

const SAID: Said = { storage: 'IndexedDB', renewal: ['refresh'] }

test.use({ pairKind: 'cross-site' })

for (const error of ['interaction_required', 'login_required', 'consent_required'] as const) {
  test(`${error} in answer to a refresh is ${error}`, async ({ page, pair, logIn }) => {
    await logIn(page, SAID)
    pair.control.addFault({ endpoint: 'token', name: 'refreshError', error, times: 1 })
    expect(await renew(page)).toMatchObject({ code: error, retryable: false })
    // The token that is there is as good as before.
    expect(await snapshotOf(page)).toEqual({ status: 'authenticated' })
  })

  test(`${error} in answer to a refresh sends the user to log in, where the app wants that`, async ({
    page,
    pair,
    logIn,
  }) => {
    await logIn(page, { ...SAID, onLoginRequired: 'redirect' }, { path: '/orders?page=2' })
    pair.control.addFault({ endpoint: 'token', name: 'refreshError', error, times: 1 })
    await page.evaluate(() => void auth.getTokenSilently({ cacheMode: 'off' }))
    await expect.poll(() => redirectsOf(pair).length).toBe(1)
    // The server has a session: the user is back at once.
    await page.waitForURL(/\/callback/)
  })
}
