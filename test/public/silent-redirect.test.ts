// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { silentRedirect } from 'sotto'
import {
  createClient,
  passTime,
  preparePage,
  reload,
  type TestClient,
  type TestOptions,
} from '../support/flow-client.ts'
import { createSharedStorage } from '../support/flow-storage.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

const HERE = 'http://localhost:3000/orders?page=2'

/** A page of an app whose frames never reach the server's cookie. */
function openPage(previous?: TestClient, options: TestOptions = {}): TestClient {
  const all = { renewal: [createRenewal(...denials()).strategy, silentRedirect()], ...options }
  return previous ? reload(previous, all) : createClient(all)
}
const denials = () => Array.from({ length: 20 }, loginRequired)

/** Starts a page that asks, and comes back from the server, which knows `user` or nobody. */
async function roundTrip(page: TestClient, user?: string): Promise<TestClient> {
  await page.auth.start()
  expect(page.visits).toHaveLength(1)
  history.replaceState(null, '', page.answer(user))
  const next = openPage(page)
  await next.auth.start()
  return next
}

beforeEach(() => history.replaceState(null, '', HERE))

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
  page = openPage(page)
  await page.auth.start()
  expect(page.visits).toEqual([])
  await passTime(301_000)
  page = openPage(page)
  await page.auth.start()
  expect(page.visits).toHaveLength(1)
})

test('every reload of somebody who is signed in asks again, three times a minute at the most', async () => {
  let page = openPage()
  for (let visit = 0; visit < 3; visit++) {
    page = await roundTrip(page, 'alice')
    expect(page.auth.getSnapshot().status).toBe('authenticated')
    page = openPage(page)
  }
  await page.auth.start()
  expect(page.visits).toEqual([])
  expect(page.auth.getSnapshot()).toEqual({ status: 'anonymous' })
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

test.each([-1, NaN, '5'])('refuses the period %s', (periodSeconds) => {
  expect(() => silentRedirect({ periodSeconds: periodSeconds as number })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'periodSeconds' }),
  )
})
