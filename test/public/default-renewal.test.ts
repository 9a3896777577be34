// @vitest-environment happy-dom
// What a client does that is given no option `renewal`, where cookies reach no frame.
import { beforeEach, expect, test, vi } from 'vitest'
import type { RenewalStrategy } from 'sotto'
import { preparePage } from '../support/flow-client.ts'
import { COOKIES_KEY, HERE, openPage, roundTrip } from '../support/silent-redirect.ts'

const defaults = undefined as unknown as RenewalStrategy[]

beforeEach(() => {
  preparePage()
  history.replaceState(null, '', HERE)
})

test('does not leave a hidden tab, and asks once it is visible', async () => {
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  localStorage.setItem(COOKIES_KEY, 'suspected')
  const { auth, visits } = openPage()
  expect(await auth.start()).toEqual({ status: 'anonymous', reason: 'cookies_blocked_suspected' })
  expect(visits).toEqual([])
  visibility.mockReturnValue('visible')
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.waitFor(() => expect(visits).toHaveLength(1))
  expect(visits[0]!.searchParams.get('prompt')).toBe('none')
})

test('by default, asks only while cookies are suspected to reach no frame', async () => {
  for (const [word, count] of [
    [undefined, 0],
    ['expected', 0],
    ['suspected', 1],
    ['confirmed', 1],
  ] as const) {
    preparePage()
    history.replaceState(null, '', HERE)
    if (word) localStorage.setItem(COOKIES_KEY, word)
    const { auth, visits } = openPage(undefined, { renewal: defaults })
    const ended = vi.fn()
    void auth.start().then(ended, ended)
    await vi.waitFor(() => expect(ended.mock.calls.length + visits.length).toBeGreaterThan(0))
    expect([word, visits.length]).toEqual([word, count])
    auth.dispose()
  }
})

test('by default, an attempt that was not needed is no part of the story', async () => {
  const { auth } = openPage(undefined, { renewal: defaults })
  const failed = vi.fn()
  auth.getTokenSilently().catch(failed)
  await vi.waitFor(() => expect(failed).toHaveBeenCalled())
  expect(failed.mock.calls).toMatchObject([[{ attempts: [{ strategy: 'silent_iframe' }] }]])
})

test('a success of the page is proof that cookies reach no frame; the next page does not try one', async () => {
  localStorage.setItem(COOKIES_KEY, 'suspected')
  const page = await roundTrip(openPage(), 'alice')
  expect(localStorage.getItem(COOKIES_KEY)).toBe('confirmed')
  const told = vi.fn(async (_context: unknown, _request: unknown, options: object) => {
    return { notPossible: String((options as { cookiesBlocked?: boolean }).cookiesBlocked) }
  })
  await openPage(page, { renewal: [told] }).auth.start()
  expect(await told.mock.results[0]!.value).toEqual({ notPossible: 'true' })
})

test('where the page is told that no user is signed in, nothing is suspected any more', async () => {
  localStorage.setItem(COOKIES_KEY, 'suspected')
  await roundTrip(openPage())
  expect(localStorage.getItem(COOKIES_KEY)).toBeNull()
})

test('comes back with the state that the router had kept for the page', async () => {
  history.replaceState({ key: 'x1', idx: 3 }, '', HERE)
  await roundTrip(openPage(), 'alice')
  expect(history.state).toEqual({ key: 'x1', idx: 3 })
})

test('comes back to where the page was scrolled', async () => {
  vi.stubGlobal('scrollX', 0)
  vi.stubGlobal('scrollY', 640)
  const scrollTo = vi.spyOn(globalThis, 'scrollTo').mockImplementation(() => {})
  await roundTrip(openPage(), 'alice')
  expect(scrollTo).toHaveBeenCalledWith(0, 640)
})

test('notes where the page is only where cookies may be blocked, and forgets it with a logout', async () => {
  const { auth, logIn } = openPage(undefined, { renewal: defaults })
  await logIn()
  localStorage.removeItem(COOKIES_KEY)
  dispatchEvent(new Event('pagehide'))
  expect(sessionStorage.getItem('sotto:place')).toBeNull()
  localStorage.setItem(COOKIES_KEY, 'expected')
  dispatchEvent(new Event('pagehide'))
  expect(sessionStorage.getItem('sotto:place')).toContain('/orders')
  await auth.logout({ localOnly: true })
  expect(sessionStorage.getItem('sotto:place')).toBeNull()
})
