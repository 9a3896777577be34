import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTurns } from '../../src/browser/turns.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settle = () => vi.advanceTimersByTimeAsync(0)
const patient = { signal: undefined, timeoutMs: undefined }

/** Pieces of work that a test ends, in the order in which they began. */
function createWork() {
  const ends: (() => void)[] = []
  const work = () => new Promise<void>((resolve) => ends.push(resolve))
  return { ends, work }
}

test('no more go on at once than there are places, and each has its turn', async () => {
  const take = createTurns(2)
  const { ends, work } = createWork()
  const all = Array.from({ length: 5 }, () => take(patient, work))
  for (const begun of [2, 3, 4, 5, 5]) {
    await settle()
    expect(ends).toHaveLength(begun)
    ends[begun - 2]!()
  }
  ends.forEach((end) => end())
  await Promise.all(all)
})

test('a place is free again where the work fails', async () => {
  const take = createTurns(1)
  await expect(take(patient, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await take(patient, async () => 'done')).toBe('done')
})

test('who gives up waiting, or has waited too long, leaves the queue', async () => {
  const take = createTurns(1)
  const { ends, work } = createWork()
  const first = take(patient, work)
  const caller = new AbortController()
  const never = vi.fn(work)
  const left = expect(take({ signal: caller.signal }, never)).rejects.toBe('another page')
  const late = expect(take({ timeoutMs: 1000 }, never)).rejects.toMatchObject({ code: 'timeout' })
  const last = take(patient, async () => 'last')
  await settle()
  caller.abort('another page')
  await left
  await vi.advanceTimersByTimeAsync(1000)
  await late
  ends[0]!()
  await first
  expect(await last).toBe('last')
  expect(never).not.toHaveBeenCalled()
})

test('the turn of one who gives up in that very moment goes to the next', async () => {
  const take = createTurns(1)
  const { ends, work } = createWork()
  void take(patient, work)
  const caller = new AbortController()
  const left = expect(take({ signal: caller.signal }, work)).rejects.toBe('gone')
  const next = take(patient, async () => 'next')
  await settle()
  caller.abort('gone')
  ends[0]!()
  await left
  expect(await next).toBe('next')
})

test('a place that has become free is one place', async () => {
  const take = createTurns(1)
  await take(patient, async () => {})
  const { ends, work } = createWork()
  const both = [take(patient, work), take(patient, work)]
  await settle()
  expect(ends).toHaveLength(1)
  ends[0]!()
  await settle()
  ends[1]!()
  await Promise.all(both)
})
