// @vitest-environment happy-dom
// Who holds a refresh token, and who may send it.
import { beforeEach, expect, test } from 'vitest'
import { memoryStorage } from 'sotto'
import { createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import {
  logInWithRefreshToken,
  openPage,
  recordIn,
  sentBy,
  type RefreshClient,
} from '../support/refresh-client.ts'
import { rest, watchCryptography } from '../support/real-time.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const off = { cacheMode: 'off' } as const
const slow = { endpoint: 'token', name: 'delay', ms: 1000 } as const

const strategiesOf = ({ renewals }: RefreshClient) => renewals.map(({ strategy }) => strategy)

/** Lets what is under way begin and end, a second at a time. */
async function passSeconds(count: number): Promise<void> {
  await rest()
  for (let second = 0; second < count; second++) {
    await passTime(1001)
    await rest()
  }
}

// covers threat:device
test('two tabs with five calls each send one refresh, also with tokens of three seconds', async () => {
  const one = await logInWithRefreshToken({ server: { accessTokenSeconds: 3 } })
  const other = openPage(one)
  await other.auth.start()
  await passTime(3001)
  const calls = [one, other].flatMap(({ auth }) =>
    Array.from({ length: 5 }, () => auth.getTokenSilently()),
  )
  expect(new Set(await Promise.all(calls)).size).toBe(1)
  expect(one.refreshes()).toHaveLength(1)
})

test('a tab uses the refresh token that another one has been given', async () => {
  const one = await logInWithRefreshToken()
  const other = openPage(one)
  await other.auth.start()
  for (const { auth } of [one, other, other, one]) await auth.getTokenSilently(off)
  expect(one.refreshes()).toHaveLength(4)
  expect([...strategiesOf(one), ...strategiesOf(other)]).toEqual(Array(4).fill('refresh_token'))
})

test('a tab that waited for another target sends the refresh token that came meanwhile', async () => {
  const one = await logInWithRefreshToken()
  const other = openPage(one)
  await other.auth.start()
  one.server.control.addFault({ ...slow, times: 1 })
  const calls = [
    one.auth.getTokenSilently({ scope: 'email offline_access', ...off }),
    other.auth.getTokenSilently(off),
  ]
  await passSeconds(2)
  await Promise.all(calls)
  const used = one.refreshes().map(({ parameters }) => parameters['refresh_token'])
  expect(new Set(used).size).toBe(2)
  expect([...strategiesOf(one), ...strategiesOf(other)]).toEqual(Array(2).fill('refresh_token'))
})

test.each(['shared', 'memory'] as const)(
  'two targets at once take turns, with %s storage',
  async (kind) => {
    let inFlight = 0
    let most = 0
    const server = createServer()
    const watch: typeof fetch = async (...request) => {
      most = Math.max(most, ++inFlight)
      await new Promise((resolve) => setImmediate(resolve))
      return server.fetch(...request).finally(() => inFlight--)
    }
    const options = { fetch: watch, ...(kind === 'memory' && { tokenStorage: memoryStorage() }) }
    const page = openPage({ server }, options)
    await page.logIn()
    await page.auth.getTokenSilently(off)
    most = 0
    await Promise.all([
      page.auth.getTokenSilently({ scope: 'email offline_access', ...off }),
      page.auth.getTokenSilently({ scope: 'profile offline_access', ...off }),
      page.auth.getTokenSilently(off),
    ])
    expect(most).toBe(1)
    expect(page.refreshes()).toHaveLength(4)
    expect(page.renewal.requests).toEqual([])
  },
)

test('what was renewed while a call waited for its turn is taken, and nothing sent', async () => {
  const page = await logInWithRefreshToken({ options: { tokenStorage: memoryStorage() } })
  await passTime(300_001)
  page.server.control.addFault(slow)
  const tokens = Promise.all([page.auth.getTokenSilently(), page.auth.getTokenSilently(off)])
  await passSeconds(3)
  expect(new Set(await tokens).size).toBe(1)
  expect(page.refreshes()).toHaveLength(1)
})

// covers spec:logout-deletes-refresh-token fault:refresh-logout
test.each(['here', 'in another tab'])('a logout %s during a refresh wins', async (where) => {
  const page = await logInWithRefreshToken()
  const other = openPage(page)
  await other.auth.start()
  page.server.control.addFault(slow)
  const call = page.auth.getTokenSilently(off)
  const outcome = expect(call).rejects.toMatchObject({ code: 'logged_out' })
  await passTime(500)
  expect(page.refreshes()).toHaveLength(1)
  await (where === 'here' ? page : other).auth.logout()
  await passSeconds(2)
  await outcome
  expect(page.storage.records.size).toBe(0)
  expect(page.renewal.requests).toEqual([])
  expect(await page.auth.isAuthenticated()).toBe(false)
})

test('a token that a refresh brings after the logout and that cannot be revoked is a warning', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.addFault({ endpoint: 'token', name: 'lateAnswer', ms: 1000, times: 1 })
  const call = page.auth.getTokenSilently(off)
  const outcome = expect(call).rejects.toMatchObject({ code: 'logged_out' })
  await passTime(500)
  await page.auth.logout({ localOnly: true })
  page.server.control.addFault({ endpoint: 'revocation', name: 'drop' })
  await passSeconds(2)
  await outcome
  expect(page.warnings).toEqual([{ code: 'network_error', reason: 'revocation' }])
})

test('a logout while the mark is written is not undone by it', async () => {
  const page = await logInWithRefreshToken()
  const { set } = page.storage
  let logout: Promise<void> | undefined
  page.storage.set = async (key, value) => {
    page.storage.set = set
    await set(key, value)
    logout = page.auth.logout({ localOnly: true })
  }
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'logged_out' })
  await logout
  expect([page.refreshes(), page.renewal.requests]).toEqual([[], []])
  expect(page.storage.records.size).toBe(0)
})

test('a logout in another tab while the mark is written in a storage of one page is in time', async () => {
  const tokenStorage = { ...createSharedStorage(), shared: false }
  const page = await logInWithRefreshToken({ options: { tokenStorage } })
  const other = openPage({ server: page.server })
  const { set } = tokenStorage
  tokenStorage.set = async (key, value) => {
    tokenStorage.set = set
    await set(key, value)
    await other.auth.logout()
  }
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({ code: 'logged_out' })
  expect(page.refreshes()).toEqual([])
})

test('a client that is disposed of during a refresh leaves the new refresh token to the next', async () => {
  const page = await logInWithRefreshToken()
  const before = recordIn(page.storage)?.refreshToken?.token
  page.server.control.addFault({ ...slow, times: 1 })
  const call = page.auth.getTokenSilently(off).catch(() => {})
  await passTime(500)
  page.auth.dispose()
  await passSeconds(1)
  await call
  const next = openPage(page)
  await expect.poll(() => recordIn(page.storage)?.refreshToken?.token).not.toBe(before)
  await next.auth.getTokenSilently(off)
  expect(strategiesOf(next)).toEqual(['refresh_token'])
})

test.each(['shared', 'memory'] as const)(
  'two clients of one page that finish the same login have one session, with %s storage',
  async (kind) => {
    const options = () => (kind === 'memory' ? { tokenStorage: memoryStorage() } : {})
    const tab = new Map()
    const one = openPage({}, options(), tab)
    const other = openPage(one, options(), tab)
    await one.auth.loginWithRedirect()
    const url = one.answer('alice')
    await Promise.all([one, other].map(({ auth }) => auth.handleRedirectCallback({ url })))
    expect(one.server.control.requests({ endpoint: 'token' })).toHaveLength(1)
    for (const { auth } of [one, other, one, other]) await auth.getTokenSilently(off)
    expect(new Set(sentBy(one)).size).toBe(4)
    expect(strategiesOf(one)).toEqual(Array(4).fill('refresh_token'))
    expect(strategiesOf(other)).toEqual(strategiesOf(one))
  },
)

test('a silent login fills the place of a refresh token that has ended', async () => {
  const page = await logInWithRefreshToken()
  page.server.control.revokeRefreshTokens()
  page.renewal.answers.push({ refreshToken: 'of the frame' })
  await page.auth.getTokenSilently(off)
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ token: 'of the frame' })
})

test('a silent login does not replace a refresh token that still works', async () => {
  const page = await logInWithRefreshToken()
  page.renewal.answers.push({ refreshToken: 'of the frame' })
  await page.auth.getTokenSilently({ scope: 'orders' })
  await page.auth.getTokenSilently(off)
  expect(strategiesOf(page)).toEqual(['custom', 'refresh_token'])
})

test.each(['alice', 'bob'])('a login as %s replaces the refresh token', async (user) => {
  const page = await logInWithRefreshToken()
  const before = recordIn(page.storage)?.refreshToken?.token
  await page.logIn(user)
  expect(recordIn(page.storage)?.refreshToken?.token).not.toBe(before)
  await page.auth.getTokenSilently(off)
  expect(await page.auth.getUser()).toMatchObject({ sub: user })
  expect(page.refreshes().map(({ parameters }) => parameters['refresh_token'])).not.toContain(
    before,
  )
})

test('a login that brings none leaves no refresh token', async () => {
  const page = await logInWithRefreshToken()
  await page.logIn('alice', { scope: 'openid' })
  expect(recordIn(page.storage)?.refreshToken).toBeUndefined()
})

test('another user who comes back silently ends the refresh token', async () => {
  const page = await logInWithRefreshToken()
  page.renewal.answers.push({ claims: { sub: 'bob' } })
  await page.auth.getTokenSilently({ scope: 'orders' }).catch(() => {})
  expect(recordIn(page.storage)).toMatchObject({ sub: 'alice' })
  expect(recordIn(page.storage)?.refreshToken).toBeUndefined()
})

// covers fault:refresh-same-access-token
test('tokens that live for no time at all are given out, one refresh a call', async () => {
  const page = await logInWithRefreshToken({
    server: { accessTokenSeconds: 0 },
  })
  for (let count = 1; count <= 3; count++) {
    expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
    expect(page.refreshes()).toHaveLength(count)
  }
})

test('a login as another user in another tab ends the refresh token in memory', async () => {
  const page = await logInWithRefreshToken({ options: { tokenStorage: memoryStorage() } })
  const other = openPage({ server: page.server }, { tokenStorage: memoryStorage() })
  await other.logIn('alice')
  await other.logIn('bob')
  page.server.control.clearRequests()
  await page.auth.getTokenSilently(off).catch(() => {})
  expect(page.refreshes()).toEqual([])
})

test.each(['before', 'after'])(
  'a client that was disposed of leaves the refresh token of a login to one that was made %s that',
  async (when) => {
    const tab = new Map()
    const open = (at: Partial<RefreshClient>) =>
      openPage(at, { tokenStorage: memoryStorage() }, tab)
    const first = open({})
    const made = when === 'before' && open(first)
    await first.auth.loginWithRedirect()
    const url = first.answer('alice')
    const abandoned = first.auth.handleRedirectCallback({ url }).catch(() => {})
    first.auth.dispose()
    const second = made || open(first)
    await second.auth.handleRedirectCallback({ url })
    await abandoned
    await second.auth.getTokenSilently(off)
    expect(strategiesOf(second)).toEqual(['refresh_token'])
    expect(first.server.control.requests({ endpoint: 'token' })).toHaveLength(2)
  },
)
