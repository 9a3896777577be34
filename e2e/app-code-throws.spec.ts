// Functions of the app that throw, or look closely at what they are handed: a logger, a `fetch` of
// its own.
import { expect, renew, test } from './support/said-client.ts'
import { CLIENT_ID } from './support/serve.ts'

interface Client {
  readonly issuer: string
  readonly clientId: string
}

declare global {
  /** Whether the functions of the app throw. */
  var fails: boolean
}

/** Runs in the page. */
function makeWithLogger(client: Client): void {
  const fail = (): never => {
    throw new Error('the logger of the app')
  }
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    scope: 'openid offline_access',
    tokenStorage: sotto.indexedDbStorage(),
    renewal: [sotto.refreshToken(), sotto.silentIframe()],
    logger: { debug: fail, warn: fail },
  })
}

/** Runs in the page. */
function makeWithFetch(client: Client): void {
  globalThis.fails = false
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient({
    ...client,
    redirectUri: '/callback',
    scope: 'openid offline_access',
    tokenStorage: sotto.indexedDbStorage(),
    renewal: [sotto.refreshToken()],
    fetch: async (input, init) => {
      if (fails) throw new Error('the fetch of the app')
      // As wrappers do that look whether there is a body, headers, a method.
      const hasOwn = (name: string) => init?.hasOwnProperty(name)
      return hasOwn('body') || hasOwn('method') ? fetch(input, { ...init }) : fetch(input, init)
    },
  })
}

for (const [what, make] of [
  ['a logger that throws', makeWithLogger],
  ['a fetch that calls hasOwnProperty of its init', makeWithFetch],
] as const)
  test(`${what} keeps nobody from logging in and renewing`, async ({ page, pair, signIn }) => {
    const client: Client = { issuer: pair.issuer, clientId: CLIENT_ID }
    await page.goto('/')
    await page.evaluate(make, client)
    await page.evaluate(() => void auth.loginWithRedirect())
    await signIn(page)
    await page.waitForURL(/\/callback/)
    await page.evaluate(make, client)
    expect(await page.evaluate(async () => (await auth.start()).status)).toBe('authenticated')
    for (let count = 0; count < 2; count++)
      expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
  })

test('what a fetch of the app throws is the cause, and the refresh token is good afterwards', async ({
  page,
  pair,
  signIn,
}) => {
  const client: Client = { issuer: pair.issuer, clientId: CLIENT_ID }
  await page.goto('/')
  await page.evaluate(makeWithFetch, client)
  await page.evaluate(() => void auth.loginWithRedirect())
  await signIn(page)
  await page.waitForURL(/\/callback/)
  await page.evaluate(makeWithFetch, client)
  await page.evaluate(() => auth.start())
  const cause = await page.evaluate(async () => {
    globalThis.fails = true
    try {
      return await auth.getTokenSilently({ cacheMode: 'off' })
    } catch (error) {
      return String((error as Error).cause)
    } finally {
      globalThis.fails = false
    }
  })
  expect(cause).toContain('the fetch of the app')
  expect(await renew(page)).toMatchObject({ value: expect.stringMatching(/^ey/) })
})
