import { afterEach, expect, test, vi } from 'vitest'
import { createListeners } from '../../src/browser/listeners.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('tells every listener, until it is taken away', () => {
  const { add, notify } = createListeners<string>()
  const [one, other] = [vi.fn(), vi.fn()]
  const remove = add(one)
  add(other)
  notify('first')
  remove()
  remove()
  notify('second')
  expect(one.mock.calls).toEqual([['first']])
  expect(other.mock.calls).toEqual([['first'], ['second']])
})

test('a function that is added twice is called twice, and each time ends by itself', () => {
  const { add, notify } = createListeners<void>()
  const listener = vi.fn()
  const remove = add(listener)
  add(listener)
  notify()
  expect(listener).toHaveBeenCalledTimes(2)
  remove()
  notify()
  expect(listener).toHaveBeenCalledTimes(3)
})

test('a listener that comes or goes while others are told does not disturb them', () => {
  const { add, notify } = createListeners<void>()
  const [late, last] = [vi.fn(), vi.fn()]
  const remove = add(() => {
    remove()
    add(late)
  })
  add(last)
  notify()
  expect(last).toHaveBeenCalledTimes(1)
  expect(late).not.toHaveBeenCalled()
  notify()
  expect(late).toHaveBeenCalledTimes(1)
})

test('a listener that throws is reported like an uncaught error, and stops neither the others nor the work', () => {
  const reported: (() => void)[] = []
  vi.stubGlobal('queueMicrotask', (callback: () => void) => reported.push(callback))
  const { add, notify } = createListeners<void>()
  const other = vi.fn()
  add(() => {
    throw new Error('a bug of the app')
  })
  add(other)
  expect(() => notify()).not.toThrow()
  expect(other).toHaveBeenCalledTimes(1)
  expect(reported).toHaveLength(1)
  expect(reported[0]).toThrow('a bug of the app')
})

test('clear takes all of them away', () => {
  const { add, notify, clear } = createListeners<void>()
  const listener = vi.fn()
  add(listener)
  clear()
  notify()
  expect(listener).not.toHaveBeenCalled()
})
