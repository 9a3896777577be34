// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { refreshToken } from 'sotto'
import { dpop } from 'sotto/dpop'
import { createClient, createServer, passTime } from '../support/flow-client.ts'
import {
  boundTo,
  clearKeys,
  dropStoredKey,
  logInWithKey,
  openDpopPage,
  prepareDpopPage,
  proofOf,
  readStoredKey,
  refuseIndexedDb,
  tokenRequests,
  writeStoredKey,
} from '../support/dpop-client.ts'
import { recordIn } from '../support/refresh-client.ts'

beforeEach(prepareDpopPage)

const off = { cacheMode: 'off' } as const

/** A page whose key is gone, as after a reload. */
async function loseKey(page: Awaited<ReturnType<typeof logInWithKey>>) {
  page.auth.dispose()
  clearKeys()
  return openDpopPage(page)
}

// covers spec:dpop-key-lost fault:dpop-key-lost
test('serves and sends nothing of a key that is lost, and keeps no refresh token of it', async () => {
  const page = await logInWithKey()
  const next = await loseKey(page)
  expect(await next.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  await expect(next.auth.getTokenSilently()).rejects.toMatchObject({
    code: 'interaction_required',
    attempts: [{ strategy: 'refresh_token', code: 'not_possible', reason: 'no_refresh_token' }],
  })
  expect(tokenRequests(page)).toHaveLength(1)
})

// covers spec:dpop-key-lost fault:dpop-key-lost
test('a login goes on with a new key', async () => {
  const page = await logInWithKey()
  const old = await readStoredKey()
  const next = await loseKey(page)
  await next.logIn()
  const jkt = (await readStoredKey())?.jkt
  expect(jkt).not.toBe(old?.jkt)
  expect(boundTo(await next.auth.getTokenSilently())).toBe(jkt)
  expect(boundTo(await next.auth.getTokenSilently(off))).toBe(jkt)
})

// covers spec:dpop-key-lost
test('the refresh token of a silent login takes the place of one whose key is lost', async () => {
  const page = await logInWithKey()
  page.auth.dispose()
  clearKeys()
  // A silent login by the whole page, as far as it needs no browser: the login of a person.
  const next = openDpopPage(page, { renewal: [refreshToken()] })
  await next.logIn()
  const record = recordIn(page.storage)
  await passTime(1)
  expect(record).toMatchObject({ refreshToken: {}, dpopJkt: (await readStoredKey())?.jkt })
})

// covers spec:dpop-code-tied fault:dpop-key-lost-in-login
test('a login whose key was lost on the way fails, and its code is not sent', async () => {
  const page = openDpopPage()
  await page.auth.loginWithRedirect({ appState: { at: 'cart' } })
  page.auth.dispose()
  clearKeys()
  const next = openDpopPage(page)
  const callback = next.auth.handleRedirectCallback({ url: page.answer('alice') })
  await expect(callback).rejects.toMatchObject({
    code: 'dpop_failed',
    reason: 'key',
    retryable: false,
    appState: { at: 'cart' },
  })
  expect(tokenRequests(page)).toEqual([])
  expect(await next.auth.isAuthenticated()).toBe(false)
})

// covers fault:dpop-no-indexed-db
test('keeps the key in memory where IndexedDB is refused, and ties no code to it', async () => {
  refuseIndexedDb()
  const page = openDpopPage()
  await page.auth.loginWithRedirect()
  expect(page.visits[0]?.searchParams.has('dpop_jkt')).toBe(false)
  page.auth.dispose()
  // The page was left, and the key with it.
  const next = openDpopPage(page)
  await next.auth.handleRedirectCallback({ url: page.answer('alice') })
  const token = await next.auth.getTokenSilently()
  expect(boundTo(token)).toBeTruthy()
  expect(boundTo(await next.auth.getTokenSilently(off))).toBe(boundTo(token))
  next.auth.dispose()
  const last = openDpopPage(page)
  expect(await last.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
})

// covers fault:dpop-no-indexed-db
test('waits two seconds for an IndexedDB that hangs, once', async () => {
  vi.stubGlobal('indexedDB', { open: () => ({}) })
  const page = openDpopPage()
  const leaving = page.auth.loginWithRedirect()
  await passTime(2000)
  await leaving
  await page.auth.loginWithRedirect()
  expect(page.visits).toHaveLength(2)
})

// covers spec:dpop-key-shared fault:dpop-two-tabs
test('tabs that begin at once have one key', async () => {
  const server = createServer()
  const tabs = [1, 2, 3].map(() => openDpopPage({ server }))
  await Promise.all(tabs.map(({ auth }) => auth.loginWithRedirect()))
  const tied = tabs.map(({ visits }) => visits[0]?.searchParams.get('dpop_jkt'))
  expect(new Set(tied)).toEqual(new Set([(await readStoredKey())?.jkt]))
})

// covers spec:dpop-key-shared
test('calls that begin at once have one key', async () => {
  const page = openDpopPage()
  const urls: (string | null)[] = []
  const { auth } = openDpopPage(page, {
    navigate: (url) => void urls.push(url.searchParams.get('dpop_jkt')),
  })
  await Promise.all([page.auth.loginWithRedirect(), auth.loginWithRedirect()])
  expect([page.visits[0]?.searchParams.get('dpop_jkt')]).toEqual(urls)
})

// covers spec:dpop-key-rotated
test('a logout forgets the key, and the next login has another one', async () => {
  const page = await logInWithKey()
  const first = (await readStoredKey())?.jkt
  await page.auth.logout({ localOnly: true })
  await vi.waitFor(async () => expect(await readStoredKey()).toBeUndefined())
  await page.logIn()
  expect((await readStoredKey())?.jkt).not.toBe(first)
})

// covers spec:dpop-key-rotated
test('a tab that hears late of a logout leaves the key of the login after it', async () => {
  const page = await logInWithKey()
  const other = openDpopPage(page)
  await other.auth.getTokenSilently()
  const { generation } = JSON.parse(
    localStorage.getItem('sotto:epoch https://login.example.com app') ?? '{}',
  ) as { readonly generation: string }
  const key = { ...(await readStoredKey())!, jkt: 'of-the-next-login' }
  await writeStoredKey(key)
  localStorage.setItem(
    'sotto:epoch https://login.example.com app',
    JSON.stringify({ generation: `${generation}2`, loggedOut: true }),
  )
  await passTime(1001)
  await expect(other.auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
  await passTime(50)
  expect(await readStoredKey()).toMatchObject({ jkt: 'of-the-next-login' })
})

// covers spec:dpop-key-rotated
test('a tab that hears late of a logout and has used no key leaves that of the login after it', async () => {
  const page = await logInWithKey()
  const key = { ...(await readStoredKey())!, jkt: 'of-the-next-login' }
  await page.auth.logout({ localOnly: true })
  // It keeps its session in memory, and has looked for none.
  const other = createClient({ dpop: dpop() }, { server: page.server })
  expect(await other.auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  await vi.waitFor(async () => expect(await readStoredKey()).toBeUndefined())
  await writeStoredKey(key)
  localStorage.setItem(
    'sotto:epoch https://login.example.com app',
    JSON.stringify({ generation: 'later', loggedOut: true }),
  )
  await expect(other.auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
  await passTime(50)
  expect(await readStoredKey()).toMatchObject({ jkt: 'of-the-next-login' })
})

// covers spec:dpop-key-rotated
test('a page that begins with a logout deletes a key that it has not looked at', async () => {
  const page = await logInWithKey()
  page.auth.dispose()
  const next = createClient({ dpop: dpop() }, { server: page.server })
  expect(await readStoredKey()).toBeDefined()
  await next.auth.logout({ localOnly: true })
  await vi.waitFor(async () => expect(await readStoredKey()).toBeUndefined())
})

// covers spec:dpop-binding-cache
test('a page goes over to the key that the other tabs use now', async () => {
  const page = await logInWithKey()
  const old = await page.auth.getTokenSilently()
  await dropStoredKey()
  const other = openDpopPage({ server: page.server })
  await other.logIn()
  const jkt = (await readStoredKey())?.jkt
  // It looks at the key with the next request, and no token of the old one is served since.
  await expect(page.auth.getTokenSilently(off)).rejects.toMatchObject({
    code: 'interaction_required',
  })
  expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
  await page.logIn()
  expect(boundTo(old)).not.toBe(jkt)
  expect(boundTo(await page.auth.getTokenSilently())).toBe(jkt)
})

// covers spec:dpop-key-kept
test.each<[string, (key: NonNullable<Awaited<ReturnType<typeof readStoredKey>>>) => unknown]>([
  ['no key', () => ({ privateKey: 'x', jwk: { x: 'x', y: 'y' }, jkt: 'x' })],
  ['no object', () => 'key'],
  ['a key without its public part', ({ privateKey, jkt }) => ({ privateKey, jkt })],
])('a stored value that is %s gives way to a new key', async (_, change) => {
  const page = await logInWithKey()
  await writeStoredKey(change((await readStoredKey())!))
  await page.auth.loginWithRedirect()
  const key = await readStoredKey()
  expect(key?.privateKey.extractable).toBe(false)
  expect(page.visits.at(-1)?.searchParams.get('dpop_jkt')).toBe(key?.jkt)
})

// covers spec:dpop-key-kept
test('a stored key that could be exported is not used', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
  await writeStoredKey({ privateKey: pair.privateKey, jwk, jkt: 'planted' })
  const page = await logInWithKey()
  expect(proofOf(tokenRequests(page)[0]!).header.jwk.x).not.toBe(jwk.x)
})
