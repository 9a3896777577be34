import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AuthError } from '../../src/errors.ts'
import { createPause } from '../../src/renewal/pause.ts'
import { splitCodes } from '../support/error-codes.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const failure = new AuthError('network_error')

/** A pause after so many failures in a row. */
function failTimes(count: number, error = failure) {
  const pause = createPause()
  for (let failures = 0; failures < count; failures++) pause.failed(error)
  return pause
}

const lasts = (pause: ReturnType<typeof createPause>, isForced = false): boolean => {
  try {
    pause.assertOver(isForced)
    return false
  } catch {
    return true
  }
}

test('there is none at first, and none after the first failure', () => {
  expect(lasts(createPause())).toBe(false)
  expect(lasts(failTimes(1))).toBe(false)
})

test.each([
  [2, 1000],
  [3, 2000],
  [4, 4000],
  [6, 16_000],
  [7, 30_000],
  [50, 30_000],
])('after %s failures in a row it lasts %s ms, and rejects with the failure', (count, ms) => {
  const pause = failTimes(count)
  expect(() => pause.assertOver(false)).toThrow(failure)
  vi.advanceTimersByTime(ms - 1)
  expect(lasts(pause)).toBe(true)
  vi.advanceTimersByTime(1)
  expect(lasts(pause)).toBe(false)
})

const { withIt, without } = splitCodes('beginsPause')

test.each(withIt)('%s begins one', (code) => {
  expect(lasts(failTimes(2, new AuthError(code)))).toBe(true)
})

test.each(without)('%s begins none', (code) => {
  expect(lasts(failTimes(9, new AuthError(code)))).toBe(false)
})

test('a forced call ignores it', () => {
  expect(lasts(failTimes(5), true)).toBe(false)
})

const retryAfter = (seconds: number) =>
  new AuthError('server_error', { status: 503, retryAfterSeconds: seconds })

test.each([
  [7, 7000],
  [60, 60_000],
  [3600, 60_000],
])(
  'a server that asks for %s seconds gets %s ms, also from a forced call, after the first failure',
  (seconds, ms) => {
    const pause = failTimes(1, retryAfter(seconds))
    vi.advanceTimersByTime(ms - 1)
    expect([lasts(pause), lasts(pause, true)]).toEqual([true, true])
    vi.advanceTimersByTime(1)
    expect([lasts(pause), lasts(pause, true)]).toEqual([false, false])
  },
)

test('what has changed ends it, but not what the server asked for', () => {
  const pause = failTimes(5)
  pause.end()
  expect(lasts(pause)).toBe(false)
  // The next failure is the first again.
  pause.failed(failure)
  expect(lasts(pause)).toBe(false)
  const asked = failTimes(5, retryAfter(7))
  asked.end()
  expect(lasts(asked)).toBe(true)
  vi.advanceTimersByTime(7000)
  expect(lasts(asked)).toBe(false)
})

test('a failure without a time of the server does not shorten what it asked for before', () => {
  const pause = failTimes(1, retryAfter(7))
  pause.failed(failure)
  vi.advanceTimersByTime(6999)
  expect(lasts(pause, true)).toBe(true)
})

test('a success ends all of it', () => {
  const pause = failTimes(5, retryAfter(7))
  pause.succeeded()
  expect([lasts(pause), lasts(pause, true)]).toEqual([false, false])
  pause.failed(failure)
  expect(lasts(pause)).toBe(false)
})
