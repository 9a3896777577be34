import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLocks, type HoldOptions } from '../../src/browser/lock.ts'
import { AuthError } from '../../src/errors.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { createLocks as createBrowserLocks } from '../support/flow-locks.ts'

let locks: ReturnType<typeof createBrowserLocks>

beforeEach(() => {
  locks = createBrowserLocks()
  vi.stubGlobal('navigator', { locks })
  vi.stubGlobal('origin', 'http://localhost:3000')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A lock of this page, as a client asks for it. */
const withLock = <Value>(name: string, options: Asked, work: () => Promise<Value>) =>
  createLocks().hold(name, all(options), work)

type Asked = Partial<HoldOptions>
const all = (options: Asked): HoldOptions => ({
  signal: undefined,
  waitMs: undefined,
  steal: false,
  inPage: false,
  ...options,
})

/** Holds a lock until told. */
async function hold(name: string, options: Asked = {}, held = createLocks()) {
  let release!: () => void
  const done = held.hold(
    name,
    all(options),
    () => new Promise<void>((resolve) => (release = resolve)),
  )
  await turn()
  return { release: () => release(), done }
}

const turn = () => vi.advanceTimersByTimeAsync(0)

test('gives the result of the work, and lets go', async () => {
  expect(await withLock('a', {}, async () => 'done')).toBe('done')
  expect(locks.held.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('gives the error of the work, and lets go', async () => {
  const error = new Error('no')
  await expect(withLock('a', {}, () => Promise.reject(error))).rejects.toBe(error)
  expect(locks.held.size).toBe(0)
})

test('begins the work only when the lock is free', async () => {
  const { release } = await hold('a')
  const work = vi.fn(async () => 'done')
  const waiting = withLock('a', {}, work)
  await turn()
  expect(work).not.toHaveBeenCalled()
  release()
  expect(await waiting).toBe('done')
})

test('does not wait for a lock of another name', async () => {
  await hold('a')
  expect(await withLock('b', {}, async () => 'done')).toBe('done')
})

// covers threat:other-tab
test('gives up waiting after ten seconds, before the work has begun', async () => {
  await hold('a')
  const work = vi.fn(async () => {})
  const outcome = expect(withLock('a', {}, work)).rejects.toMatchObject({
    code: 'lock_timeout',
    retryable: true,
  })
  await vi.advanceTimersByTimeAsync(10_000)
  await outcome
  expect(work).not.toHaveBeenCalled()
})

test('gives up as soon as it was told to', async () => {
  await hold('a')
  const outcome = expect(withLock('a', { waitMs: 1000 }, async () => {})).rejects.toMatchObject({
    code: 'lock_timeout',
  })
  await vi.advanceTimersByTimeAsync(1000)
  await outcome
})

test('work that has begun may take longer than ten seconds', async () => {
  const waiting = withLock(
    'a',
    {},
    () => new Promise<string>((resolve) => setTimeout(() => resolve('done'), 60_000)),
  )
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await waiting).toBe('done')
})

test('an abort ends the waiting with the reason of the signal', async () => {
  const { release } = await hold('a')
  const caller = new AbortController()
  const work = vi.fn(async () => {})
  const waiting = withLock('a', { signal: caller.signal }, work)
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
  const waiting = withLock(
    'a',
    { signal: caller.signal },
    () => new Promise<void>((end) => (finish = end)),
  )
  await turn()
  caller.abort()
  expect(locks.held.has('a')).toBe(true)
  finish()
  await waiting
})

test('does not listen to the signal once the work has begun', async () => {
  const { signal } = new AbortController()
  await withLock('a', { signal }, async () => {
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

test('a signal that was aborted before asks for no lock', async () => {
  const reason = new Error('before')
  const request = vi.spyOn(locks, 'request')
  const waiting = withLock('a', { signal: AbortSignal.abort(reason) }, async () => {})
  await expect(waiting).rejects.toBe(reason)
  expect(request.mock.calls.map(([name]) => name)).not.toContain('a')
})

test('an abort while the browser is asked for locks begins no work', async () => {
  const [caller, reason] = [new AbortController(), new Error('meanwhile')]
  const work = vi.fn(async () => {})
  const waiting = withLock('a', { signal: caller.signal }, work)
  caller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  expect(work).not.toHaveBeenCalled()
})

test('tabs wait for one another where nothing says what the origin is, as in happy-dom', async () => {
  Reflect.deleteProperty(globalThis, 'origin')
  expect(await createLocks().areShared()).toBe(true)
})

/** An object that throws where a member is read. */
const refusing = (member: string): object =>
  Object.defineProperty({}, member, {
    get() {
      throw new DOMException('barred', 'SecurityError')
    },
  })

/** Browsers in which tabs cannot wait for one another. */
const alone: readonly (readonly [string, () => void])[] = [
  ['there are no locks', () => vi.stubGlobal('navigator', {})],
  [
    'locks are refused',
    () => {
      const request = () => Promise.reject(new DOMException('barred', 'SecurityError'))
      vi.stubGlobal('navigator', { locks: { request } })
    },
  ],
  [
    'not even the locks themselves can be read',
    () => vi.stubGlobal('navigator', refusing('locks')),
  ],
  ['the origin is opaque', () => vi.stubGlobal('origin', 'null')],
]

// covers fault:refresh-no-locks
test.each(alone)('where %s, work takes turns in the page alone', async (_where, prepare) => {
  prepare()
  const inPage = createLocks()
  expect(await inPage.areShared()).toBe(false)
  const { release, done } = await hold('a', {}, inPage)
  const work = vi.fn(async () => 'done')
  const waiting = inPage.hold('a', all({}), work)
  expect(await inPage.hold('b', all({}), async () => 'other')).toBe('other')
  expect(work).not.toHaveBeenCalled()
  release()
  await done
  expect(await waiting).toBe('done')
})

test('where the browser never answers, work takes turns in the page alone, ten seconds later', async () => {
  vi.stubGlobal('navigator', { locks: { request: () => new Promise(() => {}) } })
  const done = createLocks().hold('a', all({}), async () => 'done')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await Promise.race([done, Promise.resolve('waiting')])).toBe('done')
})

test('tabs can wait for one another where the browser lets them', async () => {
  expect(await createLocks().areShared()).toBe(true)
})

test('what belongs to this page alone does not wait for other tabs', async () => {
  await hold('a')
  expect(await withLock('a', { inPage: true }, async () => 'done')).toBe('done')
})

test('in the page, too, waiting ends by time or by the caller, and the next one gets its turn', async () => {
  const inPage = createLocks()
  const { release, done } = await hold('a', { inPage: true }, inPage)
  const work = vi.fn(async () => 'done')
  const late = expect(inPage.hold('a', all({ inPage: true }), work)).rejects.toMatchObject({
    code: 'lock_timeout',
  })
  const caller = new AbortController()
  const left = expect(
    inPage.hold('a', all({ inPage: true, signal: caller.signal }), work),
  ).rejects.toBe('left')
  const next = inPage.hold('a', all({ inPage: true, waitMs: 60_000 }), work)
  caller.abort('left')
  await vi.advanceTimersByTimeAsync(10_000)
  await Promise.all([late, left])
  expect(work).not.toHaveBeenCalled()
  release()
  await done
  expect(await next).toBe('done')
  expect(vi.getTimerCount()).toBe(0)
})

test('in the page, too, work that fails gives the lock back', async () => {
  const inPage = createLocks()
  const error = new Error('no')
  const failing = inPage.hold('a', all({ inPage: true }), () => Promise.reject(error))
  await expect(failing).rejects.toBe(error)
  expect(await inPage.hold('a', all({ inPage: true }), async () => 'done')).toBe('done')
})

test('a lock that is stolen is there at once, and the work of the one who had it still counts', async () => {
  let finish!: (value: string) => void
  const first = withLock('a', {}, () => new Promise<string>((resolve) => (finish = resolve)))
  await turn()
  expect(await withLock('a', { steal: true }, async () => 'second')).toBe('second')
  finish('first')
  expect(await first).toBe('first')
})

// covers spec:polluted-prototype
test('is asked for as an exclusive one, whatever a prototype says', async () => {
  const request = vi.spyOn(locks, 'request')
  await withPollution({ mode: 'shared', steal: true }, async () => {
    await withLock('a', {}, async () => {})
    const [, options] = request.mock.calls.at(-1)! as unknown as [string, LockOptions]
    expect([options.mode, options.steal]).toEqual(['exclusive', false])
  })
})

test('asks the browser for a lock that it gives at once or not at all', async () => {
  const request = vi.spyOn(locks, 'request')
  expect(await createLocks().areShared()).toBe(true)
  expect(request.mock.calls[0]?.slice(0, 2)).toEqual(['sotto', { ifAvailable: true }])
})

test('three of one page hold a lock one after the other', async () => {
  const held = createLocks()
  const first = await hold('a', { inPage: true }, held)
  const second = await hold('a', { inPage: true }, held)
  first.release()
  await first.done
  await turn()
  const third = vi.fn(async () => {})
  const done = held.hold('a', all({ inPage: true }), third)
  await turn()
  expect(third).not.toHaveBeenCalled()
  second.release()
  await Promise.all([second.done, done])
  expect(third).toHaveBeenCalledOnce()
})

test.each([
  new AuthError('timeout'),
  new AuthError('timeout', { reason: 'x' }),
  new AuthError('server_error', { reason: 'caller' }),
])('an error of the work in a page stays what it is: %s', async (error) => {
  const work = () => Promise.reject(error)
  await expect(createLocks().hold('a', all({ inPage: true }), work)).rejects.toBe(error)
})
