// A refresh token in doubt against oidc-provider, which can be told to rotate or not; on another
// site, so that no frame helps.
import type { Page } from '@playwright/test'
import { arriveAtCallback, expect, test } from './support/real-test.ts'
import { renewIn, startRefreshing } from './support/refresh.ts'
import type { Pair } from './support/serve.ts'

test.use({ pairKind: 'cross-site' })

const BY_REFRESH = { strategy: 'refresh_token', attempts: [] }

async function logIn(page: Page, pair: Pair, signIn: (page: Page) => Promise<void>): Promise<void> {
  await page.goto('/')
  await startRefreshing(page, pair, 'indexedDb')
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await arriveAtCallback(page)
  expect(await startRefreshing(page, pair, 'indexedDb')).toBe('authenticated')
}

for (const rotation of ['none', 'grace'] as const)
  test.describe(`rotation: ${rotation}`, () => {
    test.use({ rotation })

    test('a token comes after a lost answer, and the session goes on', async ({
      page,
      pair,
      realServer,
      signIn,
    }) => {
      await logIn(page, pair, signIn)
      realServer.loseNextToken()
      await renewIn(page)
      for (let count = 0; count < 2; count++) expect(await renewIn(page)).toEqual(BY_REFRESH)
    })

    test('a page that is reloaded after a lost answer has a token', async ({
      page,
      pair,
      realServer,
      signIn,
    }) => {
      await logIn(page, pair, signIn)
      realServer.loseNextToken()
      await renewIn(page)
      await page.reload()
      expect(await startRefreshing(page, pair, 'indexedDb')).toBe('authenticated')
      expect(await renewIn(page)).toEqual(BY_REFRESH)
    })
  })

test('with strict rotation a lost answer costs one more request, and then the server has spoken', async ({
  page,
  pair,
  realServer,
  signIn,
}) => {
  await logIn(page, pair, signIn)
  realServer.forgetRequests()
  realServer.loseNextToken()
  const codes: unknown[] = []
  // However many calls it takes until the second one is sent, and one more.
  for (let count = 0; count < 4; count++) codes.push((await renewIn(page)).code)
  // The server's cookies reach no frame, and it has withdrawn the grant.
  expect(codes.at(-1)).toBe('login_required')
  const refreshes = realServer.requests.filter(
    ({ method, endpoint }) => method === 'POST' && endpoint === 'token',
  )
  expect(refreshes).toHaveLength(2)
})
