// @vitest-environment happy-dom
// What is believed of a stored session, and what is written there.
import { beforeEach, expect, test } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const bob = { claims: { sub: 'bob' } }

/** A page that has renewed once, and its storage. */
async function createStoredSession() {
  const tokenStorage = createSharedStorage()
  const page = createClient({ tokenStorage })
  await page.auth.getTokenSilently()
  return { tokenStorage, page }
}

test('an expired stored session is not shown before the server was asked', async () => {
  const { tokenStorage, page } = await createStoredSession()
  await passTime(300_001)
  page.auth.dispose()
  const next = createClient({ tokenStorage }, { renewal: createRenewal(loginRequired()) })
  const seen: string[] = []
  next.auth.on('session', ({ status }) => seen.push(status))
  await next.auth.start()
  expect(seen).toEqual(['anonymous'])
})

test('nothing is written after another tab has logged out', async () => {
  const stored = createSharedStorage()
  let reads = 0
  const tokenStorage = {
    ...stored,
    async get(key: string) {
      // The third time is right before the new session is written.
      const mark = JSON.stringify({ generation: 'another', loggedOut: true })
      if (++reads === 3) localStorage.setItem('sotto:epoch https://login.example.com app', mark)
      return stored.get(key)
    },
  }
  const { auth } = createClient({ tokenStorage })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
  expect(reads).toBe(3)
  expect(stored.calls).not.toContain('set')
})

test('a record that does not fit is deleted, also where nobody is signed in', async () => {
  const { tokenStorage, page } = await createStoredSession()
  for (const key of tokenStorage.records.keys()) tokenStorage.records.set(key, 'corrupt')
  page.auth.dispose()
  const next = createClient({ tokenStorage }, { renewal: createRenewal(loginRequired()) })
  expect(await next.auth.start()).toEqual({ status: 'anonymous' })
  expect(tokenStorage.records.size).toBe(0)
  expect(next.warnings).toEqual([{ code: 'storage_corrupt', reason: 'corrupt' }])
})

test('a record that was read while somebody logged in is not taken over', async () => {
  const { tokenStorage: stored, page } = await createStoredSession()
  page.auth.dispose()
  const [record] = stored.records.values()
  let release!: () => void
  const held = new Promise<unknown>((resolve) => (release = () => resolve(record)))
  const reads = [undefined, held]
  const tokenStorage = { ...createSharedStorage(), get: async () => reads.shift() }
  const next = createClient({ tokenStorage }, { renewal: createRenewal(bob) })
  const call = next.auth.getTokenSilently({ scope: 'orders' })
  await passTime(1)
  expect(reads).toEqual([])
  await next.logIn('bob')
  release()
  await call
  expect(next.auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
})

// covers threat:tampered-storage spec:stored-session
test('a page takes over no record of another user than its own', async () => {
  const { tokenStorage, page } = await createStoredSession()
  const theirs = createSharedStorage()
  const other = createClient({ tokenStorage: theirs }, { renewal: createRenewal(bob) })
  await other.auth.getTokenSilently()
  for (const [key, record] of theirs.records) tokenStorage.records.set(key, record)
  const call = page.auth.getTokenSilently({ scope: 'orders' })
  await expect(call).rejects.toMatchObject({ code: 'user_changed' })
  expect(page.auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  expect(await page.auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeUndefined()
})
