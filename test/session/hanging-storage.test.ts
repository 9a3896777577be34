// @vitest-environment happy-dom
// What ends a session is worth another try, also of a storage that did not answer the last time.
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createSharedStorage } from '../support/flow-storage.ts'
import { openTab, prepareTabs, signIn, type Tab } from '../support/session-tab.ts'

beforeEach(prepareTabs)

test.each<[string, (tab: Tab) => Promise<unknown>]>([
  ['a logout', ({ session }) => session.end()],
  [
    'a logout of another tab',
    async ({ session }) => {
      await openTab().session.end()
      session.look()
    },
  ],
])('%s deletes what is in it', async (_what, end) => {
  const storage = Object.assign(createSharedStorage(), { shared: false })
  const tab = openTab(storage)
  await signIn(tab)
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { get } = storage
  storage.get = () => new Promise(() => {})
  const looked = tab.session.reload()
  await vi.advanceTimersByTimeAsync(2000)
  await looked
  storage.get = get
  expect(storage.records.size).toBe(1)
  const ended = end(tab)
  await vi.advanceTimersByTimeAsync(1)
  await ended
  expect(storage.records.size).toBe(0)
})
