// @vitest-environment happy-dom
// A page that is reloaded while it finishes a login: its address has no response any more.
import { beforeEach, expect, test, vi } from 'vitest'
import { silentRedirect } from 'sotto'
import {
  createClient,
  passTime,
  preparePage,
  reload,
  type TestClient,
} from '../support/flow-client.ts'
import { createRenewal } from '../support/flow-tokens.ts'
import { COOKIES_KEY, createBlockedFrame, openPage } from '../support/silent-redirect.ts'

beforeEach(preparePage)

const PLACE = 'http://localhost:3000/orders?page=2'

/** A page that never comes to the end of a login, because the token endpoint does not answer. */
async function arriveAndHang(): Promise<TestClient> {
  history.replaceState(null, '', PLACE)
  const page = createClient()
  await page.auth.loginWithRedirect({ appState: 'mine' })
  history.replaceState(null, '', page.answer('alice'))
  const { fetch } = page.server
  const hanging = reload(page, {
    fetch: (url, init) => (init?.method === 'POST' ? new Promise(() => {}) : fetch(url, init)),
  })
  void hanging.auth.start().catch(() => {})
  await vi.waitFor(() => expect(location.href).toBe('http://localhost:3000/callback'))
  return hanging
}

// covers fault:callback-reloaded
test('leads to where the login was begun, with the session that there is', async () => {
  const hanging = await arriveAndHang()
  const onCallback = vi.fn()
  const next = reload(hanging, { renewal: [createRenewal().strategy] })
  expect(await next.auth.start({ onCallback })).toMatchObject({ status: 'authenticated' })
  expect(onCallback.mock.calls).toMatchObject([[{ path: '/orders?page=2', returnTo: PLACE }]])
  expect(onCallback.mock.calls[0]![0]).not.toHaveProperty('error')
  expect(next.warnings).toEqual([])
})

test('by default, changes the address', async () => {
  const next = reload(await arriveAndHang(), { renewal: [createRenewal().strategy] })
  await next.auth.start()
  expect(location.href).toBe(PLACE)
})

test('once it was led away, the callback page is a page like any other', async () => {
  const next = reload(await arriveAndHang(), { renewal: [createRenewal().strategy] })
  await next.auth.start()
  history.replaceState(null, '', '/callback')
  const onCallback = vi.fn()
  await reload(next, { renewal: [createRenewal().strategy] }).auth.start({ onCallback })
  expect(onCallback).not.toHaveBeenCalled()
  expect(location.pathname).toBe('/callback')
})

test('after a login that was finished explicitly, a reload there leads nowhere', async () => {
  const page = createClient()
  history.replaceState(null, '', PLACE)
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  await page.auth.handleRedirectCallback()
  const onCallback = vi.fn()
  await reload(page, { renewal: [createRenewal().strategy] }).auth.start({ onCallback })
  expect(onCallback).not.toHaveBeenCalled()
})

test('after a login that the network has cut off, its page is a page like any other', async () => {
  history.replaceState(null, '', PLACE)
  const redirectUri = '/'
  const page = createClient({ redirectUri })
  await page.auth.loginWithRedirect()
  history.replaceState(null, '', page.answer('alice'))
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (init?.method === 'POST') throw new TypeError('Failed to fetch')
    return page.server.fetch(url, init)
  }
  const cutOff = reload(page, { redirectUri, fetch })
  await cutOff.auth.start()
  expect(location.href).toBe(PLACE)
  await passTime(5000)
  history.replaceState(null, '', redirectUri)
  const onCallback = vi.fn()
  await reload(cutOff, { redirectUri }).auth.start({ onCallback })
  expect(onCallback).not.toHaveBeenCalled()
})

test.each([
  ['a number', '1'],
  ['a list of a number', '[1]'],
  ['an address without a state', '[["/callback"]]'],
  ['the state of no login', '[["http://localhost:3000/callback","evil.x"]]'],
])('is not led by %s, which another script has written', async (_, text) => {
  history.replaceState(null, '', '/callback')
  sessionStorage.setItem('sotto:arrived', text)
  const onCallback = vi.fn()
  await createClient().auth.start({ onCallback })
  expect(onCallback).not.toHaveBeenCalled()
})

test('asks with the whole page for where the login was begun, and not for the callback page', async () => {
  const hanging = await arriveAndHang()
  localStorage.setItem(COOKIES_KEY, 'confirmed')
  const next = reload(hanging, { renewal: [createBlockedFrame(), silentRedirect()] })
  await next.auth.start()
  history.replaceState(null, '', next.answer('alice'))
  expect(await openPage(next).auth.start()).toMatchObject({ status: 'authenticated' })
  expect(location.href).toBe(PLACE)
})

test('a login that has failed is shown, and the page not left for a silent request', async () => {
  const page = createClient()
  await page.auth.loginWithRedirect({ appState: 'mine' })
  const url = new URL(page.answer('alice'))
  url.searchParams.delete('code')
  url.searchParams.set('error', 'access_denied')
  history.replaceState(null, '', url)
  localStorage.setItem(COOKIES_KEY, 'confirmed')
  const onCallback = vi.fn()
  const next = reload(page, { renewal: [createBlockedFrame(), silentRedirect()] })
  const snapshot = await next.auth.start({ onCallback })
  expect(snapshot).toMatchObject({ status: 'error', error: { code: 'access_denied' } })
  expect(next.visits).toEqual([])
  expect(onCallback.mock.calls).toMatchObject([[{ appState: 'mine' }]])
})

test('another client that starts in the page does not keep it from being led on', async () => {
  const hanging = await arriveAndHang()
  await createClient({ clientId: 'other' }, { server: hanging.server }).auth.start()
  await reload(hanging, { renewal: [createRenewal().strategy] }).auth.start()
  expect(location.href).toBe(PLACE)
})
