// @vitest-environment happy-dom
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createPageLeaver, type LeaveOptions } from '../../src/authorization/leave-page.ts'
import { outcome } from '../support/protocol-exchange.ts'

const assign = vi.fn()
const replace = vi.fn()
const away = new URL('https://login.example/authorize')

beforeEach(() => {
  vi.clearAllMocks()
  vi.stubGlobal('location', Object.assign(new URL('https://app.example/'), { assign, replace }))
})

const options = (changes: Partial<LeaveOptions> = {}): LeaveOptions => ({
  isLogout: false,
  signal: undefined,
  navigate: undefined,
  ...changes,
})

test('the page that is left stays in the history, unless asked otherwise', async () => {
  const leave = async (go: (url: URL) => Promise<void>) => {
    await Promise.resolve()
    await go(away)
  }
  void createPageLeaver().leave(options(), leave)
  await vi.waitFor(() => expect(assign).toHaveBeenCalledWith(away))
  expect(replace).not.toHaveBeenCalled()
  void createPageLeaver().leave(options({ isReplaced: true }), leave)
  await vi.waitFor(() => expect(replace).toHaveBeenCalledWith(away))
})

test('a login that a logout has overtaken and that ends late does not let a second logout begin', async () => {
  const leaver = createPageLeaver()
  let end = () => {}
  const login = new Promise<void>((resolve) => (end = resolve))
  const overtaken = outcome(leaver.leave(options(), () => login))
  const logout = vi.fn(() => new Promise<void>(() => {}))
  const isLogout = options({ isLogout: true })
  void leaver.leave(isLogout, logout)
  expect(await overtaken).toBe('logged_out')
  end()
  await new Promise((resolve) => setTimeout(resolve))
  void leaver.leave(isLogout, logout)
  await new Promise((resolve) => setTimeout(resolve))
  expect(logout).toHaveBeenCalledTimes(1)
})

test.each([
  ['joins the one before', 3000, 1],
  ['is one more', 3001, 2],
])('a login %s when the page was to be left %d ms ago', async (_what, ms, times) => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const leaver = createPageLeaver()
  const gone = new Promise<void>(() => {})
  const navigate = vi.fn(() => gone)
  const work = async (go: (url: URL) => Promise<void>) => {
    await Promise.resolve()
    await go(away)
  }
  const leave = () => void leaver.leave(options({ navigate }), work)
  leave()
  await new Promise((resolve) => setTimeout(resolve))
  vi.advanceTimersByTime(ms)
  leave()
  await new Promise((resolve) => setTimeout(resolve))
  expect(navigate).toHaveBeenCalledTimes(times)
})
