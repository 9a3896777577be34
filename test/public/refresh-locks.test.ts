// @vitest-environment happy-dom
// What a refresh waits for, and for how long: one lock for the refresh token, one for each target,
// one for the storage.
import { beforeEach, expect, test, vi } from 'vitest'
import { memoryStorage, refreshToken } from 'sotto'
import { passTime, preparePage } from '../support/flow-client.ts'
import { loginRequired } from '../support/flow-tokens.ts'
import { settle, watchCryptography } from '../support/real-time.ts'
import {
  changeGrant,
  logInWithRefreshToken,
  openPage,
  recordIn,
  type RefreshClient,
} from '../support/refresh-client.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const off = { cacheMode: 'off' } as const

const strategiesOf = ({ renewals }: RefreshClient) => renewals.map(({ strategy }) => strategy)

/** Another tab takes locks and never gives them back. */
async function freeze(names: readonly string[]): Promise<void> {
  for (const name of names)
    navigator.locks.request(name, {}, () => new Promise(() => {})).catch(() => {})
  await Promise.resolve()
}

// covers spec:one-tab-at-a-time fault:refresh-frozen-tab
test('a refresh token is not sent while another tab has the lock, however long', async () => {
  const page = await logInWithRefreshToken()
  const [key] = page.storage.records.keys()
  await freeze([`${key} refresh`])
  const call = page.auth.getTokenSilently(off)
  await passTime(10_001)
  await call
  expect(page.refreshes()).toEqual([])
  expect(page.renewals[0]?.attempts).toEqual([{ strategy: 'refresh_token', code: 'lock_timeout' }])
  expect(recordIn(page.storage)?.refreshToken).toMatchObject({ doubt: undefined })
})

test('a lock that is busy is told as that, and nobody is sent to log in', async () => {
  const page = await logInWithRefreshToken({ options: { onLoginRequired: 'redirect' } })
  const [key] = page.storage.records.keys()
  await passTime(300_001)
  await freeze([`${key} refresh`])
  page.renewal.answers.push(loginRequired())
  const call = expect(page.auth.getTokenSilently()).rejects.toMatchObject({
    code: 'lock_timeout',
    retryable: true,
  })
  await passTime(10_001)
  await call
  expect(page.visits).toHaveLength(1)
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

test('the metadata is asked for before the lock is taken', async () => {
  const page = await logInWithRefreshToken()
  page.auth.dispose()
  const [slowTab, other] = [openPage(page), openPage(page)]
  page.server.control.addFault({ endpoint: 'discovery', name: 'hang', times: 1 })
  const call = slowTab.auth.getTokenSilently(off).catch(() => {})
  await passTime(100)
  await other.auth.getTokenSilently(off)
  expect(strategiesOf(other)).toEqual(['refresh_token'])
  await passTime(10_001)
  await call
})

test.each([
  ['the storage', / storage$/],
  ['a target', /\]$/],
])('a tab that is frozen with the lock of %s holds nobody up for long', async (_, frozen) => {
  const page = await logInWithRefreshToken()
  const request = vi.spyOn(navigator.locks, 'request')
  const call = { ...off, scope: 'orders' }
  await page.auth.getTokenSilently(call)
  const names = [...new Set(request.mock.calls.map(([name]) => name))].filter((name) =>
    frozen.test(name),
  )
  expect(names).toHaveLength(1)
  await freeze(names)
  const startedAt = performance.now()
  await settle(page.auth.getTokenSilently(call))
  expect(performance.now() - startedAt).toBeLessThan(11_000)
  await settle(page.auth.getTokenSilently(off))
  expect(strategiesOf(page)).toEqual(['custom', 'custom', 'refresh_token'])
})

/** A tab that sent the refresh token a while ago has the lock; nobody else can renew. */
async function openBesideFrozen(agoMs: number): Promise<RefreshClient> {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  const [key] = page.storage.records.keys()
  await freeze([`${key} refresh`])
  await passTime(300_001)
  const since = Date.now() - agoMs
  changeGrant(page.storage, { doubt: { since, tries: 1, nextAt: since } })
  return page
}

// covers fault:refresh-frozen-tab
test('the lock of a tab that has stood still for half a minute is taken away', async () => {
  const page = await openBesideFrozen(20_001)
  const call = page.auth.getTokenSilently()
  await passTime(10_001)
  expect(await call).toBeTypeOf('string')
  expect(strategiesOf(page)).toEqual(['refresh_token'])
})

test('the lock of a tab that is only slow is not', async () => {
  const page = await openBesideFrozen(20_000)
  const call = expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'lock_timeout' })
  await passTime(10_001)
  await call
  expect(page.refreshes()).toEqual([])
})

test('what goes wrong with the lock in hand is no reason to take it once more', async () => {
  const page = await logInWithRefreshToken({ options: { renewal: [refreshToken()] } })
  await passTime(300_001)
  const since = Date.now() - 60_000
  changeGrant(page.storage, { doubt: { since, tries: 1, nextAt: since } })
  const { set } = page.storage
  page.storage.set = () => {
    page.storage.set = set
    return Promise.reject(new Error('full'))
  }
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(page.refreshes()).toEqual([])
})

test('pages with memory storage do not wait for each other', async () => {
  const page = await logInWithRefreshToken({ options: { tokenStorage: memoryStorage() } })
  const other = openPage({ server: page.server }, { tokenStorage: memoryStorage() })
  await other.logIn()
  page.server.control.addFault({ endpoint: 'token', name: 'hang', times: 1 })
  const hanging = page.auth.getTokenSilently(off).catch(() => {})
  await other.auth.getTokenSilently(off)
  expect(strategiesOf(other)).toEqual(['refresh_token'])
  await passTime(10_001)
  await hanging
})
