// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, silentRedirect, type AuthEvents, type Page } from 'sotto'
import { createClient, createServer, passTime, preparePage } from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { clientId, createRenewal } from '../support/flow-tokens.ts'
import { advance, watchCryptography } from '../support/real-time.ts'
import { createBlockedFrame, HERE, openPage, roundTrip } from '../support/silent-redirect.ts'

const TWO_CLIENTS = {
  clients: [clientId, 'other'].map((id) => ({
    clientId: id,
    redirectUris: ['http://localhost:3000/callback'],
  })),
}

beforeEach(() => {
  preparePage()
  history.replaceState(null, '', HERE)
})

test('asks with the whole page and prompt=none, for what a silent request asks', async () => {
  const page = openPage()
  await page.auth.start()
  const { searchParams } = page.visits[0]!
  expect(Object.fromEntries(searchParams)).toMatchObject({
    prompt: 'none',
    response_type: 'code',
    scope: 'email openid profile',
    code_challenge_method: 'S256',
  })
  expect(searchParams.has('response_mode')).toBe(false)
})

test('comes back to the same URL, signed in', async () => {
  const { auth } = await roundTrip(openPage(), 'alice')
  expect(auth.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
  expect(location.href).toBe(HERE)
  expect(await auth.getTokenSilently({ cacheMode: 'cache-only' })).toBeDefined()
})

test('comes back to the same URL as anonymous where the server knows nobody, without a warning', async () => {
  const { auth, visits, warnings } = await roundTrip(openPage())
  expect(auth.getSnapshot()).toEqual({ status: 'anonymous' })
  expect(location.href).toBe(HERE)
  expect(visits).toEqual([])
  expect(warnings).toEqual([])
})

test('the app is told where to go, and of no login that failed, where the server knows no session', async () => {
  const onCallback = vi.fn()
  const page = openPage()
  await page.auth.start()
  history.replaceState(null, '', page.answer())
  await openPage(page).auth.start({ onCallback })
  expect(onCallback.mock.calls).toEqual([
    [
      {
        path: '/orders?page=2',
        returnTo: 'http://localhost:3000/orders?page=2',
        appState: undefined,
      },
    ],
  ])
})

test('after the server knew nobody, does not ask again for five minutes', async () => {
  let page = await roundTrip(openPage())
  for (const ms of [0, 299_999]) {
    await passTime(ms)
    page = openPage(page)
    await page.auth.start()
    expect(page.visits).toEqual([])
  }
  await passTime(1)
  page = openPage(page)
  await page.auth.start()
  expect(page.visits).toHaveLength(1)
})

test('every reload of a user who is signed in asks again, however often', async () => {
  let page = openPage()
  for (let visit = 0; visit < 6; visit++) {
    page = await roundTrip(page, 'alice')
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    page = openPage(page)
  }
})

test('a fallback that gave no token is not begun again after a success of the page', async () => {
  const redirecting = { scope: 'orders', onLoginRequired: 'redirect' } as const
  let page = openPage()
  await expect(page.auth.getTokenSilently(redirecting)).rejects.toThrow()
  history.replaceState(null, '', page.answer('alice'))
  page = openPage(page)
  await page.auth.start()
  page = await roundTrip(openPage(page), 'alice')
  await expect(page.auth.getTokenSilently(redirecting)).rejects.toMatchObject({
    code: 'redirect_loop',
  })
})

// covers fault:login-loop
test('without an answer, asks three times a minute at the most', async () => {
  let page = openPage()
  for (let visit = 0; visit < 3; visit++) {
    await page.auth.start()
    expect(page.visits).toHaveLength(1)
    page = openPage(page)
  }
  await page.auth.start()
  expect(page.visits).toEqual([])
  expect(page.auth.getSnapshot()).toEqual({ status: 'anonymous' })
  await passTime(60_001)
  page = openPage(page)
  await page.auth.start()
  expect(page.visits).toHaveLength(1)
})

test('an answer that is lost on the way does not keep it from asking again', async () => {
  let page = openPage()
  await page.auth.start()
  history.replaceState(null, '', page.answer('alice'))
  page.server.control.addFault({ endpoint: 'token', name: 'status', status: 503, times: 1 })
  page = openPage(page)
  expect(await page.auth.start()).toMatchObject({ status: 'error' })
  expect(location.href).toBe(HERE)
  page = await roundTrip(openPage(page), 'alice')
  expect(page.auth.getSnapshot().status).toBe('authenticated')
})

test('getTokenSilently never leaves the page by it', async () => {
  const { auth, visits } = openPage()
  await expect(auth.getTokenSilently()).rejects.toMatchObject({
    code: 'login_required',
    attempts: [
      { strategy: 'custom', code: 'login_required' },
      { strategy: 'silent_redirect', code: 'not_possible', reason: 'not_at_start' },
    ],
  })
  expect(visits).toEqual([])
})

test('leaves for what the client asks, not for a call that comes while the page starts', async () => {
  const { auth, visits } = openPage()
  const orders = auth.getTokenSilently({ scope: 'orders' })
  const outcome = expect(orders).rejects.toMatchObject({ code: 'login_required' })
  await auth.start()
  await outcome
  expect(visits.map(({ searchParams }) => searchParams.get('scope'))).toEqual([
    'email openid profile',
  ])
})

test('is not needed where another strategy has a token', async () => {
  const { auth, visits } = openPage(undefined, {
    renewal: [createRenewal().strategy, silentRedirect()],
  })
  expect(await auth.start()).toMatchObject({ status: 'authenticated' })
  expect(visits).toEqual([])
})

test('does not ask after a logout', async () => {
  let page = await roundTrip(openPage(), 'alice')
  await page.auth.logout({ localOnly: true })
  page = openPage(page)
  expect(await page.auth.start()).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(page.visits).toEqual([])
})

// covers threat:framing-site
test('does not leave a page in a frame', async () => {
  vi.stubGlobal('top', {})
  const { auth, visits } = openPage()
  await auth.start()
  expect(visits).toEqual([])
})

test('does not leave without a network: the app goes on in place of an error page', async () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  const { auth, visits } = openPage()
  await auth.start()
  expect(visits).toEqual([])
})

test('waits until another client of the page has finished its callback', async () => {
  watchCryptography()
  const server = createServer(TWO_CLIENTS)
  const page: Page = new Map()
  let answer = (): void => {}
  const slowly: typeof fetch = async (url, init) => {
    if (init?.method === 'POST') await new Promise<void>((resolve) => (answer = resolve))
    return server.fetch(url, init)
  }
  const finishing = createClient({ clientId: 'other', fetch: slowly }, { page, server })
  await finishing.auth.loginWithRedirect()
  history.replaceState(null, '', finishing.answer('alice'))
  const finished = finishing.auth.start()
  const asking = createClient(
    { renewal: [createBlockedFrame(), silentRedirect()] },
    { page, server },
  )
  void asking.auth.start().catch(() => {})
  await advance(200)
  expect(asking.visits).toEqual([])
  answer()
  expect(await finished).toMatchObject({ status: 'authenticated' })
  await vi.waitFor(() => expect(asking.visits).toHaveLength(1))
})

test('does not leave a page whose address has the answer to another client in it', async () => {
  const server = createServer(TWO_CLIENTS)
  const other = createClient({ clientId: 'other' }, { server })
  await other.auth.loginWithRedirect()
  history.replaceState(null, '', other.answer('alice'))
  const { href } = location
  const { auth, visits } = createClient(
    { renewal: [createBlockedFrame(), silentRedirect()] },
    { server },
  )
  await auth.start()
  expect(visits).toEqual([])
  expect(location.href).toBe(href)
})

test('does not leave where it could not remember that it has', async () => {
  const blocked = (): never => {
    throw new Error('insecure')
  }
  const transactionStorage = { getItem: blocked, setItem: blocked, removeItem: blocked }
  const { auth, visits } = openPage(undefined, { transactionStorage })
  expect(await auth.start()).toEqual({ status: 'anonymous' })
  expect(visits).toEqual([])
})

test('does not go over to another user', async () => {
  const tokenStorage = createSharedStorage()
  let page = openPage(undefined, { tokenStorage })
  await page.logIn('alice')
  await passTime(400_000)
  const visits: URL[] = []
  const navigate = (url: URL): Promise<void> => {
    visits.push(url)
    return new Promise(() => {})
  }
  page = openPage(page, { tokenStorage, navigate })
  void page.auth.start().catch(() => {})
  await vi.waitFor(() => expect(visits).toHaveLength(1))
  const outcome = page.server.control.authorize({ url: visits[0]!.href, user: 'bob' })
  history.replaceState(null, '', 'location' in outcome ? outcome.location : '')
  page = openPage(page, { tokenStorage })
  expect(await page.auth.start()).toEqual({ status: 'anonymous', reason: 'session_ended' })
  expect(location.href).toBe(HERE)
  await expect(page.auth.getTokenSilently()).rejects.toMatchObject({ code: 'user_changed' })
})

// covers fault:login-stopped
test('a page that is not left, because the user has stopped it, goes on without', async () => {
  const visits: URL[] = []
  const navigate = (url: URL): Promise<void> => {
    visits.push(url)
    return new Promise(() => {})
  }
  const page = openPage(undefined, { navigate })
  const started = page.auth.start()
  await vi.waitFor(() => expect(visits).toHaveLength(1))
  const later = page.auth.getTokenSilently().catch((error: unknown) => error)
  await passTime(10_000)
  expect(await started).toMatchObject({ status: 'anonymous' })
  expect(await later).toMatchObject({
    code: 'login_required',
    attempts: [
      { strategy: 'custom', code: 'login_required' },
      { strategy: 'silent_redirect', code: 'not_possible', reason: 'page_stayed' },
    ],
  })
})

test.each(['timeout', 'storage_unavailable'] as const)(
  'what keeps the page from being left is told: %s',
  async (code) => {
    const { auth } = openPage(undefined, { navigate: () => Promise.reject(new AuthError(code)) })
    const renewals: AuthEvents['renewal'][] = []
    auth.on('renewal', (event) => renewals.push(event))
    await auth.start()
    const [renewal] = renewals
    expect(renewal?.attempts.at(-1)).toEqual({ strategy: 'silent_redirect', code })
  },
)

test.each([-1, NaN, '5'])('refuses the period %s', (periodSeconds) => {
  expect(() => silentRedirect({ periodSeconds: periodSeconds as number })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'periodSeconds' }),
  )
})
