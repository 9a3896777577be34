// @vitest-environment happy-dom
// What becomes of a refresh token when its storage fails, or somebody else writes there.
import { beforeEach, expect, test } from 'vitest'
import { refreshToken } from 'sotto'
import { passTime, preparePage } from '../support/flow-client.ts'
import {
  changeGrant,
  logInWithRefreshToken,
  openPage,
  recordIn,
} from '../support/refresh-client.ts'

beforeEach(preparePage)

test('a refresh token ends with the record that it was in, also in the memory of other tabs', async () => {
  const page = await logInWithRefreshToken()
  page.storage.records.clear()
  await page.auth.getTokenSilently({ cacheMode: 'off' })
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'session_expired' })
  expect(page.refreshes()).toEqual([])
})

test('a refresh token is not sent once the storage that it was in cannot be used: another tab may have used it up', async () => {
  const page = await logInWithRefreshToken()
  const fail = () => Promise.reject(new Error('gone'))
  Object.assign(page.storage, { get: fail, set: fail })
  await page.auth.getTokenSilently({ cacheMode: 'off' })
  expect(page.renewals[0]?.attempts[0]).toMatchObject({ code: 'storage_unavailable' })
  expect(page.refreshes()).toEqual([])
})

test('a refresh token is found once a storage answers that was silent when the page began', async () => {
  const page = await logInWithRefreshToken()
  const { get } = page.storage
  let isSlow = true
  page.storage.get = async (key) => {
    if (isSlow) await new Promise((resolve) => setTimeout(resolve, 3000))
    return get(key)
  }
  const next = openPage(page, { renewal: [refreshToken()] })
  const started = next.auth.start()
  await passTime(5000)
  expect(await started).toMatchObject({ status: 'anonymous' })
  isSlow = false
  expect(await next.auth.getTokenSilently({ cacheMode: 'off' })).toBeTypeOf('string')
  expect(next.auth.getSnapshot().status).toBe('authenticated')
})

test('a refresh that was begun for one user does not undo the login of another, who had been here before', async () => {
  const page = await logInWithRefreshToken()
  const other = openPage(page)
  await other.logIn('bob')
  await passTime(1000)
  page.server.control.addFault({ endpoint: 'token', name: 'delay', ms: 1000, times: 1 })
  const call = other.auth.getTokenSilently({ cacheMode: 'off' }).catch(() => {})
  await passTime(500)
  await page.logIn('alice')
  for (let second = 0; second < 3; second++) {
    await passTime(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await call
  expect(recordIn(page.storage)).toMatchObject({ sub: 'alice' })
  expect(recordIn(page.storage)?.idToken).toBeTypeOf('string')
  expect(await page.auth.getTokenSilently({ cacheMode: 'off' })).toBeTypeOf('string')
})

test('a logout while the answer of a refresh is written wins', async () => {
  const page = await logInWithRefreshToken()
  const before = recordIn(page.storage)?.refreshToken?.token
  const other = openPage(page)
  await other.auth.start()
  const { set } = page.storage
  let logout: Promise<void> | undefined
  page.storage.set = async (key, value) => {
    await set(key, value)
    const isAnswer = recordIn(page.storage)?.refreshToken?.token !== before
    if (isAnswer) logout ??= other.auth.logout({ localOnly: true })
  }
  const call = page.auth.getTokenSilently({ cacheMode: 'off' })
  await expect(call).rejects.toMatchObject({ code: 'logged_out' })
  await logout
  expect(page.storage.records.size).toBe(0)
})

test('a refresh token that was replaced before it was marked is not sent, but the one in its place', async () => {
  const page = await logInWithRefreshToken()
  const { get } = page.storage
  let reads = 0
  page.storage.get = (key) => {
    // As a tab does that does not wait for the lock.
    if (++reads === 1) changeGrant(page.storage, { token: 'another' })
    return get(key)
  }
  await page.auth.getTokenSilently({ cacheMode: 'off' })
  expect(page.refreshes().map(({ parameters }) => parameters['refresh_token'])).toEqual(['another'])
})
