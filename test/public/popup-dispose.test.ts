// @vitest-environment happy-dom
import { loginWithPopup, type Page } from 'sotto'
import { beforeEach, expect, test, vi } from 'vitest'
import { createClient, passTime, preparePage } from '../support/flow-client.ts'
import { createPopupClient } from '../support/popup-client.ts'

beforeEach(preparePage)

/** Two clients of a page with one session, the first with an open popup. */
async function openTwo() {
  const page: Page = new Map()
  const first = createPopupClient({}, { page })
  const second = createClient({}, { page, server: first.server })
  await second.auth.isAuthenticated()
  const outcome = vi.fn<(outcome: unknown) => void>()
  loginWithPopup(first.auth).then(outcome, outcome)
  await vi.waitFor(() => expect(first.asked).toHaveLength(1))
  return { first, second, outcome }
}

test('a client that is disposed of closes its popup, though another has the same session', async () => {
  const { first, outcome } = await openTwo()
  first.auth.dispose()
  await passTime(0)
  expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ code: 'disposed' }))
  expect(first.popup.closed).toBe(true)
})

test('a popup that the other client waits for, too, stays open', async () => {
  const { first, second } = await openTwo()
  const login = loginWithPopup(second.auth)
  await passTime(0)
  first.auth.dispose()
  await passTime(0)
  expect([first.popup.closed, first.open.mock.calls.length]).toEqual([false, 1])
  await first.answerPopup()
  expect(await login).toMatchObject({ user: { sub: 'alice' } })
})

// covers fault:popup-logout
test('a popup that is opened in the very turn of a logout is the one that is open', async () => {
  const { auth, open, asked } = createPopupClient()
  const outcome = expect(loginWithPopup(auth)).rejects.toMatchObject({ code: 'logged_out' })
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  void auth.logout({ localOnly: true })
  const login = loginWithPopup(auth)
  login.catch(() => {})
  await outcome
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  await expect(loginWithPopup(auth, { scope: 'openid' })).rejects.toMatchObject({
    code: 'popup_blocked',
    reason: 'already_open',
  })
  expect(open).toHaveBeenCalledTimes(2)
  auth.dispose()
})

// covers fault:popup-aborted
test('one that was ended by its signal makes room for another in the same turn', async () => {
  const { auth, open, answerPopup, asked } = createPopupClient()
  const caller = new AbortController()
  const outcome = expect(loginWithPopup(auth, { signal: caller.signal })).rejects.toBe('enough')
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked.length = 0
  caller.abort('enough')
  const login = loginWithPopup(auth, { scope: 'openid' })
  await outcome
  await answerPopup()
  expect(await login).toMatchObject({ user: { sub: 'alice' } })
  expect(open).toHaveBeenCalledTimes(2)
})
