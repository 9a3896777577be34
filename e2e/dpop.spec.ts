// Tokens that are bound to a key (DPoP): what only a browser shows of it. Web Crypto and IndexedDB,
// CORS, frames and tabs.
import { type DpopApi, serveDpopApi } from './support/dpop-api.ts'
import { claimsOf, clearKeys, expect, storedThumbprint, test as base } from './support/bound.ts'
import { CLIENT_ID } from './support/serve.ts'

const test = base.extend<{ readonly api: DpopApi }>({
  api: async ({ pair }, use) => {
    const api = await serveDpopApi(pair.app.origin)
    await use(api)
    await api.close()
  },
})

const BOUND = { dpop: true } as const

// covers spec:dpop-code-tied spec:dpop-key-kept
test(
  'a login and the hidden frame bring tokens of one key, also after a reload',
  { tag: '@firefox' },
  async ({ page, pair, logInWith, make }) => {
    expect(await logInWith(page, BOUND)).toBe('authenticated')
    const first = await page.evaluate(() => auth.getTokenSilently({ detailed: true }))
    const jkt = await storedThumbprint(page, pair)
    expect(first.tokenType).toBe('DPoP')
    expect(claimsOf(first.accessToken)['cnf']).toEqual({ jkt })
    await page.reload()
    await make(page, BOUND)
    pair.control.clearRequests()
    const second = await page.evaluate(() => auth.getTokenSilently())
    expect(claimsOf(second)['cnf']).toEqual({ jkt })
    const [frame] = pair.control.requests({ endpoint: 'authorize' })
    expect(frame).toMatchObject({ secFetchDest: 'iframe', parameters: { dpop_jkt: jkt } })
  },
)

// covers spec:dpop-key-kept
test('no script gets the private key out of the browser', async ({ page, pair, logInWith }) => {
  await logInWith(page, BOUND)
  const outcome = await page.evaluate(
    (name) =>
      new Promise((resolve) => {
        const opening = indexedDB.open('sotto-keys')
        opening.onsuccess = () => {
          const request = opening.result.transaction('keys').objectStore('keys').get(name)
          request.onsuccess = async () => {
            opening.result.close()
            const { privateKey } = request.result as { privateKey: CryptoKey }
            const failures = ['jwk', 'pkcs8'].map((format) =>
              crypto.subtle.exportKey(format as 'jwk', privateKey).then(
                () => 'exported',
                (error: DOMException) => error.name,
              ),
            )
            resolve([JSON.stringify(privateKey), ...(await Promise.all(failures))])
          }
        }
      }),
    `sotto:dpop ${pair.issuer} ${CLIENT_ID}`,
  )
  expect(outcome).toEqual(['{}', 'InvalidAccessError', 'InvalidAccessError'])
})

// covers spec:dpop-proof spec:dpop-nonce spec:dpop-nonce-once fault:dpop-nonce-two-servers
test('an API of another origin takes the token with its proof and its own nonces', async ({
  page,
  pair,
  logInWith,
  api,
}) => {
  await logInWith(page, BOUND)
  pair.control.clearRequests()
  const statuses = await page.evaluate(async (origin) => {
    const authFetch = sotto.createAuthFetch(auth, { allowedOrigins: [origin] })
    const send = async (path: string, init?: RequestInit) =>
      (await authFetch(origin + path, init)).status
    return [
      await send('/orders?page=2#top'),
      await send('/orders', { method: 'PUT', body: 'all' }),
      await send('/customers'),
    ]
  }, api.origin)
  expect(statuses).toEqual([200, 200, 200])
  expect(api.outcomes).toEqual(['nonce', 'good', 'good', 'good'])
  expect(pair.control.requests()).toEqual([])
})

test.describe('where the server asks for nonces', () => {
  test.use({ serverOptions: { dpopNonces: true } })

  // covers spec:dpop-nonce
  test('a login costs one request more, and a renewal none', async ({ page, pair, logInWith }) => {
    expect(await logInWith(page, BOUND)).toBe('authenticated')
    const posts = () => pair.control.requests({ endpoint: 'token' }).filter(isPost)
    expect(posts()).toHaveLength(2)
    await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
    expect(posts()).toHaveLength(3)
    const user = await page.evaluate(() => sotto.fetchUserInfo(auth))
    expect(user).toMatchObject({ sub: 'alice' })
  })

  // covers fault:dpop-nonce-unreadable
  test('says so where CORS hides the nonce', async ({ page, pair, logInWith, make }) => {
    const set = { 'access-control-expose-headers': 'Retry-After' }
    pair.control.addFault({ endpoint: 'token', name: 'headers', set })
    await logInWith(page, BOUND)
    await make(page, BOUND)
    pair.control.clearRequests()
    expect(await page.evaluate(() => outcomeOf(auth.getTokenSilently()))).toEqual({
      code: 'dpop_failed',
      oauthError: 'use_dpop_nonce',
    })
    expect(pair.control.requests({ endpoint: 'token' }).filter(isPost)).toHaveLength(1)
  })
})

const isPost = ({ method }: { readonly method: string }): boolean => method === 'POST'

const KEPT = { dpop: true, refreshes: true, storage: 'localStorage' } as const

// covers spec:dpop-key-lost fault:dpop-key-lost
test('a lost key is a silent login with a new one, and its refresh token is not sent', async ({
  page,
  pair,
  logInWith,
  make,
}) => {
  await logInWith(page, KEPT)
  const before = await storedThumbprint(page, pair)
  await clearKeys(page)
  await page.reload()
  pair.control.clearRequests()
  await make(page, KEPT)
  expect(await page.evaluate(async () => (await auth.start()).status)).toBe('authenticated')
  const after = await storedThumbprint(page, pair)
  expect(after).not.toBe(before)
  const grants = pair.control.requests({ endpoint: 'token' }).filter(isPost)
  expect(grants.map(({ parameters }) => parameters['grant_type'])).toEqual(['authorization_code'])
  const token = await page.evaluate(() => auth.getTokenSilently({ cacheMode: 'off' }))
  expect(claimsOf(token)['cnf']).toEqual({ jkt: after })
  // The new refresh token is stored and used.
  const last = pair.control.requests({ endpoint: 'token' }).at(-1)
  expect(last?.parameters['grant_type']).toBe('refresh_token')
})

// covers spec:dpop-key-shared fault:dpop-two-tabs
test('tabs that begin at once have one key', async ({ page, context, pair, make }) => {
  const other = await context.newPage()
  await Promise.all([page.goto('/'), other.goto('/')])
  await Promise.all([make(page, BOUND), make(other, BOUND)])
  const asked = [page, other].map((tab) => tab.evaluate(() => outcomeOf(auth.getTokenSilently())))
  expect((await Promise.all(asked)).map(({ code }) => code)).toEqual([
    'login_required',
    'login_required',
  ])
  const tied = pair.control
    .requests({ endpoint: 'authorize' })
    .map(({ parameters }) => parameters['dpop_jkt'])
  expect(tied).toHaveLength(2)
  expect(new Set(tied)).toEqual(new Set([await storedThumbprint(page, pair)]))
})

// covers spec:dpop-key-rotated
test('a logout in one tab forgets the key in all, and the next login has another', async ({
  page,
  context,
  pair,
  logInWith,
  make,
}) => {
  await logInWith(page, KEPT)
  const first = await storedThumbprint(page, pair)
  const other = await context.newPage()
  await other.goto('/')
  await make(other, KEPT)
  await other.evaluate(() => auth.start())
  await other.evaluate(() => auth.logout({ localOnly: true }))
  await expect.poll(() => storedThumbprint(page, pair)).toBeUndefined()
  await expect.poll(() => page.evaluate(() => auth.getSnapshot().status)).toBe('anonymous')
  await other.close()
  await page.evaluate(() => void auth.loginWithRedirect())
  // The server's session is still there.
  await page.waitForURL(/\/callback[?#]/)
  await make(page, KEPT)
  expect(await page.evaluate(async () => (await auth.start()).status)).toBe('authenticated')
  const second = await storedThumbprint(page, pair)
  expect(second).toBeTruthy()
  expect(second).not.toBe(first)
})

// covers fault:dpop-no-indexed-db
test('where IndexedDB is refused, the key lives as long as the page', async ({
  page,
  logInWith,
  make,
  pair,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'indexedDB', {
      get() {
        throw new DOMException('refused', 'SecurityError')
      },
    })
  })
  expect(await logInWith(page, BOUND)).toBe('authenticated')
  const token = await page.evaluate(() => auth.getTokenSilently())
  await page.reload()
  await make(page, BOUND)
  const next = await page.evaluate(() => auth.getTokenSilently())
  expect(claimsOf(next)['cnf']).not.toEqual(claimsOf(token)['cnf'])
  const [login, frame] = pair.control.requests({ endpoint: 'authorize' })
  expect(login?.parameters).not.toHaveProperty('dpop_jkt')
  // The page that has begun a silent request stays.
  expect(frame?.parameters).toHaveProperty('dpop_jkt')
})
