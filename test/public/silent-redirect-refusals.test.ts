// When the whole page is not left to ask, and what is said of it. @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import type { AuthEvents } from 'sotto'
import { preparePage } from '../support/flow-client.ts'
import { clientId, issuer } from '../support/flow-tokens.ts'
import { HERE, openPage, roundTrip } from '../support/silent-redirect.ts'

beforeEach(() => {
  preparePage()
  history.replaceState(null, '', HERE)
})

test('after the server knew nobody, a login lets the next page ask again', async () => {
  let page = await roundTrip(openPage())
  await page.logIn()
  page = openPage(page)
  await page.auth.start()
  expect(page.visits).toHaveLength(1)
})

test('the word of one server is no word of another', async () => {
  const page = await roundTrip(openPage())
  expect(Object.keys(sessionStorage)).toContain(`sotto:silent-redirect ${issuer} ${clientId}`)
  page.auth.dispose()
  const other = openPage(undefined, { clientId: 'other' })
  await other.auth.start()
  expect(other.visits).toHaveLength(1)
})

test.each<[string, () => void, string]>([
  [
    'its storage is blocked',
    () => vi.stubGlobal('sessionStorage', undefined),
    'storage_unavailable',
  ],
  [
    'the page is hidden',
    () => void vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden'),
    'hidden',
  ],
])('says why the page was not left where %s', async (_, prevent, reason) => {
  prevent()
  const renewals: AuthEvents['renewal'][] = []
  const { auth, visits } = openPage()
  auth.on('renewal', (event) => renewals.push(event))
  await auth.start()
  expect(visits).toEqual([])
  expect(renewals[0]?.attempts.at(-1)).toEqual({
    strategy: 'silent_redirect',
    code: 'not_possible',
    reason,
  })
})

test('notes where the user is when the page goes, for a return that is not its own', async () => {
  openPage()
  const { auth } = openPage()
  await auth.isAuthenticated()
  history.replaceState({ of: 'a router' }, '')
  dispatchEvent(new Event('pagehide'))
  expect(JSON.parse(sessionStorage.getItem('sotto:place')!)).toMatchObject({
    url: location.href,
    state: { of: 'a router' },
  })
})

test('nobody is signed in, and no error is shown, where another tab has logged out meanwhile', async () => {
  const page = openPage()
  await page.auth.start()
  await openPage(page).auth.logout({ localOnly: true })
  history.replaceState(null, '', page.answer('alice'))
  const snapshot = await openPage(page).auth.start()
  expect(snapshot).toEqual({ status: 'anonymous', reason: 'logged_out' })
  expect(location.href).toBe(HERE)
})
