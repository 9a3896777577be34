import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { handOver } from '../../src/browser/hand-over.ts'

const href = 'https://app.example/callback?code=c&state=tag.p.s'
const message = { type: 'sotto:callback', href }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function createPopup(opener: { postMessage: (...given: unknown[]) => void } | null) {
  const log: unknown[] = []
  vi.stubGlobal('location', new URL(href))
  vi.stubGlobal('opener', opener)
  vi.stubGlobal('close', () => log.push('close'))
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      name: string
      constructor(name: string) {
        this.name = name
      }
      postMessage(data: unknown) {
        log.push([this.name, data])
      }
    },
  )
  return log
}

// covers threat:popup-messages spec:popup-hand-over
test('tells the opener if it is of this origin, and the channel of this state, then closes', async () => {
  const told: unknown[] = []
  const log = createPopup({ postMessage: (...given) => told.push(given) })
  const over = handOver('tag.p.s', href)
  expect(told).toEqual([[message, 'https://app.example']])
  expect(log).toEqual([['sotto:tag.p.s', message], 'close'])
  await vi.advanceTimersByTimeAsync(1000)
  await over
})

test('does without an opener', async () => {
  const log = createPopup(null)
  const over = handOver('tag.p.s', href)
  await vi.advanceTimersByTimeAsync(1000)
  await over
  expect(log).toHaveLength(2)
})

test('does without a channel, and resolves where the window is still there', async () => {
  const told: unknown[] = []
  const log = createPopup({ postMessage: (...given) => told.push(given) })
  vi.stubGlobal('BroadcastChannel', undefined)
  let isOver = false
  const over = handOver('tag.p.s', href).then(() => (isOver = true))
  expect([log, told.length]).toEqual([['close'], 1])
  await vi.advanceTimersByTimeAsync(999)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await over
})
