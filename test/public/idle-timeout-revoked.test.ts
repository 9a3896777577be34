// @vitest-environment happy-dom
import { idleTimeout, revokeTokens, type IdleTimeoutOptions } from 'sotto'
import { beforeEach, expect, test } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createRenewal } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const MINUTE = 60_000

/** The tokens of a user are revoked eight minutes after the login, and they go on. */
async function openRevoked(options: IdleTimeoutOptions) {
  const page = createClient()
  idleTimeout(page.auth, options)
  await page.logIn()
  await passTime(8 * MINUTE)
  await page.auth.getTokenSilently()
  await revokeTokens(page.auth)
  expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  return { ...page, status: () => page.auth.getSnapshot().status }
}

test.each([
  ['the time since a sign of the user', { seconds: 600 }],
  ['the time since the login', { seconds: 3600, maxSeconds: 600 }],
])('%s goes on where the tokens are revoked', async (_, options) => {
  const { status } = await openRevoked(options)
  await passTime(MINUTE)
  expect(status()).toBe('authenticated')
  await passTime(2 * MINUTE)
  expect(status()).toBe('anonymous')
})

test('the time of a session that was forgotten does not count for the next user', async () => {
  const { auth, logIn, status } = await openRevoked({ seconds: 3600, maxSeconds: 600 })
  await logIn('bob')
  await passTime(9 * MINUTE)
  expect(status()).toBe('authenticated')
  await auth.logout({ localOnly: true })
  await logIn('alice')
  await passTime(9 * MINUTE)
  expect(status()).toBe('authenticated')
})

test.each([
  ['seconds', { seconds: 600 }],
  ['maxSeconds', { seconds: 86_400, maxSeconds: 600 }],
])(
  'a user who has just logged in at the server for another app is not logged out by `%s`',
  async (_, options) => {
    const before = createClient()
    idleTimeout(before.auth, options)
    await before.logIn()
    before.auth.dispose()
    await passTime(60 * MINUTE)
    const auth_time = Date.now() / 1000 - 5
    const { auth, visits } = createClient({}, { renewal: createRenewal({ claims: { auth_time } }) })
    idleTimeout(auth, options)
    expect(await auth.start()).toMatchObject({ status: 'authenticated' })
    expect(visits).toEqual([])
    await passTime(10 * MINUTE - 6000)
    expect(auth.getSnapshot().status).toBe('authenticated')
    await passTime(2000)
    expect(auth.getSnapshot().status).toBe('anonymous')
  },
)
