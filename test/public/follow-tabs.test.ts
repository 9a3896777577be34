// What a page makes of the hints and marks of other tabs: they decide nothing but that it looks
// again, or that nobody is signed in. @vitest-environment happy-dom
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { AuthError } from 'sotto'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { clientId, createRenewal, issuer, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const key = `sotto:epoch ${issuer} ${clientId}`

interface Mark {
  readonly generation: string
  readonly loggedOut: boolean
}

/** As another tab leaves a mark, whose message was lost. */
function leaveMark(mark: Mark): void {
  localStorage.setItem(key, JSON.stringify(mark))
}

/** As the browser tells of a mark that another tab has left. */
function tellMark(mark: Mark): void {
  leaveMark(mark)
  dispatchEvent(new StorageEvent('storage', { key }))
}

/** As another tab speaks whose `localStorage` this one cannot read. */
async function sayMark(mark: Mark): Promise<void> {
  const channel = new BroadcastChannel(key)
  channel.postMessage({ epoch: mark })
  // Delivered by then: messages of one process take no longer.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  onTestFinished(() => channel.close())
}

const off = { cacheMode: 'off' } as const

// covers spec:logout-elsewhere
test('a logout that only the channel tells of holds', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  await sayMark({ generation: 'another', loggedOut: true })
  await vi.waitFor(() =>
    expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' }),
  )
  for (const call of [{}, off])
    await expect(auth.getTokenSilently(call)).rejects.toMatchObject({ code: 'logged_out' })
  expect(renewal.requests).toHaveLength(1)
})

test('after a logout and a login in another tab this one takes the new user', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  tellMark({ generation: 'another', loggedOut: true })
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  renewal.answers.push({ claims: { sub: 'bob' } })
  tellMark({ generation: 'another', loggedOut: false })
  await passTime(1)
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
})

// covers threat:forged-tab-message spec:tab-messages
test('a login as another user in another tab is not taken over, and the own user is kept when he comes back', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  renewal.answers.push({ claims: { sub: 'bob' } })
  tellMark({ generation: 'another', loggedOut: false })
  await passTime(1)
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'user_changed' })
})

test('every login in another tab is followed, and what says nothing new is not', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  for (const generation of ['second', 'third']) {
    tellMark({ generation, loggedOut: false })
    await passTime(1)
  }
  expect(renewal.requests).toHaveLength(3)
  tellMark({ generation: 'third', loggedOut: false })
  await passTime(1)
  expect(renewal.requests).toHaveLength(3)
})

test('what was had after a login elsewhere whose message was lost is kept', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  leaveMark({ generation: 'another', loggedOut: false })
  const token = await auth.getTokenSilently(off)
  await auth.getTokenSilently({ scope: 'orders' })
  expect(await auth.getTokenSilently()).toBe(token)
  expect(renewal.requests).toHaveLength(3)
})

// covers threat:forged-tab-message
test('a page that has not looked yet asks nothing because of another tab', async () => {
  const { auth, renewal } = createClient()
  await auth.isAuthenticated()
  await sayMark({ generation: '', loggedOut: false })
  await passTime(1000)
  expect(renewal.requests).toEqual([])
  await auth.start()
  await sayMark({ generation: '', loggedOut: false })
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(2))
})

test('a hidden page looks when somebody looks at it', async () => {
  const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  const { auth, renewal } = createClient({}, { renewal: createRenewal(loginRequired()) })
  await auth.start()
  tellMark({ generation: 'another', loggedOut: false })
  await passTime(1000)
  expect(renewal.requests).toHaveLength(1)
  state.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(1)
  expect(auth.getSnapshot().status).toBe('authenticated')
})

/** The page comes to the front, or goes behind another one. */
function turn(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

test('a page that comes to the front finds a logout whose message was lost', async () => {
  const { auth } = createClient()
  await auth.getTokenSilently()
  leaveMark({ generation: 'another', loggedOut: true })
  turn('hidden')
  expect(auth.getSnapshot().status).toBe('authenticated')
  turn('visible')
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous', reason: 'logged_out' })
})

// covers fault:bfcache
test('a page that comes back from the back/forward cache, and is visible first, takes the new session', async () => {
  const { auth, renewal } = createClient()
  await auth.getTokenSilently()
  leaveMark({ generation: 'another', loggedOut: false })
  turn('visible')
  dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  await passTime(1)
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(renewal.requests).toHaveLength(2)
})

test('a page that comes to the front asks at once what failed before, and one that goes does not', async () => {
  const down = Array.from({ length: 3 }, () => new AuthError('network_error'))
  const { auth, renewal } = createClient({}, { renewal: createRenewal(...down) })
  const ask = () => auth.getTokenSilently().catch(() => {})
  for (let call = 0; call < 3; call++) await ask()
  turn('hidden')
  await ask()
  expect(renewal.requests).toHaveLength(2)
  turn('visible')
  await ask()
  expect(renewal.requests).toHaveLength(3)
})

test('a page that was disposed of while it was hidden asks nothing', async () => {
  const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  const { auth, renewal } = createClient()
  await auth.start()
  tellMark({ generation: 'another', loggedOut: false })
  auth.dispose()
  state.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await passTime(1000)
  expect(renewal.requests).toHaveLength(1)
})

test('a remembered login_required is forgotten when somebody logs in elsewhere', async () => {
  const renewal = createRenewal(loginRequired(), loginRequired())
  const { auth } = createClient({}, { renewal })
  await auth.start()
  const orders = { scope: 'orders' }
  await expect(auth.getTokenSilently(orders)).rejects.toMatchObject({ code: 'login_required' })
  tellMark({ generation: '', loggedOut: true })
  tellMark({ generation: '', loggedOut: false })
  await passTime(1)
  await expect(auth.getTokenSilently(orders)).resolves.toBeTypeOf('string')
})

test('the record of a newer login is left to it', async () => {
  const tokenStorage = createSharedStorage()
  const { auth } = createClient({ tokenStorage })
  await auth.getTokenSilently()
  const [[name, record] = []] = tokenStorage.records
  tokenStorage.records.set(name!, { ...(record as object), generation: 'another' })
  tellMark({ generation: 'another', loggedOut: false })
  expect(tokenStorage.records.size).toBe(1)
  await passTime(1000)
  expect(tokenStorage.records.size).toBe(1)
})

/** Two tabs with one storage; nobody is signed in in the first, somebody logs in in the other. */
async function logInElsewhere(canRead = () => true) {
  const stored = createSharedStorage()
  const tokenStorage = {
    ...stored,
    get: async (name: string) => (canRead() ? stored.get(name) : null),
  }
  const page = createClient({ tokenStorage }, { renewal: createRenewal(loginRequired()) })
  await page.auth.start()
  expect(page.auth.getSnapshot().status).toBe('anonymous')
  const other = createClient({ tokenStorage: stored }, { server: page.server })
  await other.logIn()
  await sayMark({ generation: '', loggedOut: false })
  return page
}

test('a login in another tab is taken from the storage that both share, and nothing is asked', async () => {
  const { auth, renewal } = await logInElsewhere()
  await passTime(1)
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  await passTime(1000)
  expect(renewal.requests).toHaveLength(1)
})

test.each([40, 240])('so is one that can be read only after %s ms', async (ms) => {
  let isReadable = false
  const { auth, renewal } = await logInElsewhere(() => isReadable)
  await passTime(ms)
  expect(auth.getSnapshot().status).toBe('anonymous')
  isReadable = true
  await passTime(11)
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(renewal.requests).toHaveLength(1)
})

test('a shared storage in which nothing is good does not keep a page from asking', async () => {
  const { auth, renewal } = createClient({ tokenStorage: createSharedStorage() })
  await auth.start()
  await passTime(300_001)
  await sayMark({ generation: '', loggedOut: false })
  await passTime(251)
  expect(renewal.requests).toHaveLength(2)
})

test('what was asked for before a login elsewhere does not stand for what is asked after it', async () => {
  const { auth, renewal } = createClient()
  await auth.start()
  await passTime(300_001)
  const release = renewal.hold()
  const call = auth.getTokenSilently()
  await passTime(1)
  await sayMark({ generation: '', loggedOut: false })
  await passTime(1)
  expect(renewal.requests).toHaveLength(3)
  release()
  await call
})

test('a logout elsewhere empties a storage that belongs to this page alone', async () => {
  const tokenStorage = { ...createSharedStorage(), shared: false }
  const { auth } = createClient({ tokenStorage })
  await auth.getTokenSilently()
  expect(tokenStorage.records.size).toBe(1)
  tellMark({ generation: 'another', loggedOut: true })
  await passTime(1)
  expect(tokenStorage.records.size).toBe(0)
})

test('a page after an earlier logout and login shows nobody as signed out', async () => {
  const first = createClient()
  await first.auth.logout({ localOnly: true })
  await first.logIn()
  first.auth.dispose()
  const next = createClient()
  const seen: string[] = []
  next.auth.on('session', ({ status }) => seen.push(status))
  await next.auth.start()
  expect(seen).toEqual(['authenticated'])
})

test('a logout elsewhere is told of although login_required is remembered', async () => {
  const { auth } = createClient({}, { renewal: createRenewal(loginRequired()) })
  await auth.start()
  leaveMark({ generation: 'another', loggedOut: true })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
})

test('a call that has waited for its turn asks nothing once another tab has logged out', async () => {
  const stored = createSharedStorage()
  let reads = 0
  const { auth, renewal } = createClient({
    tokenStorage: {
      ...stored,
      async get(key) {
        // The second time is with the lock.
        if (++reads === 2) leaveMark({ generation: 'another', loggedOut: true })
        return stored.get(key)
      },
    },
  })
  await expect(auth.getTokenSilently()).rejects.toMatchObject({ code: 'logged_out' })
  expect(reads).toBe(2)
  expect(renewal.requests).toEqual([])
})
