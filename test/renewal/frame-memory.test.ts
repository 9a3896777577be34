// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createFrameMemory } from '../../src/renewal/frame-memory.ts'

const create = () => createFrameMemory('sotto:frame')

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers({ toFake: ['performance'] })
  return () => void vi.useRealTimers()
})

test('remembers the settings of a frame that was answered, over a reload, until the session ends', () => {
  const memory = create()
  expect(memory.hasAnswered('a')).toBe(false)
  expect(memory.answered('a')).toBe(true)
  expect(memory.answered('a')).toBe(false)
  expect(memory.hasAnswered('a')).toBe(true)
  expect(memory.hasAnswered('b')).toBe(false)
  expect(create().hasAnswered('a')).toBe(true)
  memory.forget()
  expect(memory.hasAnswered('a')).toBe(false)
  expect(create().hasAnswered('a')).toBe(false)
})

test('writes only what is new', () => {
  const write = vi.fn()
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: write })
  const memory = create()
  for (const settings of ['a', 'a', 'b']) memory.answered(settings)
  expect(write.mock.calls.map(([, settings]) => String(settings))).toEqual(['a', 'b'])
})

test('counts from the first that stayed quiet, until one is answered', () => {
  const memory = create()
  expect(memory.quietForMs()).toBe(-Infinity)
  memory.stayedQuiet()
  vi.advanceTimersByTime(7000)
  memory.stayedQuiet()
  vi.advanceTimersByTime(4000)
  expect(memory.quietForMs()).toBe(11_000)
  memory.answered('a')
  expect(memory.quietForMs()).toBe(-Infinity)
})

test('remembers for the page where the storage is blocked', () => {
  vi.stubGlobal('localStorage', undefined)
  const memory = create()
  memory.answered('a')
  expect(memory.hasAnswered('a')).toBe(true)
  memory.forget()
  expect(memory.hasAnswered('a')).toBe(false)
})
