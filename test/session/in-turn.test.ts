// @vitest-environment happy-dom
// Tabs that share a storage take turns, and one that is frozen holds the others up no longer.
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createSharedStorage } from '../support/flow-storage.ts'
import { KEY, openTab, prepareTabs, type Tab } from '../support/session-tab.ts'

beforeEach(prepareTabs)

/** Another tab has the lock of this name for ever. */
const freezeWith = (name: string) =>
  void navigator.locks.request(`${KEY} ${name}`, {}, () => new Promise(() => {}))

function takeTurn({ session }: Tab) {
  const controller = new AbortController()
  const work = vi.fn(async () => 'worked')
  const find = vi.fn((): string | undefined => undefined)
  const turn = session.inTurn('a target', controller.signal, find, work)
  const outcome = turn.catch((error: unknown) => error)
  return { work, find, outcome, abort: (reason: unknown) => controller.abort(reason) }
}

const passTime = (ms: number) => vi.advanceTimersByTimeAsync(ms)

function fakeTimers(): void {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}

test('who has the turn looks first, and does nothing that another tab has done', async () => {
  const tab = openTab()
  await tab.session.restore()
  const { signal } = new AbortController()
  const work = vi.fn(async () => 'worked')
  expect(await tab.session.inTurn('a target', signal, () => 'found', work)).toBe('found')
  expect(work).not.toHaveBeenCalled()
})

test('waits for a tab that is frozen with the lock, and goes on without it after a while', async () => {
  fakeTimers()
  const tab = openTab()
  await tab.session.restore()
  freezeWith('a target')
  const { work, find, outcome } = takeTurn(tab)
  await passTime(9999)
  expect(work).not.toHaveBeenCalled()
  await passTime(1)
  expect(await outcome).toBe('worked')
  expect(find).toHaveBeenCalledTimes(1)
})

test('waits for no turn of another name', async () => {
  const tab = openTab()
  await tab.session.restore()
  freezeWith('another target')
  expect(await takeTurn(tab).outcome).toBe('worked')
})

test('who gives up while waiting does nothing', async () => {
  fakeTimers()
  const tab = openTab()
  await tab.session.restore()
  freezeWith('a target')
  const { work, outcome, abort } = takeTurn(tab)
  await passTime(100)
  const reason = new Error('enough')
  abort(reason)
  expect(await outcome).toBe(reason)
  await passTime(10_000)
  expect(work).not.toHaveBeenCalled()
})

test('a page that shares nothing takes no turns, and looks nowhere', async () => {
  const storage = Object.assign(createSharedStorage(), { shared: false })
  const tab = openTab(storage)
  await tab.session.restore()
  storage.calls.length = 0
  freezeWith('a target')
  const { find, outcome } = takeTurn(tab)
  expect(await outcome).toBe('worked')
  expect(find).not.toHaveBeenCalled()
  expect(storage.calls).toEqual([])
})
