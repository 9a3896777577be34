// The refresh grant against oidc-provider, which rotates refresh tokens and revokes everything if
// one is sent twice.
import type { Page } from '@playwright/test'
import { arriveAtCallback, expect, seenByReal, test } from './support/real-test.ts'
import { renewIn, startRefreshing } from './support/refresh.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'
import { RECORD_KEY } from './support/storage.ts'

const BY_REFRESH = { strategy: 'refresh_token', attempts: [] }

/** Logs in with a client that renews by refresh token, and by frame where that fails. */
async function logInRefreshing(
  page: Page,
  pair: Pair,
  signIn: (page: Page) => Promise<void>,
): Promise<void> {
  await page.goto('/')
  await startRefreshing(page, pair, 'localStorage')
  await logInAgain(page, pair, signIn)
}

async function logInAgain(page: Page, pair: Pair, signIn: (page: Page) => Promise<void>) {
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await arriveAtCallback(page)
  expect(await startRefreshing(page, pair, 'localStorage')).toBe('authenticated')
}

/** The refresh token that the page's storage has. */
async function readRefreshToken(page: Page, pair: Pair): Promise<string> {
  const json = await page.evaluate((key) => localStorage.getItem(key), RECORD_KEY(pair))
  const record = JSON.parse(json ?? '{}') as { readonly refreshToken?: { readonly token: string } }
  return record.refreshToken?.token ?? ''
}

test.describe('where no cookie of the server reaches a frame', () => {
  test.use({ pairKind: 'cross-site' })

  test('renews again and again, with another refresh token each time', async ({
    page,
    pair,
    realServer,
    signIn,
  }) => {
    await logInRefreshing(page, pair, signIn)
    realServer.forgetRequests()
    const tokens = new Set([await readRefreshToken(page, pair)])
    for (let count = 0; count < 3; count++) {
      expect(await renewIn(page)).toEqual(BY_REFRESH)
      tokens.add(await readRefreshToken(page, pair))
    }
    expect(tokens.size).toBe(4)
    expect(seenByReal(realServer)).toEqual(Array(3).fill('POST token'))
  })
})

// covers fault:refresh-refused
test('a refresh token that somebody else has sent again ends the grant, and a login begins a new one', async ({
  page,
  request,
  pair,
  signIn,
}) => {
  await logInRefreshing(page, pair, signIn)
  const stolen = await readRefreshToken(page, pair)
  expect(await renewIn(page)).toEqual(BY_REFRESH)
  const form = { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: stolen }
  const answer = await request.post(`${pair.issuer}/token`, { form })
  expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
  // This server withdraws the user's consent too, so that a frame does not help.
  expect(await renewIn(page)).toEqual({
    code: 'consent_required',
    attempts: ['refresh_token session_expired', 'silent_iframe consent_required'],
  })
  await logInAgain(page, pair, signIn)
  expect(await renewIn(page)).toEqual(BY_REFRESH)
})

// covers spec:one-tab-at-a-time fault:refresh-many-tabs
test('two tabs that find an expired token send one refresh, so that nothing is revoked', async ({
  page,
  context,
  pair,
  realServer,
  signIn,
}) => {
  await context.clock.install()
  await logInRefreshing(page, pair, signIn)
  const other = await context.newPage()
  await other.goto('/')
  expect(await startRefreshing(other, pair, 'localStorage')).toBe('authenticated')
  await context.clock.fastForward(61_000)
  realServer.forgetRequests()
  const tokens = await Promise.all(
    [page, other].map((tab) =>
      tab.evaluate(() => Promise.all([auth.getTokenSilently(), auth.getTokenSilently()])),
    ),
  )
  expect(new Set(tokens.flat()).size).toBe(1)
  expect(seenByReal(realServer).filter((seen) => /token|authorize/.test(seen))).toEqual([
    'POST token',
  ])
  for (const tab of [other, page]) expect(await renewIn(tab)).toEqual(BY_REFRESH)
})

test('a revoked refresh token is refused, and so is the access token of the same login', async ({
  page,
  request,
  pair,
  realServer,
  signIn,
}) => {
  await logInRefreshing(page, pair, signIn)
  const claims = await page.evaluate(() => sotto.fetchUserInfo(auth))
  expect(claims).toEqual({ sub: 'alice' })
  const refreshToken = await readRefreshToken(page, pair)
  const accessToken = await page.evaluate(() => auth.getTokenSilently())
  realServer.forgetRequests()
  await page.evaluate(() => sotto.revokeTokens(auth))
  expect(seenByReal(realServer)).toEqual(['POST /token/revocation'])
  const form = { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: refreshToken }
  const answer = await request.post(`${pair.issuer}/token`, { form })
  expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
  const headers = { authorization: `Bearer ${accessToken}` }
  expect((await request.get(`${pair.issuer}/me`, { headers })).status()).toBe(401)
  expect(await readRefreshToken(page, pair)).toBe('')
  const user = await page.evaluate(() => auth.getUser())
  expect(user).toMatchObject({ sub: 'alice' })
})
