// A logout revokes the refresh tokens of the session at the server (RFC 7009), in every tab that
// has one of its own.
import type { APIRequestContext, Page } from '@playwright/test'
import { expect, refreshesOf, renew, type Said, test } from './support/said-client.ts'
import { CLIENT_ID, type Pair } from './support/serve.ts'

/** The refresh tokens that the revocation endpoint was sent. */
function revokedBy({ control }: Pair): string[] {
  const requests = control
    .requests({ endpoint: 'revocation' })
    .filter(({ method }) => method === 'POST')
  // Access tokens are JWTs here, refresh tokens are not.
  const tokens = requests.map(({ parameters }) => parameters['token'] ?? '')
  return [...new Set(tokens)].filter((token) => !token.startsWith('ey'))
}

/** Whether the server takes a refresh token, sent by somebody else. */
async function isAccepted(
  request: APIRequestContext,
  { issuer }: Pair,
  token: string,
): Promise<boolean> {
  const form = { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: token }
  return (await request.post(`${issuer}/token`, { form })).ok()
}

function countRenewals(page: Page): Promise<number> {
  return page.evaluate(() => renewals.length)
}

const WAYS: readonly Said[] = (['memory', 'localStorage', 'IndexedDB'] as const).map((storage) => ({
  storage,
  renewal: ['refresh', 'frame'],
}))
const [MEMORY = {}, , SHARED = {}] = WAYS

for (const said of WAYS)
  test(`a logout here alone revokes the refresh token, with ${said.storage}`, async ({
    page,
    request,
    pair,
    logIn,
  }) => {
    await logIn(page, said)
    await page.evaluate(() => auth.logout({ localOnly: true }))
    await expect.poll(() => revokedBy(pair).length).toBe(1)
    const [token = ''] = revokedBy(pair)
    expect(await isAccepted(request, pair, token)).toBe(false)
  })

test('a logout at the server revokes first', async ({ page, pair, logIn }) => {
  await logIn(page, SHARED)
  await page.evaluate(() => void auth.logout({ postLogoutRedirectUri: '/logged-out' }))
  await page.waitForURL(/\/logged-out/)
  const seen = pair.control
    .requests()
    .filter(({ method }) => method !== 'OPTIONS')
    .map(({ endpoint }) => endpoint)
    .filter((endpoint) => /revocation|endSession/.test(endpoint))
  expect(seen.slice(0, 2)).toEqual(['revocation', 'endSession'])
})

test('a page that is left at once revokes all the same', async ({ page, pair, logIn }) => {
  await logIn(page, SHARED)
  await page.evaluate((endpoint) => {
    const { fetch } = window
    window.fetch = (url, init) => {
      const response = fetch(url, init)
      if (url === endpoint) location.assign('/elsewhere')
      return response
    }
    void auth.logout({ localOnly: true })
  }, `${pair.issuer}/revoke`)
  await page.waitForURL(/\/elsewhere/)
  await expect.poll(() => revokedBy(pair).length).toBe(1)
})

test('a revocation endpoint that hangs holds a logout up for two seconds at most', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page, SHARED)
  pair.control.addFault({ endpoint: 'revocation', name: 'hang' })
  const begunAt = performance.now()
  await page.evaluate(() => void auth.logout({ postLogoutRedirectUri: '/logged-out' }))
  await page.waitForURL(/\/logged-out/)
  expect(performance.now() - begunAt).toBeLessThan(2000 + 3000)
  expect(revokedBy(pair)).toHaveLength(1)
})

test('a revocation that is refused does not keep a user signed in', async ({
  page,
  pair,
  logIn,
}) => {
  await logIn(page, SHARED)
  pair.control.addFault({ endpoint: 'revocation', name: 'status', status: 503 })
  await page.evaluate(() => auth.logout({ localOnly: true }))
  expect(await page.evaluate(() => auth.getSnapshot().status)).toBe('anonymous')
  await expect.poll(() => revokedBy(pair).length).toBe(1)
})

test('a logout without a refresh token asks for no revocation', async ({ page, pair, logIn }) => {
  await logIn(page)
  await page.evaluate(() => void auth.logout({ postLogoutRedirectUri: '/logged-out' }))
  await page.waitForURL(/\/logged-out/)
  expect(pair.control.requests({ endpoint: 'revocation' })).toEqual([])
})

test('tabs that keep their refresh tokens in memory revoke each its own', async ({
  page,
  request,
  pair,
  logIn,
  openAnother,
}) => {
  await logIn(page, MEMORY)
  await openAnother(MEMORY)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  await expect.poll(() => revokedBy(pair).length).toBe(2)
  for (const token of revokedBy(pair)) expect(await isAccepted(request, pair, token)).toBe(false)
})

test('tabs that share a refresh token revoke it', async ({
  page,
  request,
  pair,
  logIn,
  openAnother,
}) => {
  await logIn(page, SHARED)
  const other = await openAnother(SHARED)
  await renew(other)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  await expect.poll(() => revokedBy(pair).length).toBeGreaterThan(0)
  for (const token of revokedBy(pair)) expect(await isAccepted(request, pair, token)).toBe(false)
})

test('a refresh token that comes after the logout is revoked', async ({
  page,
  request,
  pair,
  logIn,
}) => {
  await logIn(page, { ...SHARED, renewal: ['refresh'] })
  pair.control.addFault({ endpoint: 'token', name: 'lateAnswer', ms: 1500, times: 1 })
  await page.evaluate(() => {
    globalThis.pending = settle(auth.getTokenSilently({ cacheMode: 'off' }))
  })
  await expect.poll(() => refreshesOf(pair).length).toBe(1)
  await page.evaluate(() => auth.logout({ localOnly: true }))
  // The one that was stored, and the one that came for it.
  await expect.poll(() => new Set(revokedBy(pair)).size).toBe(2)
  for (const token of revokedBy(pair)) expect(await isAccepted(request, pair, token)).toBe(false)
})

test('revokeTokens revokes the refresh tokens of the other tabs too, where each has its own', async ({
  page,
  pair,
  logIn,
  openAnother,
}) => {
  await logIn(page, MEMORY)
  const other = await openAnother(MEMORY)
  const renewed = await countRenewals(other)
  await page.evaluate(() => sotto.revokeTokens(auth))
  await expect.poll(() => revokedBy(pair).length).toBe(2)
  // It has lost its tokens, and asks for new ones by itself.
  await expect.poll(() => countRenewals(other)).toBe(renewed + 1)
})
