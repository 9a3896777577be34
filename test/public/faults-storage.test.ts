// @vitest-environment happy-dom
// What may become of a session that is stored: written over, emptied, slow, or filled by somebody
// else.
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { refreshToken } from 'sotto'
import {
  createClient,
  createServer,
  passTime,
  preparePage,
  reload,
  type TestClient,
} from '../support/flow-client.ts'
import { createSharedStorage, type SharedStorage } from '../support/flow-storage.ts'
import { createRenewal, createTokenSet, issuer, loginRequired } from '../support/flow-tokens.ts'
import { openPage } from '../support/refresh-client.ts'

beforeEach(preparePage)

type Members = Readonly<Record<string, unknown>>

const idTokenOf = (claims: Members): string => createTokenSet({ claims }).idToken
const entryWith =
  (changes: Members) =>
  ({ entries }: Members): Members => ({
    entries: (entries as readonly Members[]).map((entry) => ({ ...entry, ...changes })),
  })

const tampered: readonly (readonly [name: string, change: (record: Members) => Members])[] = [
  ['another issuer', () => ({ issuer: 'https://evil.example' })],
  ['another client', () => ({ clientId: 'other' })],
  [
    'an ID token of another issuer',
    () => ({ idToken: idTokenOf({ iss: 'https://evil.example' }) }),
  ],
  ['an ID token for another client', () => ({ idToken: idTokenOf({ aud: 'other' }) })],
  ['an ID token of another user', () => ({ idToken: idTokenOf({ sub: 'mallory' }) })],
  ['another user than its ID token', () => ({ sub: 'mallory' })],
  ['no version', () => ({ v: undefined })],
  ['a life of centuries', entryWith({ lifeMs: 9e15 })],
  ['a negative life', entryWith({ lifeMs: -1 })],
  ['a life that is text', entryWith({ lifeMs: 'x' })],
  ['a life that is no number', entryWith({ lifeMs: NaN })],
  ['entries that are text', () => ({ entries: 'x' })],
  ['an access token that is none', entryWith({ accessToken: { toString: 1 } })],
]

/** A page that is signed in, its storage, and the token in it. */
async function createStored(): Promise<{
  readonly page: TestClient
  readonly tokenStorage: SharedStorage
  readonly token: string
}> {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  return { page, tokenStorage, token: await page.auth.getTokenSilently() }
}

function changeRecords({ records }: SharedStorage, change: (record: Members) => Members): void {
  for (const [key, record] of records)
    records.set(key, { ...(record as Members), ...change(record as Members) })
}

// covers threat:other-tab fault:storage-foreign-session fault:storage-absurd-life
test.each(tampered)(
  'a stored session with %s is dropped with a warning, and the server is asked',
  async (_name, change) => {
    const { page, tokenStorage, token } = await createStored()
    changeRecords(tokenStorage, change)
    const next = reload(page, { tokenStorage })
    expect(await next.auth.start()).toMatchObject({
      status: 'authenticated',
      user: { sub: 'alice' },
    })
    expect(next.warnings).toEqual([{ code: 'storage_corrupt', reason: 'corrupt' }])
    expect(next.renewal.requests).toHaveLength(1)
    expect(await next.auth.getTokenSilently()).not.toBe(token)
  },
)

// covers threat:tampered-storage fault:storage-endpoints
test('endpoints and keys that somebody has stored beside a session are not used', async () => {
  const page = openPage()
  await page.logIn()
  const evil = 'https://evil.example'
  changeRecords(page.storage, () => ({
    token_endpoint: `${evil}/token`,
    jwks_uri: `${evil}/jwks`,
    jwks: { keys: [] },
    metadata: { issuer, authorization_endpoint: `${evil}/a`, token_endpoint: `${evil}/token` },
  }))
  page.auth.dispose()
  const hosts = new Set<string>()
  const next = openPage(page, {
    renewal: [refreshToken()],
    fetch: (url, init) => {
      hosts.add(new URL(String(url)).origin)
      return page.server.fetch(url, init)
    },
  })
  await next.auth.getTokenSilently({ cacheMode: 'off' })
  expect([...hosts]).toEqual([issuer])
  expect(JSON.stringify([...page.storage.records])).not.toContain(evil)
})

// covers fault:storage-deleted-meanwhile
test('a storage that is emptied while a page runs costs it nothing, and is filled again', async () => {
  const { page, tokenStorage, token } = await createStored()
  const snapshot = page.auth.getSnapshot()
  tokenStorage.records.clear()
  localStorage.clear()
  sessionStorage.clear()
  // As other tabs hear of it.
  dispatchEvent(Object.assign(new Event('storage'), { key: null }))
  await passTime(1)
  expect(page.auth.getSnapshot()).toBe(snapshot)
  expect(await page.auth.getTokenSilently()).toBe(token)
  const renewed = await page.auth.getTokenSilently({ cacheMode: 'off' })
  const next = reload(page, { tokenStorage })
  expect(await next.auth.getTokenSilently()).toBe(renewed)
  expect(next.renewal.requests).toEqual([])
})

// covers fault:storage-deleted-between
test('a browser that has deleted everything between two visits begins anew, without a warning', async () => {
  const { page, tokenStorage } = await createStored()
  await passTime(7 * 86_400_000)
  tokenStorage.records.clear()
  localStorage.clear()
  page.auth.dispose()
  const next = createClient({ tokenStorage }, { renewal: createRenewal(loginRequired()) })
  expect(await next.auth.start()).toEqual({ status: 'anonymous' })
  expect(next.warnings).toEqual([])
})

// covers fault:logout-storage-stuck
test('a session that a logout could not delete is said to be there, and deleted by the next page', async () => {
  const { page, tokenStorage } = await createStored()
  const remove = tokenStorage.delete
  tokenStorage.delete = () => Promise.reject(new Error('blocked'))
  await page.auth.logout({ localOnly: true })
  expect(page.warnings).toEqual([{ code: 'storage_unavailable', reason: 'delete' }])
  expect(page.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(tokenStorage.records.size).toBe(1)
  tokenStorage.delete = remove
  const next = reload(page, { tokenStorage })
  expect(await next.auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(tokenStorage.records.size).toBe(0)
  expect(next.renewal.requests).toEqual([])
})

// covers fault:storage-of-the-app
test('a slow write does not end after, and undo, a later one', async () => {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  await page.auth.start()
  const { set } = tokenStorage
  let delayMs = 1000
  tokenStorage.set = async (key, value) => {
    const wait = delayMs
    delayMs = 1
    await new Promise((resolve) => setTimeout(resolve, wait))
    return set(key, value)
  }
  const first = page.auth.getTokenSilently({ audience: 'https://a.example.com' })
  await passTime(10)
  const second = page.auth.getTokenSilently({ audience: 'https://b.example.com' })
  await passTime(2000)
  const text = JSON.stringify([...tokenStorage.records])
  for (const token of await Promise.all([first, second])) expect(text).toContain(token)
})

/** The names of all members that a login and then a session leave behind. */
async function storedMembers(): Promise<unknown> {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage }, { server: createServer() })
  await page.auth.loginWithRedirect({ appState: { cart: [1] } })
  const login = sessionStorage.getItem('sotto:transactions') ?? ''
  await page.auth.handleRedirectCallback({ url: page.answer('alice') })
  const records = [...tokenStorage.records.values()]
  page.auth.dispose()
  return [JSON.parse(login), records].map(namesIn)
}

const namesIn = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, member]) => [name, namesIn(member)])
    : typeof value

// covers fault:prototype-data
test('data on the prototypes does not get into what is stored', async () => {
  const clean = await storedMembers()
  const prototypes = [Object.prototype, Array.prototype] as unknown as Record<string, unknown>[]
  const pollution = { toJSON: 'evil', doubt: 'evil', sessionParams: 'evil', v: 2, 0: 'evil' }
  const heal = (): void => {
    for (const prototype of prototypes)
      for (const name of Object.keys(pollution)) delete prototype[name]
  }
  onTestFinished(heal)
  for (const prototype of prototypes) Object.assign(prototype, pollution)
  const polluted = await storedMembers()
  heal()
  expect(polluted).toEqual(clean)
})
