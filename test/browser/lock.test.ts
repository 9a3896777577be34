import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withLock } from '../../src/browser/lock.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { createLocks } from '../support/flow-locks.ts'

let locks: ReturnType<typeof createLocks>

beforeEach(() => {
  locks = createLocks()
  vi.stubGlobal('navigator', { locks })
  vi.stubGlobal('origin', 'http://localhost:3000')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Holds a lock until told. */
function hold(name: string): () => void {
  let release!: () => void
  void withLock(name, undefined, () => new Promise<void>((resolve) => (release = resolve)))
  return () => release()
}

const turn = () => vi.advanceTimersByTimeAsync(0)

test('gives the result of the work, and lets go', async () => {
  expect(await withLock('a', undefined, async () => 'done')).toBe('done')
  expect(locks.held.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('gives the error of the work, and lets go', async () => {
  const error = new Error('no')
  await expect(withLock('a', undefined, () => Promise.reject(error))).rejects.toBe(error)
  expect(locks.held.size).toBe(0)
})

test('begins the work only when the lock is free', async () => {
  const release = hold('a')
  const work = vi.fn(async () => 'done')
  const waiting = withLock('a', undefined, work)
  await turn()
  expect(work).not.toHaveBeenCalled()
  release()
  expect(await waiting).toBe('done')
})

test('does not wait for a lock of another name', async () => {
  hold('a')
  expect(await withLock('b', undefined, async () => 'done')).toBe('done')
})

// covers threat:other-tab
test('gives up waiting after ten seconds, before the work has begun', async () => {
  hold('a')
  const work = vi.fn(async () => {})
  const outcome = expect(withLock('a', undefined, work)).rejects.toMatchObject({
    code: 'lock_timeout',
    retryable: true,
  })
  await vi.advanceTimersByTimeAsync(10_000)
  await outcome
  expect(work).not.toHaveBeenCalled()
})

test.each([
  ['before a deadline', 3000, 3000],
  ['half a second after one that is near', 100, 500],
  ['half a second after one that has passed', -5000, 500],
])('gives up %s, and not sooner', async (_what, inMs, waitMs) => {
  hold('a')
  const startedAt = performance.now()
  const waiting = withLock('a', undefined, async () => {}, startedAt + inMs)
  const end = waiting.catch(() => performance.now() - startedAt)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(await end).toBe(waitMs)
})

test('has a lock that is free, also after the deadline', async () => {
  expect(await withLock('a', undefined, async () => 'done', performance.now() - 1)).toBe('done')
})

test('work that has begun may take longer than ten seconds', async () => {
  const waiting = withLock(
    'a',
    undefined,
    () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), 60_000)),
  )
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await waiting).toBe('done')
})

test('an abort ends the waiting with the reason of the signal', async () => {
  const release = hold('a')
  const caller = new AbortController()
  const work = vi.fn(async () => {})
  const waiting = withLock('a', caller.signal, work)
  await turn()
  const reason = new Error('left')
  caller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  release()
  await turn()
  expect(work).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test('an abort does not take the lock from work that has begun', async () => {
  const caller = new AbortController()
  let finish!: () => void
  const waiting = withLock('a', caller.signal, () => new Promise<void>((end) => (finish = end)))
  await turn()
  caller.abort()
  expect(locks.held.has('a')).toBe(true)
  finish()
  await waiting
})

test('does not listen to the signal once the work has begun', async () => {
  const { signal } = new AbortController()
  await withLock('a', signal, async () => {
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

test('a signal that was aborted before asks for no lock', async () => {
  const reason = new Error('before')
  const request = vi.spyOn(locks, 'request')
  const waiting = withLock('a', AbortSignal.abort(reason), async () => {})
  await expect(waiting).rejects.toBe(reason)
  expect(request).not.toHaveBeenCalled()
})

test('goes without a lock in an opaque origin, where asking for one is barred', async () => {
  vi.stubGlobal('origin', 'null')
  const request = () => Promise.reject(new DOMException('barred', 'SecurityError'))
  vi.stubGlobal('navigator', { locks: { request } })
  expect(await withLock('a', undefined, async () => 'done')).toBe('done')
})

// covers fault:refresh-no-locks
test('goes without a lock where the browser has none', async () => {
  vi.stubGlobal('navigator', {})
  expect(await withLock('a', undefined, async () => 'done')).toBe('done')
})

// covers spec:polluted-prototype
test('is asked for as an exclusive one, whatever a prototype says', async () => {
  const request = vi.spyOn(locks, 'request')
  await withPollution({ mode: 'shared', steal: true }, async () => {
    await withLock('a', undefined, async () => {})
    const [, options] = request.mock.calls[0]! as unknown as [string, LockOptions]
    expect([options.mode, options.steal]).toEqual([undefined, undefined])
  })
})
