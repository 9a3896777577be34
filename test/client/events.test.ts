import { afterEach, expect, test, vi } from 'vitest'
import { createEventEmitter, type AuthLogger } from '../../src/client/events.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const warning = { code: 'scope_narrowed', reason: 'orders' } as const

test('tells the listeners of one type, and nobody else', () => {
  const { on, emit } = createEventEmitter()
  const [heard, other] = [vi.fn(), vi.fn()]
  on('warning', heard)
  on('token', other)
  emit('warning', warning)
  expect(heard).toHaveBeenCalledExactlyOnceWith(warning)
  expect(other).not.toHaveBeenCalled()
})

test('a logger need not have both functions', () => {
  const warn = vi.fn()
  const { emit } = createEventEmitter({ warn } as unknown as AuthLogger)
  emit('session', { status: 'anonymous' })
  emit('warning', warning)
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.any(String), warning)
})

test('nobody listens: nothing happens', () => {
  expect(() => createEventEmitter().emit('warning', warning)).not.toThrow()
})

test('each registration ends by itself, once', () => {
  const { on, emit } = createEventEmitter()
  const listener = vi.fn()
  const off = on('warning', listener)
  on('warning', listener)
  off()
  off()
  emit('warning', warning)
  expect(listener).toHaveBeenCalledTimes(1)
})

test('clear ends every registration', () => {
  const { on, emit, clear } = createEventEmitter()
  const listener = vi.fn()
  on('warning', listener)
  clear()
  emit('warning', warning)
  expect(listener).not.toHaveBeenCalled()
})

test('a listener that throws is reported as an uncaught error, after the others were told', async () => {
  const reported: unknown[] = []
  const report = (error: unknown): number => reported.push(error)
  vi.stubGlobal('queueMicrotask', (callback: () => void) => {
    try {
      callback()
    } catch (thrown) {
      report(thrown)
    }
  })
  const { on, emit } = createEventEmitter()
  const error = new Error('a bug of the app')
  const other = vi.fn()
  on('warning', () => {
    throw error
  })
  on('warning', other)
  emit('warning', warning)
  expect(other).toHaveBeenCalledTimes(1)
  await vi.waitFor(() => expect(reported).toEqual([error]))
})

test('the logger is warned of warnings, and told the rest for debugging', () => {
  const logger = { warn: vi.fn(), debug: vi.fn() }
  const { emit } = createEventEmitter(logger)
  emit('warning', warning)
  emit('session', { status: 'anonymous' })
  const said = /^Sotto: scope_narrowed, orders\. See https:.*scope_narrowed$/
  expect(logger.warn.mock.calls).toEqual([[expect.stringMatching(said), warning]])
  expect(logger.debug.mock.calls).toEqual([['sotto: session', { status: 'anonymous' }]])
})
