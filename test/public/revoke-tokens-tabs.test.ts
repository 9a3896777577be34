// @vitest-environment happy-dom
// What happens to a revocation, and to other tabs and flows, at the same time.
import { beforeEach, expect, test, vi } from 'vitest'
import { memoryStorage, refreshToken, revokeTokens } from 'sotto'
import { passTime, preparePage } from '../support/flow-client.ts'
import { logInWithRefreshToken, openPage, recordIn } from '../support/refresh-client.ts'
import { isAccepted, refreshTokenOf, revoked } from '../support/revocation.ts'

beforeEach(preparePage)

const off = { cacheMode: 'off' } as const
const cached = { cacheMode: 'cache-only' } as const

// covers spec:revoked-stays-revoked fault:revocation-renewal
test.each(['shared', 'memory'] as const)(
  'ends the refresh token that a renewal under way brings, with %s storage',
  async (kind) => {
    const options = kind === 'memory' ? { tokenStorage: memoryStorage() } : {}
    const page = await logInWithRefreshToken({ options })
    page.server.control.addFault({ endpoint: 'token', name: 'delay', ms: 1000, times: 1 })
    const renewal = page.auth.getTokenSilently(off)
    await vi.waitFor(() => expect(page.refreshes()).toHaveLength(1))
    const revocation = revokeTokens(page.auth)
    await passTime(1001)
    expect(await renewal).toMatch(/^ey/)
    await revocation
    const [sent] = page.refreshes()
    const [{ token } = {}] = revoked(page)
    expect(token).toBeDefined()
    expect(token).not.toBe(sent?.parameters['refresh_token'])
    expect(await isAccepted(page, token)).toBe(false)
    expect(await page.auth.getTokenSilently(cached)).toBeUndefined()
  },
)

// covers spec:revoked-stays-revoked
test('a renewal that begins meanwhile waits, and sends nothing', async () => {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  page.server.control.addFault({ endpoint: 'revocation', name: 'delay', ms: 1000 })
  const revocation = revokeTokens(page.auth)
  await vi.waitFor(() => expect(revoked(page)).toHaveLength(1))
  const renewal = expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'interaction_required',
  })
  await passTime(1001)
  await Promise.all([revocation, renewal])
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'interaction_required',
    reason: 'no_refresh_token',
  })
  expect(page.refreshes()).toEqual([])
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

// covers spec:revoked-stays-revoked fault:revocation-renewal
test('what a frame brings that was under way is not stored', async () => {
  const page = await logInWithRefreshToken()
  const release = page.renewal.hold()
  const audience = 'https://api.example.com'
  page.server.control.addFault({ endpoint: 'token', name: 'oauthError', error: 'invalid_target' })
  const call = page.auth.getTokenSilently({ audience })
  const outcome = expect(call).rejects.toMatchObject({ code: 'user_changed' })
  await vi.waitFor(() => expect(page.renewal.requests).toHaveLength(1))
  await revokeTokens(page.auth)
  release()
  await outcome
  expect(await page.auth.getTokenSilently({ audience, ...cached })).toBeUndefined()
  // Nobody else is there after all.
  expect(await page.auth.getTokenSilently()).toMatch(/^access-token/)
})

// covers spec:revoked-not-used fault:revocation-other-tabs
test('other tabs drop their tokens too, and what they renew brings none back', async () => {
  const page = await logInWithRefreshToken()
  const other = openPage(page)
  await other.auth.start()
  const token = await other.auth.getTokenSilently(cached)
  expect(token).toBeDefined()
  const release = other.renewal.hold()
  await revokeTokens(page.auth)
  await vi.waitFor(async () => expect(await other.auth.getTokenSilently(cached)).toBeUndefined())
  release()
  await passTime(1000)
  const renewed = await other.auth.getTokenSilently()
  expect(renewed).toMatch(/^access-token/)
  expect(await other.auth.getUser()).toMatchObject({ sub: 'alice' })
  expect(other.auth.getSnapshot().status).toBe('authenticated')
  expect(await page.auth.getTokenSilently(off)).not.toBe(token)
  expect(page.refreshes()).toEqual([])
  expect(JSON.stringify(recordIn(page.storage))).not.toContain(token)
})

test('signs nobody out in other tabs either', async () => {
  const page = await logInWithRefreshToken()
  const other = openPage(page)
  await other.auth.start()
  const shown: string[] = []
  other.auth.on('session', ({ status }) => shown.push(status))
  const release = other.renewal.hold()
  await revokeTokens(page.auth)
  await passTime(1000)
  expect(await other.auth.getTokenSilently(cached)).toBeUndefined()
  release()
  expect(await other.auth.getTokenSilently()).toMatch(/^access-token/)
  expect(shown).not.toContain('anonymous')
})

test('nor in a tab that heard of none of two revocations', async () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  const page = await logInWithRefreshToken()
  const other = openPage(page)
  await other.auth.start()
  const shown: string[] = []
  other.auth.on('session', ({ status }) => shown.push(status))
  for (let times = 0; times < 2; times++) {
    await revokeTokens(page.auth)
    await page.auth.getTokenSilently()
  }
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(1000)
  expect(shown).not.toContain('anonymous')
  // Another user after that is another session.
  await page.logIn('bob')
  await revokeTokens(page.auth)
  document.dispatchEvent(new Event('visibilitychange'))
  expect(shown).toEqual(['anonymous'])
})

test('takes the refresh token that another tab has renewed, not the one that it knows', async () => {
  const page = await logInWithRefreshToken()
  const other = openPage(page)
  await other.auth.start()
  await other.auth.getTokenSilently(off)
  const current = refreshTokenOf(page)
  await revokeTokens(page.auth)
  expect(revoked(page)).toMatchObject([{ token: current }])
})

test('sends nothing while another tab is in the middle of a renewal, however long', async () => {
  const page = await logInWithRefreshToken()
  const [key] = page.storage.records.keys()
  void navigator.locks.request(`${key} refresh`, {}, () => new Promise(() => {}))
  const outcome = expect(revokeTokens(page.auth)).rejects.toMatchObject({
    code: 'lock_timeout',
    retryable: true,
  })
  await passTime(10_001)
  await outcome
  expect(revoked(page)).toEqual([])
  expect(await page.auth.getTokenSilently(cached)).toBeDefined()
})

test('a tab that is frozen while it stores something does not keep the tokens alive', async () => {
  const page = await logInWithRefreshToken()
  const [key] = page.storage.records.keys()
  void navigator.locks.request(String(key), {}, () => new Promise(() => {}))
  const revocation = revokeTokens(page.auth)
  await vi.waitFor(() => expect(revoked(page)).toHaveLength(1))
  await passTime(10_001)
  await revocation
  expect(refreshTokenOf(page)).toBeUndefined()
  expect(await page.auth.getTokenSilently(cached)).toBeUndefined()
})

// covers spec:revocation-and-logout fault:revocation-overtaken
test.each(['logout', 'login as somebody else'])(
  'a %s meanwhile has the last word',
  async (what) => {
    const page = await logInWithRefreshToken()
    page.server.control.addFault({ endpoint: 'revocation', name: 'delay', ms: 1000 })
    const revocation = revokeTokens(page.auth)
    await vi.waitFor(() => expect(revoked(page)).toHaveLength(1))
    if (what !== 'logout') await page.logIn('bob')
    const logout = what === 'logout' && page.auth.logout({ localOnly: true })
    await passTime(2001)
    await Promise.all([logout, revocation])
    const status = what === 'logout' ? 'anonymous' : 'authenticated'
    expect(page.auth.getSnapshot().status).toBe(status)
    expect(refreshTokenOf(page) !== undefined).toBe(status === 'authenticated')
    page.auth.dispose()
    const next = openPage(page)
    expect((await next.auth.start()).status).toBe(status)
    expect(next.renewal.requests).toEqual([])
  },
)

test('a caller that gives up early sends nothing; later the tokens are dropped all the same', async () => {
  const page = await logInWithRefreshToken()
  const early = new AbortController()
  const call = expect(revokeTokens(page.auth, early)).rejects.toBe('enough')
  early.abort('enough')
  await call
  expect(revoked(page)).toEqual([])
  page.server.control.addFault({ endpoint: 'revocation', name: 'delay', ms: 1000 })
  const late = new AbortController()
  const outcome = expect(revokeTokens(page.auth, late)).rejects.toBe('enough')
  await vi.waitFor(() => expect(revoked(page)).toHaveLength(1))
  late.abort('enough')
  await outcome
  await passTime(1001)
  await vi.waitFor(() => expect(refreshTokenOf(page)).toBeUndefined())
})

test('keeps no token in use that it has ended, where somebody logs in while it looks', async () => {
  const page = await logInWithRefreshToken()
  await page.auth.loginWithRedirect()
  const url = page.answer('bob')
  const { get } = page.storage
  let login: Promise<unknown> | undefined
  page.storage.get = async (key) => {
    if (!login) await (login = page.auth.handleRedirectCallback({ url }))
    return get(key)
  }
  await revokeTokens(page.auth)
  expect(await page.auth.getUser()).toMatchObject({ sub: 'bob' })
  const token = refreshTokenOf(page)
  expect(token).toBeDefined()
  expect(revoked(page).map((request) => request['token'])).not.toContain(token)
})
