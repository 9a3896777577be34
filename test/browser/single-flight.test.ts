import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSingleFlight, waitFor, type FlightWork } from '../../src/browser/single-flight.ts'

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  vi.useRealTimers()
  await new Promise((resolve) => setTimeout(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

/** Work that ends when told, or with its signal's reason. */
function createWork() {
  const calls: { signal: AbortSignal; commit: () => void }[] = []
  const endings: { resolve: (value: string) => void; reject: (error: unknown) => void }[] = []
  const work: FlightWork<string> = (signal, commit) => {
    calls.push({ signal, commit })
    return new Promise((resolve, reject) => {
      endings.push({ resolve, reject })
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }
  return { work, calls, endings }
}

test('joins the callers of one key, and shares the result', async () => {
  const flight = createSingleFlight<string>()
  const { work, calls, endings } = createWork()
  const waiting = ['a', 'a', 'a'].map((key) => flight.join(key, {}, work))
  endings[0]?.resolve('token')
  expect(await Promise.all(waiting)).toEqual(['token', 'token', 'token'])
  expect(calls).toHaveLength(1)
})

test('shares the error', async () => {
  const flight = createSingleFlight<string>()
  const { work, endings } = createWork()
  const waiting = [flight.join('a', {}, work), flight.join('a', {}, work)]
  const error = new Error('no')
  endings[0]?.reject(error)
  const outcomes = await Promise.allSettled(waiting)
  expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as unknown)).toEqual([
    error,
    error,
  ])
})

test('keeps keys apart', () => {
  const flight = createSingleFlight<string>()
  const { work, calls, endings } = createWork()
  for (const key of ['a', 'b', '__proto__']) void flight.join(key, {}, work)
  expect(calls).toHaveLength(3)
  for (const { resolve } of endings) resolve('done')
})

test.each(['resolve', 'reject'] as const)('begins anew after the work did %s', async (ending) => {
  const flight = createSingleFlight<string>()
  const { work, calls, endings } = createWork()
  const first = flight.join('a', {}, work).catch(() => {})
  endings[0]?.[ending]('done')
  await first
  const second = flight.join('a', {}, work)
  endings[1]?.resolve('again')
  expect(await second).toBe('again')
  expect(calls).toHaveLength(2)
})

test('detaches a caller whose signal aborts, with the reason of the caller', async () => {
  const flight = createSingleFlight<string>()
  const { work, calls, endings } = createWork()
  const caller = new AbortController()
  const leaving = flight.join('a', { signal: caller.signal }, work)
  const staying = flight.join('a', {}, work)
  const reason = new Error('left')
  caller.abort(reason)
  await expect(leaving).rejects.toBe(reason)
  expect(calls[0]?.signal.aborted).toBe(false)
  endings[0]?.resolve('token')
  expect(await staying).toBe('token')
})

test('detaches a caller whose time is up', async () => {
  vi.useFakeTimers()
  const flight = createSingleFlight<string>()
  const { work, calls, endings } = createWork()
  const late = expect(flight.join('a', { timeoutMs: 50 }, work)).rejects.toMatchObject({
    code: 'timeout',
    reason: 'caller',
  })
  const staying = flight.join('a', {}, work)
  await vi.advanceTimersByTimeAsync(50)
  await late
  expect(calls[0]?.signal.aborted).toBe(false)
  endings[0]?.resolve('token')
  expect(await staying).toBe('token')
  expect(vi.getTimerCount()).toBe(0)
})

test('aborts the work when the last caller has left', async () => {
  const flight = createSingleFlight<string>()
  const { work, calls } = createWork()
  const callers = [new AbortController(), new AbortController()]
  const waiting = callers.map(({ signal }) => flight.join('a', { signal }, work))
  callers[0]?.abort()
  await expect(waiting[0]).rejects.toThrow()
  expect(calls[0]?.signal.aborted).toBe(false)
  callers[1]?.abort()
  await expect(waiting[1]).rejects.toThrow()
  expect(calls[0]?.signal.aborted).toBe(true)
})

test('does not abort the work once it is committed, and lets the next caller join it', async () => {
  const flight = createSingleFlight<string>()
  const { work, calls, endings } = createWork()
  const caller = new AbortController()
  const leaving = flight.join('a', { signal: caller.signal }, work)
  calls[0]?.commit()
  caller.abort()
  await expect(leaving).rejects.toThrow()
  expect(calls[0]?.signal.aborted).toBe(false)
  const next = flight.join('a', {}, work)
  endings[0]?.resolve('token')
  expect(await next).toBe('token')
  expect(calls).toHaveLength(1)
})

test('work may be committed as it begins', async () => {
  const flights = createSingleFlight<string>()
  const controller = new AbortController()
  const work = (signal: AbortSignal, commit: () => void): Promise<string> => {
    commit()
    return new Promise((resolve) => setTimeout(() => resolve(String(signal.aborted)), 10))
  }
  const call = flights.join('key', { signal: controller.signal }, work)
  controller.abort()
  await expect(call).rejects.toThrow()
  expect(await flights.join('key', {}, work)).toBe('false')
})

test('begins anew after an abort, though the aborted work has not ended yet', async () => {
  const flight = createSingleFlight<string>()
  const caller = new AbortController()
  let endDeaf!: (value: string) => void
  const deaf: FlightWork<string> = () => new Promise((resolve) => (endDeaf = resolve))
  const leaving = flight.join('a', { signal: caller.signal }, deaf)
  caller.abort()
  await expect(leaving).rejects.toThrow()
  const { work, calls, endings } = createWork()
  const next = flight.join('a', {}, work)
  expect(calls).toHaveLength(1)
  endDeaf('old')
  await Promise.resolve()
  const joined = flight.join('a', {}, work)
  expect(calls).toHaveLength(1)
  endings[0]?.resolve('new')
  expect(await Promise.all([next, joined])).toEqual(['new', 'new'])
})

test('ends all work with one reason', async () => {
  const flight = createSingleFlight<string>()
  const { work } = createWork()
  const outcomes = Promise.allSettled([flight.join('a', {}, work), flight.join('b', {}, work)])
  const reason = new Error('disposed')
  flight.abort(reason)
  expect(await outcomes).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
  ])
})

test('an abort tells the callers at once, also of work that does not listen, and takes its answer', async () => {
  const flight = createSingleFlight<string>()
  const taken: string[] = []
  let answer!: (value: string) => void
  const deaf: FlightWork<string> = async (_signal, commit) => {
    await Promise.resolve()
    commit()
    taken.push(await new Promise<string>((resolve) => (answer = resolve)))
    return 'token'
  }
  const waiting = expect(flight.join('a', {}, deaf)).rejects.toBe('logged out')
  await vi.waitFor(() => expect(answer).toBeDefined())
  flight.abort('logged out')
  await waiting
  answer('late')
  await vi.waitFor(() => expect(taken).toEqual(['late']))
})

test('leaves an error that comes after everybody has left to nobody', async () => {
  const flight = createSingleFlight<string>()
  const { work, calls, endings } = createWork()
  const caller = new AbortController()
  const leaving = flight.join('a', { signal: caller.signal }, work)
  calls[0]?.commit()
  caller.abort()
  await expect(leaving).rejects.toThrow()
  endings[0]?.reject(new Error('too late to matter'))
})

test('waiting rejects at once for a signal that was aborted before', async () => {
  const reason = new Error('before')
  await expect(waitFor(new Promise(() => {}), { signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  )
})

test('waiting that rejects at once leaves the error that comes later to nobody', async () => {
  const reason = new Error('before')
  const late = Promise.reject(new Error('too late to matter'))
  await expect(waitFor(late, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test('waiting that is over leaves no timer and no listener behind', async () => {
  vi.useFakeTimers()
  const { signal } = new AbortController()
  const waiting = waitFor(Promise.resolve('token'), { signal, timeoutMs: 1000 })
  expect([getEventListeners(signal, 'abort').length, vi.getTimerCount()]).toEqual([1, 1])
  expect(await waiting).toBe('token')
  expect([getEventListeners(signal, 'abort').length, vi.getTimerCount()]).toEqual([0, 0])
})
