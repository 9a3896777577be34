// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, type CustomStorage } from 'sotto'
import { createClient, passTime, preparePage, reload } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const bob = { claims: { sub: 'bob' } }

/** A page that has renewed once, and its storage. */
async function createStoredSession() {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  const token = await page.auth.getTokenSilently()
  return { tokenStorage, page, token }
}

// covers fault:discarded
test('a reload finds its session without a request', async () => {
  const { tokenStorage, page, token } = await createStoredSession()
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toMatchObject({
    status: 'authenticated',
    user: { sub: 'alice' },
  })
  expect(await next.auth.getTokenSilently()).toBe(token)
  expect(next.renewal.requests).toEqual([])
  expect(next.server.control.requests()).toEqual([])
})

test('a reload without refresh tokens does not wait for a lock of the browser', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const asked = vi.spyOn(navigator.locks, 'request')
  expect(await reload(page, { tokenStorage }).auth.start()).toMatchObject({
    status: 'authenticated',
  })
  expect(asked).not.toHaveBeenCalled()
})

test('a callback without a login of ours does not hide the session that is stored', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const next = reload(page, { tokenStorage })
  const callback = next.auth.handleRedirectCallback()
  await expect(callback).rejects.toMatchObject({ code: 'state_unknown' })
  expect(next.auth.getSnapshot()).toMatchObject({ status: 'authenticated' })
})

test('a reload finds its session without start, too', async () => {
  const { tokenStorage, page, token } = await createStoredSession()
  const next = reload(page, { tokenStorage })
  expect(await next.auth.isAuthenticated()).toBe(true)
  expect(await next.auth.getTokenSilently()).toBe(token)
  expect(next.renewal.requests).toEqual([])
})

test('a reload with memory storage asks the server', async () => {
  const page = createClient()
  await page.auth.getTokenSilently()
  const next = reload(page)
  expect(await next.auth.isAuthenticated()).toBe(false)
  await next.auth.start()
  expect(next.renewal.requests).toHaveLength(1)
})

test('a reload after the stored token has expired renews it', async () => {
  const { tokenStorage, page, token } = await createStoredSession()
  await passTime(300_001)
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(await next.auth.getTokenSilently()).not.toBe(token)
  expect(next.renewal.requests).toHaveLength(1)
})

test('an expired stored session whose server says login_required is gone, in the storage too', async () => {
  const { tokenStorage, page } = await createStoredSession()
  await passTime(300_001)
  page.auth.dispose()
  const next = createClient({ tokenStorage }, { renewal: createRenewal(loginRequired()) })
  expect(await next.auth.start()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  await passTime(1)
  expect(tokenStorage.records.size).toBe(0)
})

test.each(['network_error', 'silent_timeout', 'interaction_required', 'consent_required'] as const)(
  'an expired stored session stands after a renewal that met %s',
  async (code) => {
    const { tokenStorage, page } = await createStoredSession()
    await passTime(300_001)
    page.auth.dispose()
    const next = createClient({ tokenStorage }, { renewal: createRenewal(new AuthError(code)) })
    expect(await next.auth.start()).toMatchObject({ status: 'authenticated' })
    expect(tokenStorage.records.size).toBe(1)
  },
)

test('a logout empties the storage', async () => {
  const { tokenStorage, page } = await createStoredSession()
  await page.auth.logout()
  expect(tokenStorage.records.size).toBe(0)
})

// covers fault:logout-storage-stuck
test('a record that a logout could not delete is not believed', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const records = new Map(tokenStorage.records)
  await page.auth.logout()
  for (const [key, record] of records) tokenStorage.records.set(key, record)
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(await next.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  expect(await next.auth.isAuthenticated()).toBe(false)
  expect(tokenStorage.records.size).toBe(0)
})

// covers spec:stored-session
test('a record that claims to be of after a logout is not believed either', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const records = new Map(tokenStorage.records)
  await page.auth.logout()
  const [, mark = '{}'] = Object.entries(localStorage).find(([key]) => key.includes('epoch')) ?? []
  const { generation } = JSON.parse(mark as string) as { readonly generation: string }
  expect(generation).not.toBe('')
  for (const [key, record] of records)
    tokenStorage.records.set(key, { ...(record as object), generation })
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(next.renewal.requests).toEqual([])
})

test('a session outlives the mark of its generation', async () => {
  const { tokenStorage, page } = await createStoredSession()
  await page.auth.logout()
  await page.logIn()
  localStorage.clear()
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toMatchObject({ status: 'authenticated' })
  expect(next.renewal.requests).toEqual([])
})

test('the session of before a logout is not believed after the next login either', async () => {
  const { tokenStorage, page } = await createStoredSession()
  await page.auth.getTokenSilently({ scope: 'orders' })
  const records = new Map(tokenStorage.records)
  await page.auth.logout()
  const next = createClient({ tokenStorage })
  await next.logIn('bob')
  for (const [key, record] of records) tokenStorage.records.set(key, record)
  const last = reload(next, { tokenStorage })
  expect(await last.auth.isAuthenticated()).toBe(false)
})

test('another tab finds what this one has renewed, without a request of its own', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const other = createClient({ tokenStorage }, { server: page.server })
  await other.auth.start()
  const token = await page.auth.getTokenSilently({ scope: 'orders' })
  expect(await other.auth.getTokenSilently({ scope: 'orders' })).toBe(token)
  expect(other.renewal.requests).toEqual([])
})

test('two tabs that ask at once send one request', async () => {
  const tokenStorage = createSharedStorage()
  const [one, other] = [createClient({ tokenStorage }), createClient({ tokenStorage })]
  const tokens = await Promise.all([one.auth.getTokenSilently(), other.auth.getTokenSilently()])
  expect(tokens[0]).toBe(tokens[1])
  expect(one.renewal.requests.length + other.renewal.requests.length).toBe(1)
})

// covers fault:storage-two-tabs
test('two tabs that renew for different audiences keep both tokens in the storage', async () => {
  const tokenStorage = createSharedStorage()
  const [one, other] = [createClient({ tokenStorage }), createClient({ tokenStorage })]
  const [a, b] = [{ audience: 'https://a.example.com' }, { audience: 'https://b.example.com' }]
  const tokens = await Promise.all([one.auth.getTokenSilently(a), other.auth.getTokenSilently(b)])
  const next = reload(one, { tokenStorage })
  const found = [await next.auth.getTokenSilently(a), await next.auth.getTokenSilently(b)]
  expect(found).toEqual(tokens)
  expect(next.renewal.requests).toEqual([])
})

test('another user who came back silently stays refused over a reload', async () => {
  const { tokenStorage, page } = await createStoredSession()
  page.renewal.answers.push(bob)
  await page.auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
  expect(JSON.stringify([...tokenStorage.records])).not.toContain('access-token')
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  await expect(next.auth.getTokenSilently()).rejects.toMatchObject({ code: 'user_changed' })
  expect(next.renewal.requests).toEqual([])
})

// covers fault:storage-other-user
test('a tab that refuses another user leaves the session alone that he has stored', async () => {
  const { tokenStorage, page } = await createStoredSession()
  let isLate = false
  const get: CustomStorage['get'] = async (key) => (isLate ? undefined : tokenStorage.get(key))
  const tab = createClient({ tokenStorage: { ...tokenStorage, get } })
  await tab.auth.start()
  isLate = true
  await page.logIn('bob')
  const release = tab.renewal.hold()
  tab.renewal.answers.push(bob, bob)
  const call = tab.auth.getTokenSilently({ cacheMode: 'off' })
  const outcome = expect(call).rejects.toMatchObject({ code: 'user_changed' })
  await passTime(300)
  isLate = false
  release()
  await outcome
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  expect(next.renewal.requests).toEqual([])
})

test.each(['alice', 'bob'])('a login as %s ends a refusal that was stored', async (user) => {
  const { tokenStorage, page } = await createStoredSession()
  page.renewal.answers.push(bob)
  await page.auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
  const next = reload(page, { tokenStorage })
  await next.logIn(user)
  expect(await next.auth.getUser()).toMatchObject({ sub: user })
  const last = reload(next, { tokenStorage })
  expect(await last.auth.start()).toMatchObject({ status: 'authenticated', user: { sub: user } })
  expect(last.renewal.requests).toEqual([])
})

test('the pinned user of a stored session is held against the first renewal of a page', async () => {
  const { tokenStorage, page } = await createStoredSession()
  page.auth.dispose()
  const next = createClient({ tokenStorage }, { renewal: createRenewal(bob) })
  await expect(next.auth.getTokenSilently({ cacheMode: 'off' })).rejects.toMatchObject({
    code: 'user_changed',
  })
})

test('a login as someone else ends a stored session that this page has not looked at', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const next = reload(page, { tokenStorage })
  await next.logIn('bob')
  expect(await next.auth.getUser()).toMatchObject({ sub: 'bob' })
  expect(JSON.stringify([...tokenStorage.records])).not.toContain('access-token')
  const last = reload(next, { tokenStorage })
  expect(await last.auth.start()).toMatchObject({ user: { sub: 'bob' } })
})

test('a record of a newer version is left alone', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const [[key, record] = ['', {}]] = tokenStorage.records
  const newer = { ...(record as object), v: 2 }
  tokenStorage.records.set(key, newer)
  const next = reload(page, { tokenStorage })
  await next.auth.getTokenSilently()
  expect(tokenStorage.records.get(key)).toEqual(newer)
  expect(next.warnings).toContainEqual({ code: 'storage_corrupt', reason: 'newer' })
})

test('a record that does not fit is dropped with a warning and written anew', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const [key = ''] = tokenStorage.records.keys()
  tokenStorage.records.set(key, { v: 1, entries: 'none' })
  const next = reload(page, { tokenStorage })
  const token = await next.auth.getTokenSilently()
  expect(next.warnings).toContainEqual({ code: 'storage_corrupt', reason: 'corrupt' })
  expect(JSON.stringify(tokenStorage.records.get(key))).toContain(token)
})

// covers spec:nothing-else-stored
test('neither endpoints nor keys nor verifiers are stored', async () => {
  const tokenStorage = createSharedStorage()
  const { logIn } = createClient({ tokenStorage })
  await logIn()
  const text = JSON.stringify([...tokenStorage.records])
  expect(text).not.toMatch(/endpoint|jwks|"keys"|verifier|RS256|nonce":"[^"]*state/)
})

// covers fault:storage-of-the-app
test('a storage that always throws fails no call, and warns once for each operation', async () => {
  const fail = () => Promise.reject(new Error('quota exceeded: eyJ…'))
  const { auth, warnings } = createClient({ tokenStorage: { get: fail, set: fail, delete: fail } })
  const token = await auth.getTokenSilently()
  await auth.getTokenSilently({ cacheMode: 'off' })
  expect(token).toBeTypeOf('string')
  await auth.logout({ localOnly: true })
  await auth.logout({ localOnly: true })
  expect(warnings).toEqual([{ code: 'storage_unavailable', reason: 'get' }])
})

// covers fault:storage-blocked
test('a storage that hangs fails no call', async () => {
  const hang = () => new Promise<never>(() => {})
  const { auth, warnings } = createClient({ tokenStorage: { get: hang, set: hang, delete: hang } })
  const call = auth.getTokenSilently()
  await passTime(10_000)
  await expect(call).resolves.toBeTypeOf('string')
  expect(warnings).toEqual([{ code: 'storage_unavailable', reason: 'get' }])
})
