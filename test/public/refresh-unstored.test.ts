// @vitest-environment happy-dom
// What becomes of a refresh token that this page was given and could not store.
import { beforeEach, expect, test, vi } from 'vitest'
import { refreshToken } from 'sotto'
import { passTime, preparePage } from '../support/flow-client.ts'
import {
  logInWithRefreshToken,
  openPage,
  sentBy,
  type RefreshClient,
} from '../support/refresh-client.ts'
import { advance, settle, watchCryptography } from '../support/real-time.ts'
import { revoked } from '../support/revocation.ts'

beforeEach(() => {
  preparePage()
  watchCryptography()
})

const options = { renewal: [refreshToken()] }
const off = { cacheMode: 'off' } as const

/** The disk is full: everything can be read, and nothing written but for the first times. */
function fill({ storage }: RefreshClient, writes = 0): () => void {
  const { set } = storage
  let left = writes
  storage.set = async (...pair) => {
    if (left-- > 0) return set(...pair)
    throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
  }
  return () => void (storage.set = set)
}

test.each(['stays full', 'has room again'])(
  'a login that cannot be stored is renewed by its own refresh token, where the disk %s',
  async (what) => {
    const page = await logInWithRefreshToken({ options })
    const empty = fill(page)
    await page.logIn('alice')
    if (what !== 'stays full') empty()
    for (let times = 0; times < 3; times++) {
      await passTime(300_001)
      expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
    }
    expect(new Set(sentBy(page)).size).toBe(3)
  },
)

// covers fault:storage-refused
test.each(['stays full', 'has room again'])(
  'a refresh token whose successor cannot be stored is not sent again, where the disk %s',
  async (what) => {
    const page = await logInWithRefreshToken({ options })
    const empty = fill(page, 1)
    await page.auth.getTokenSilently(off)
    if (what !== 'stays full') empty()
    for (let times = 0; times < 3; times++) {
      await passTime(300_001)
      expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
    }
    expect(new Set(sentBy(page)).size).toBe(4)
  },
)

test('a login after a logout is renewed by its own refresh token, where the disk is full', async () => {
  const page = await logInWithRefreshToken({ options })
  await page.auth.logout({ localOnly: true })
  fill(page)
  await page.logIn('bob')
  await passTime(300_001)
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
})

test('a login beside a record of a later version is renewed by its own refresh token', async () => {
  const page = await logInWithRefreshToken({ options })
  const { records } = page.storage
  for (const [key, record] of records) records.set(key, { ...(record as object), v: 2 })
  await page.logIn('alice')
  for (let times = 0; times < 2; times++) {
    await passTime(300_001)
    expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
  }
  expect(new Set(sentBy(page)).size).toBe(2)
})

test('a refresh token that only this page has is revoked by a logout in another tab', async () => {
  const page = await logInWithRefreshToken({ options })
  const other = openPage(page, options)
  await other.auth.start()
  fill(page)
  await page.logIn('alice')
  await other.auth.logout({ localOnly: true })
  await vi.waitFor(() => expect(page.auth.getSnapshot().status).toBe('anonymous'))
  await vi.waitFor(() => expect(revoked(page)).toHaveLength(1))
})

test('a write that came late is not taken for one that was refused: another tab may have used it', async () => {
  const page = await logInWithRefreshToken({ options })
  const { set } = page.storage
  let isSlow = true
  page.storage.set = async (...pair) => {
    if (isSlow) await new Promise((resolve) => setTimeout(resolve, 3000))
    return set(...pair)
  }
  await settle(page.logIn('alice'))
  await advance(5000)
  isSlow = false
  const other = openPage(page, options)
  await other.auth.getTokenSilently(off)
  await page.auth.getTokenSilently(off)
  expect(new Set(sentBy(page)).size).toBe(2)
})

test('a refresh token that was refused is stored with the next one, for the page that comes then', async () => {
  const page = await logInWithRefreshToken({ options })
  const empty = fill(page, 1)
  await page.auth.getTokenSilently(off)
  empty()
  await page.auth.getTokenSilently(off)
  const next = openPage(page, options)
  expect(await next.auth.getTokenSilently(off)).toBeTypeOf('string')
  expect(new Set(sentBy(page)).size).toBe(3)
})

test('where a refresh token that was refused has ended, that of a login in another tab goes on', async () => {
  const page = await logInWithRefreshToken({ options })
  const other = openPage(page, options)
  await other.auth.start()
  const empty = fill(page, 1)
  await page.auth.getTokenSilently(off)
  empty()
  page.server.control.revokeRefreshTokens()
  await other.logIn('alice')
  await passTime(300_001)
  expect(await page.auth.getTokenSilently()).toBeTypeOf('string')
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})
