// @vitest-environment happy-dom
// What the panel does not do twice, and does not leave behind.
import { beforeEach, expect, test, vi } from 'vitest'
import { createRequestLog } from '../../src/devtools/request-log.ts'
import { open, press, text } from '../support/devtools.ts'
import { createClient, preparePage } from '../support/flow-client.ts'
import { createRenewal } from '../support/flow-tokens.ts'
import { collectUnhandled } from '../support/unhandled.ts'

beforeEach(preparePage)

/** A panel that is looking, and waits for the silent request of it. */
async function openLooking() {
  const renewal = createRenewal()
  const panel = open(createClient({ renewal: [renewal.strategy] }))
  await panel.logIn()
  const answer = renewal.hold()
  press('Diagnose')
  await vi.waitFor(() => expect(renewal.requests).toHaveLength(1))
  return { ...panel, renewal, answer }
}

test('a second press while it looks asks nothing', async () => {
  const { renewal, answer } = await openLooking()
  press('Diagnosing …')
  await vi.advanceTimersByTimeAsync(1000)
  answer()
  await vi.waitFor(() => expect(text()).toContain('A token was renewed without the user.'))
  expect(renewal.requests).toHaveLength(1)
})

test.each(['stop', 'dispose'])(
  'a panel that %s ends while it looks leaves nothing',
  async (how) => {
    const unhandled = collectUnhandled()
    const { auth, stop, answer } = await openLooking()
    if (how === 'stop') stop()
    else auth.dispose()
    answer()
    await vi.advanceTimersByTimeAsync(5000)
    expect([unhandled, vi.getTimerCount()]).toEqual([[], 0])
  },
)

test('locks that are refused late are no error of anybody', async () => {
  const unhandled = collectUnhandled()
  const refuse = (): Promise<never> => Promise.reject(new DOMException('no', 'SecurityError'))
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue({ request: refuse, query: refuse })
  open()
  await vi.advanceTimersByTimeAsync(1000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(unhandled).toEqual([])
})

test('keeps the last two hundred requests', () => {
  let tell = (_list: { getEntries(): unknown }): void => {}
  vi.stubGlobal(
    'PerformanceObserver',
    class {
      constructor(given: typeof tell) {
        tell = given
      }
      observe() {}
      disconnect() {}
    },
  )
  const sent = createRequestLog(new AbortController().signal)
  const entries = Array.from({ length: 150 }, () => ({ initiatorType: 'fetch' }))
  for (let count = 0; count < 2; count++) tell({ getEntries: () => entries })
  expect(sent()).toHaveLength(200)
})
