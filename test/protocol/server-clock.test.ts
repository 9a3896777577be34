import { expect, test } from 'vitest'
import { createServerClock, readOffset } from '../../src/protocol/server-clock.ts'

test.each([
  [1000, 1000, 0],
  [1030, 1000, 0],
  [970, 1000, 0],
  [1031, 1000, 31],
  [969, 1000, -31],
  [1030.6, 1000, 31],
  [87_400, 1000, 86_400],
  [87_401, 1000, 0],
  [1000, 87_400, -86_400],
  [1000, 87_401, 0],
])('an ID token of %d at %d says that the server is %d seconds ahead', (issuedAt, now, offset) => {
  expect(readOffset(issuedAt, now, 30)).toBe(offset)
})

/** A clock, and what it has told. */
function createClock() {
  const told: number[] = []
  return { clock: createServerClock((aheadSeconds) => told.push(aheadSeconds)), told }
}

test('tells once by how much the device is ahead, and goes by the server', () => {
  const { clock, told } = createClock()
  expect(clock.offsetSeconds).toBe(0)
  clock.learn(-3600)
  clock.learn(-3600)
  expect(clock.offsetSeconds).toBe(-3600)
  expect(told).toEqual([3600])
})

test('what a slow answer changes is nothing new', () => {
  const { clock, told } = createClock()
  clock.learn(-3600)
  clock.learn(-3615)
  clock.learn(-3585)
  expect(clock.offsetSeconds).toBe(-3600)
  clock.learn(-3616)
  expect(clock.offsetSeconds).toBe(-3616)
  expect(told).toEqual([3600, 3616])
})

test('a clock that was set right is no news to tell', () => {
  const { clock, told } = createClock()
  clock.learn(120)
  clock.learn(0)
  expect(clock.offsetSeconds).toBe(0)
  expect(told).toEqual([-120])
})
