import { afterEach, expect, test, vi } from 'vitest'
import { createTimedFetch } from '../../src/protocol/timed-fetch.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('tells when the last response came, on both clocks', async () => {
  vi.useFakeTimers({ now: 1000 })
  const { fetch, arrival } = createTimedFetch(() => Promise.resolve(new Response(null)))
  const before = performance.now()
  expect(arrival()).toEqual({ wallMs: 1000, tickMs: before })
  vi.advanceTimersByTime(500)
  await fetch('https://login.example/token')
  vi.advanceTimersByTime(500)
  expect(arrival()).toEqual({ wallMs: 1500, tickMs: before + 500 })
})
