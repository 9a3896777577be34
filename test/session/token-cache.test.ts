import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  createTokenCache,
  hasComeAfter,
  remainingMs,
  type TokenEntry,
} from '../../src/session/token-cache.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

let serial = 0

/** An entry of now, for a canonical scope. */
function createEntry(requestedScope: string, fields: Partial<TokenEntry> = {}): TokenEntry {
  const lifeMs = fields.lifeMs ?? 300_000
  return {
    partition: '',
    accessToken: `token-${++serial}`,
    tokenType: 'bearer',
    requestedScope,
    scope: requestedScope,
    audience: undefined,
    receivedAt: Date.now(),
    lifeMs,
    deadline: performance.now() + lifeMs,
    ...fields,
  }
}

function createCache(entries: readonly TokenEntry[] = [], leewaySeconds?: number) {
  const cache = createTokenCache(leewaySeconds)
  entries.forEach(cache.put)
  return cache
}

/** Moves the system clock alone, as a person or a time server does. */
function setSystemClock(byMs: number): void {
  const before = performance.now()
  vi.setSystemTime(Date.now() + byMs)
  expect(performance.now()).toBe(before)
}

test('finds nothing in an empty cache', () => {
  expect(createCache().find('', 'openid')).toBeUndefined()
})

// covers spec:audience-kept-apart
test('never serves one partition from another', () => {
  const one = createEntry('openid', { partition: 'one' })
  const two = createEntry('openid', { partition: 'two', lifeMs: 900_000 })
  const cache = createCache([one, two])
  expect(cache.find('one', 'openid')).toBe(one)
  expect(cache.find('two', 'openid')).toBe(two)
  expect(cache.find('', 'openid')).toBeUndefined()
  expect(cache.find('__proto__', 'openid')).toBeUndefined()
})

test('a new entry drops nothing of another partition', () => {
  const one = createEntry('openid', { partition: 'one' })
  const cache = createCache([one, createEntry('a openid', { partition: 'two', lifeMs: 900_000 })])
  expect(cache.entries()).toHaveLength(2)
})

test.each([
  ['the requested scope', 'a b openid', 'a b openid', 'a b'],
  ['a part of it', 'a b openid', 'a b openid', 'b'],
  ['openid alone', 'a b openid', 'a b openid', ''],
  ['what was requested and refused', 'a b openid', 'a openid', 'b'],
  ['what was granted beyond the request', 'a openid', 'a c openid', 'c'],
  ['requested and granted together', 'a b openid', 'c openid', 'a b c'],
])('serves %s', (_name, requestedScope, scope, wanted) => {
  const entry = createEntry(requestedScope, { scope })
  expect(createCache([entry]).find('', wanted)).toBe(entry)
})

test.each(['c', 'a c', 'A', 'aa', 'a,b', 'openid2'])('does not serve the scope "%s"', (wanted) => {
  expect(createCache([createEntry('a b openid')]).find('', wanted)).toBeUndefined()
})

test.each(['a b', 'b a', 'b a b a', '  a   b ', 'openid b a', 'b openid a openid'])(
  'reads "%s" as the same scope',
  (wanted) => {
    const entry = createEntry('a b openid')
    expect(createCache([entry]).find('', wanted)).toBe(entry)
  },
)

test('serves the entry that lives longest', () => {
  const short = createEntry('a b openid', { lifeMs: 200_000 })
  const long = createEntry('a c openid', { lifeMs: 900_000 })
  const middle = createEntry('a d openid', { lifeMs: 500_000 })
  expect(createCache([short, long, middle]).find('', 'a')).toBe(long)
})

test('serves a newer entry that lives longer, although the scope was looked up before', () => {
  const cache = createCache([createEntry('a b openid')])
  cache.find('', 'a')
  const longer = createEntry('a c openid', { lifeMs: 900_000 })
  cache.put(longer)
  expect(cache.find('', 'a')).toBe(longer)
})

test('does not serve an entry from the memo once it has expired', () => {
  const cache = createCache([createEntry('a openid')])
  cache.find('', 'a')
  vi.advanceTimersByTime(300_000)
  expect(cache.find('', 'a')).toBeUndefined()
})

test.each([
  ['the leeway of thirty seconds', 3_600_000, undefined, 3_570_000],
  ['a tenth of a short life', 60_000, undefined, 54_000],
  ['a tenth of a life at the border', 300_000, undefined, 270_000],
  ['the leeway that the app chose', 60_000, 20, 40_000],
  ['half a life where the app chose more', 60_000, 50, 30_000],
  ['a leeway of zero', 60_000, 0, 60_000],
])('an entry ends early by %s', (_name, lifeMs, leewaySeconds, endsAfterMs) => {
  const entry = createEntry('openid', { lifeMs })
  const cache = createCache([entry], leewaySeconds)
  vi.advanceTimersByTime(endsAfterMs - 1)
  expect(cache.find('', 'openid')).toBe(entry)
  vi.advanceTimersByTime(1)
  expect(cache.find('', 'openid')).toBeUndefined()
})

test('a life of zero is never served', () => {
  expect(createCache([createEntry('openid', { lifeMs: 0 })]).find('', 'openid')).toBeUndefined()
})

test('a new entry drops those that it covers and that do not end later', () => {
  const narrow = createEntry('a openid')
  const wide = createEntry('a b openid', { lifeMs: 900_000 })
  const widest = createEntry('a b c openid', { lifeMs: 900_000 })
  expect(createCache([narrow, wide]).entries()).toEqual([wide])
  expect(createCache([narrow, wide, widest]).entries()).toEqual([widest])
})

test('a new entry keeps those that it does not cover, or that live longer', () => {
  const longer = createEntry('a openid', { lifeMs: 900_000 })
  const other = createEntry('c openid', { lifeMs: 100_000 })
  const wide = createEntry('a b openid')
  expect(createCache([longer, other, wide]).entries()).toEqual([longer, other, wide])
})

test('an entry that was granted more than the new one covers stays', () => {
  const generous = createEntry('a openid', { scope: 'a x openid' })
  const wide = createEntry('a b openid', { lifeMs: 900_000 })
  const cache = createCache([generous, wide])
  expect(cache.find('', 'x')).toBe(generous)
})

test('lists only what has not expired', () => {
  const cache = createCache([createEntry('a openid'), createEntry('b openid', { lifeMs: 1000 })])
  vi.advanceTimersByTime(1000)
  expect(cache.entries().map(({ requestedScope }) => requestedScope)).toEqual(['a openid'])
})

test('clear drops everything', () => {
  const cache = createCache([createEntry('openid'), createEntry('openid', { partition: 'one' })])
  cache.clear()
  expect(cache.entries()).toEqual([])
  expect(cache.find('', 'openid')).toBeUndefined()
})

// covers threat:input-without-measure
test('holds 32 entries in a partition, and drops the one that was not needed for longest', () => {
  const entries = Array.from({ length: 32 }, (_, index) => createEntry(`openid s${index}`))
  const cache = createCache(entries)
  expect(cache.entries()).toHaveLength(32)
  cache.find('', 's0')
  cache.put(createEntry('openid one-more'))
  expect(cache.entries()).toHaveLength(32)
  expect(cache.find('', 's0')).toBe(entries[0])
  expect(cache.find('', 's1')).toBeUndefined()
})

test('the number of entries is bounded for each partition, not for all together', () => {
  const cache = createCache()
  for (let index = 0; index < 40; index++)
    cache.put(createEntry('openid', { partition: `p${index}` }))
  expect(cache.entries()).toHaveLength(40)
})

test('remembers a bounded number of scope strings, however many are asked for', () => {
  const set = Map.prototype.set
  const sizes: number[] = []
  vi.spyOn(Map.prototype, 'set').mockImplementation(function (
    this: Map<unknown, unknown>,
    key: unknown,
    value: unknown,
  ) {
    Reflect.apply(set, this, [key, value])
    sizes.push(this.size)
    return this
  })
  const entry = createEntry('a openid')
  const cache = createCache([entry])
  for (let spaces = 0; spaces < 1000; spaces++)
    expect(cache.find('', `a${' '.repeat(spaces)}`)).toBe(entry)
  expect(Math.max(...sizes)).toBe(64)
})

test('looks through the entries only for a scope string that it has not seen', () => {
  const cache = createCache([createEntry('a b openid')])
  const values = vi.spyOn(Map.prototype, 'values')
  for (const scope of ['a', 'b', 'a', 'b', 'a', 'b']) cache.find('', scope)
  expect(values).toHaveBeenCalledTimes(2)
})

test('a system clock that is set back does not lengthen a life', () => {
  const cache = createCache([createEntry('openid')])
  setSystemClock(-3_600_000)
  vi.advanceTimersByTime(300_000)
  expect(cache.find('', 'openid')).toBeUndefined()
})

test('a system clock that is set forth ends a life early rather than late', () => {
  const cache = createCache([createEntry('openid')])
  setSystemClock(300_000)
  expect(cache.find('', 'openid')).toBeUndefined()
})

// covers threat:device fault:sleep
test('a monotonic clock that stood still while the device slept does not lengthen a life', () => {
  const entry = createEntry('openid')
  const cache = createCache([entry])
  setSystemClock(299_000)
  expect(remainingMs(entry)).toBe(1000)
  expect(cache.find('', 'openid')).toBeUndefined()
})

test('a renewed token replaces an old one although the system clock was set back', () => {
  const cache = createCache([createEntry('openid')])
  setSystemClock(-3_600_000)
  vi.advanceTimersByTime(300_000)
  const renewed = createEntry('openid')
  cache.put(renewed)
  expect(cache.find('', 'openid')).toBe(renewed)
})

test('a stored entry that is older than the known one does not replace it', () => {
  const older = createEntry('openid')
  vi.advanceTimersByTime(1000)
  const newer = createEntry('openid', { lifeMs: 200_000 })
  const cache = createCache([newer, older])
  expect(cache.find('', 'openid')).toBe(newer)
})

test('finds one that has begun to end, where it is asked for that', () => {
  const cache = createCache([createEntry('openid', { lifeMs: 300_000 })])
  vi.advanceTimersByTime(280_000)
  expect(cache.find('', 'openid')).toBeUndefined()
  expect(cache.findUnexpired('', 'openid')).toBeDefined()
  expect(cache.findUnexpired('', 'openid orders')).toBeUndefined()
  expect(cache.findUnexpired('other', 'openid')).toBeUndefined()
  vi.advanceTimersByTime(20_000)
  expect(cache.findUnexpired('', 'openid')).toBeUndefined()
})

test('a stored entry does not replace what this page got at the same time or since', () => {
  const [older, newer] = [createEntry('openid'), createEntry('openid')]
  const cache = createCache([older])
  cache.putStored(newer)
  expect(cache.find('', 'openid')).toBe(older)
  vi.advanceTimersByTime(1)
  const newest = createEntry('openid')
  cache.putStored(newest)
  expect(cache.find('', 'openid')).toBe(newest)
})

test('an entry has come after a moment only if it was received later, whatever the clock was set to', () => {
  const since = performance.now()
  const same = createEntry('openid')
  vi.advanceTimersByTime(1)
  setSystemClock(-3_600_000)
  const later = createEntry('openid')
  expect([same, later].map((entry) => hasComeAfter(entry, since))).toEqual([false, true])
  expect(hasComeAfter(same, -Infinity)).toBe(true)
})

test('a stored entry that is the known one leaves it, whatever the clocks make of its age', () => {
  const known = createEntry('openid')
  const cache = createCache([known])
  cache.putStored({ ...known, deadline: known.deadline + 1 })
  expect(cache.find('', 'openid')).toBe(known)
})

test('holds 10,000 partitions, and drops the oldest', () => {
  const partitions = Array.from({ length: 10_000 }, (_, index) => `tenant-${index}`)
  const cache = createCache(partitions.map((partition) => createEntry('openid', { partition })))
  expect(cache.find('tenant-0', 'openid')).toBeDefined()
  cache.put(createEntry('openid', { partition: 'one more' }))
  expect(cache.find('tenant-0', 'openid')).toBeUndefined()
  expect(cache.find('tenant-1', 'openid')).toBeDefined()
})
