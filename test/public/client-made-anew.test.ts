// @vitest-environment happy-dom
// A client that is disposed of while it finishes a login, and the one that is made anew in its page.
import { beforeEach, expect, test, vi } from 'vitest'
import type { CallbackOutcome } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

/** Something that a test lets go on. */
function createGate() {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

test('a login that takes long after that is still waited for', async () => {
  const before = createClient()
  await before.auth.loginWithRedirect()
  history.replaceState(null, '', before.answer('alice'))
  before.auth.dispose()
  const { server } = before
  const gate = createGate()
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (init?.method === 'POST') await gate.opened
    return server.fetch(url, init)
  }
  const page = new Map()
  const first = createClient({ fetch }, { server, page })
  void first.auth.start().catch(() => {})
  await passTime(10)
  first.auth.dispose()
  const renewal = createRenewal(loginRequired())
  const { auth, visits } = createClient({ fetch }, { server, page, renewal })
  const started = auth.start()
  await passTime(5500)
  const call = auth.getTokenSilently({ onLoginRequired: 'redirect' })
  await passTime(500)
  gate.open()
  expect(await call).toMatch(/^ey/)
  expect(await started).toMatchObject({ status: 'authenticated' })
  expect([visits, renewal.requests]).toEqual([[], []])
})

test('a login of another user that is being stored meanwhile is not lost', async () => {
  const tokenStorage = createSharedStorage()
  const before = createClient({ tokenStorage })
  await before.logIn('alice')
  await before.auth.loginWithRedirect()
  history.replaceState(null, '', before.answer('bob'))
  before.auth.dispose()
  const { server } = before
  const gate = createGate()
  const { set } = tokenStorage
  tokenStorage.set = vi.fn(async (key: string, value: unknown) => {
    await gate.opened
    await set(key, value)
  })
  const page = new Map()
  const first = createClient({ tokenStorage }, { server, page })
  void first.auth.start().catch(() => {})
  await vi.waitFor(() => expect(tokenStorage.set).toHaveBeenCalled())
  first.auth.dispose()
  const second = createClient({ tokenStorage }, { server, page })
  const onCallback = vi.fn<(outcome: CallbackOutcome) => void>()
  const started = second.auth.start({ onCallback })
  await passTime(10)
  gate.open()
  expect(await started).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  expect(onCallback.mock.lastCall?.[0]).not.toHaveProperty('error')
  expect(second.renewal.requests).toEqual([])
})

test('clients that come after several others share one session all the same', async () => {
  const before = createClient()
  await before.auth.loginWithRedirect()
  history.replaceState(null, '', before.answer('alice'))
  before.auth.dispose()
  const { server } = before
  const page = new Map()
  const first = createClient({}, { server, page })
  await first.auth.start()
  first.auth.dispose()
  await passTime(1000)
  createClient({}, { server, page }).auth.dispose()
  // What the page has taken is forgotten five seconds after each of them.
  await passTime(4500)
  const { auth, logIn } = createClient({}, { server, page })
  await passTime(1000)
  const other = createClient({}, { server, page })
  await logIn()
  expect(other.auth.getSnapshot()).toBe(auth.getSnapshot())
})
