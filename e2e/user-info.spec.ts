// fetchUserInfo and revokeTokens from another origin: with the preflight that the token brings,
// with real tabs, locks and storage.
import type { Page } from '@playwright/test'
import { expect, openRefreshing, refreshesOf, requestsOf, test } from './support/refresh.ts'

const cachedToken = (page: Page) =>
  page.evaluate(() => auth.getTokenSilently({ cacheMode: 'cache-only' }))

test('fetchUserInfo has a token replaced that the server refuses, and sends no cookie', async ({
  page,
  pair,
  addSession,
}) => {
  await addSession()
  await openRefreshing(page, pair)
  pair.control.addFault({ endpoint: 'userinfo', name: 'status', status: 401, times: 1 })
  const info = await page.evaluate(() => sotto.fetchUserInfo(auth))
  expect(info).toMatchObject({ sub: 'alice', preferred_username: 'alice' })
  const requests = requestsOf(pair).filter((request) => !request.startsWith('OPTIONS'))
  expect(requests).toEqual(['GET userinfo', 'POST token', 'GET userinfo'])
  const [, last] = pair.control
    .requests({ endpoint: 'userinfo' })
    .filter(({ method }) => method === 'GET')
  expect(last).toMatchObject({ query: '', origin: pair.app.origin })
  expect(last?.headers['authorization']).toBe(`Bearer ${await cachedToken(page)}`)
  expect(last?.headers['cookie']).toBeUndefined()
  const set = { sub: 'mallory' }
  pair.control.addFault({ endpoint: 'userinfo', name: 'userinfoResponse', set })
  const refused = await page.evaluate(() =>
    sotto.fetchUserInfo(auth).catch((error: unknown) => sotto.isAuthError(error) && error.reason),
  )
  expect(refused).toBe('sub')
  expect((await page.evaluate(() => auth.getUser()))?.sub).toBe('alice')
})

for (const kind of ['localStorage', 'indexedDb'] as const) {
  test(`revokeTokens ends what a renewal in another tab brings, in all tabs, with ${kind}`, async ({
    page,
    context,
    pair,
    addSession,
  }) => {
    await addSession()
    await openRefreshing(page, pair, kind)
    const other = await context.newPage()
    await openRefreshing(other, pair, kind)
    pair.control.setLatency({ endpoint: 'token', ms: 300 })
    const renewal = other.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
    await expect.poll(() => refreshesOf(pair)).toHaveLength(1)
    await page.evaluate(() => sotto.revokeTokens(auth))
    const ended = await renewal
    const sent = pair.control.requests({ endpoint: 'revocation' })
    // A form that browsers send without asking first.
    expect(sent.map(({ method }) => method)).toEqual(['POST'])
    expect(sent[0]?.parameters['token']).not.toBe(refreshesOf(pair)[0]?.parameters['refresh_token'])
    expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('authenticated')
    // Each tab has a new one by the frame, and nobody sends a refresh token any more.
    for (const tab of [page, other]) {
      await expect.poll(() => tab.evaluate(() => auth.getTokenSilently())).not.toBe(ended)
      expect(await tab.evaluate(() => sotto.fetchUserInfo(auth))).toMatchObject({ sub: 'alice' })
    }
    expect(refreshesOf(pair)).toHaveLength(1)
    await page.evaluate(() => void auth.logout())
    await page.waitForURL(/end-session/)
    const [logout] = pair.control.requests({ endpoint: 'endSession' })
    expect(logout?.parameters['id_token_hint']).toMatch(/^ey/)
  })
}
