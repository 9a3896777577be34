import { expect, test } from 'vitest'
import {
  applyChange,
  dueInMs,
  isUnchanged,
  markAnswered,
  markLost,
  markSent,
  markUnused,
  type StoredRefreshToken,
} from '../../src/session/stored-refresh-token.ts'

const NOW = 1_000_000

const createToken = (changes: Partial<StoredRefreshToken> = {}): StoredRefreshToken => ({
  token: 'refresh-token',
  partition: '',
  requestedScope: 'openid',
  scope: 'openid',
  idToken: 'id-token',
  rotates: undefined,
  doubt: undefined,
  ...changes,
})

/** The token after it was sent so many times and nothing was heard. */
function sendTimes(tries: number): StoredRefreshToken {
  let stored = createToken()
  for (let count = 0; count < tries; count++) stored = markSent(stored, NOW)
  return stored
}

test('a token that is sent is in doubt until an answer is known', () => {
  const sent = markSent(createToken(), NOW)
  expect(sent).toEqual({ ...createToken(), doubt: { since: NOW, tries: 1, nextAt: NOW } })
  expect(markAnswered(sent)).toEqual(createToken())
})

test('the beginning of a doubt stays, and its tries are counted', () => {
  const again = markSent(markSent(createToken(), NOW), NOW + 5000)
  expect(again.doubt).toMatchObject({ since: NOW, tries: 2 })
})

test('a token that the server does not use up is never in doubt', () => {
  const stored = createToken({ rotates: false })
  expect(markSent(stored, NOW)).toBe(stored)
  expect(markLost(stored, NOW)).toBe(stored)
})

test('one that rotates, or may do so, is', () => {
  for (const rotates of [true, undefined])
    expect(markSent(createToken({ rotates }), NOW).doubt).toBeDefined()
})

test.each([
  [1, 0],
  [2, 1000],
  [3, 2000],
  [4, 4000],
  [5, 8000],
  [6, 16_000],
  [7, 30_000],
  [60, 30_000],
])('after %s tries the next one is due in %s ms, from when the answer was lost', (tries, ms) => {
  const lost = markLost(sendTimes(tries), NOW + 7000)
  expect(dueInMs(lost, NOW + 7000)).toBe(ms)
  expect(dueInMs(lost, NOW + 7000 + ms)).toBe(0)
})

test('a token that was never sent is due', () => {
  expect(dueInMs(createToken(), NOW)).toBe(0)
})

// covers fault:clock-back
test('a clock that was set back does not prolong a pause', () => {
  expect(dueInMs(markLost(sendTimes(5), NOW), NOW - 3_600_000)).toBe(0)
})

test('a try that has certainly not used it up leaves the doubt of the one before', () => {
  expect(markUnused(sendTimes(1)).doubt).toBeUndefined()
  expect(markUnused(sendTimes(2)).doubt).toMatchObject({ since: NOW, tries: 1 })
  const stored = createToken({ rotates: false })
  expect(markUnused(stored)).toEqual(stored)
})

test('a token that is sent once more is due later each time', () => {
  const pauses = [1, 2, 3, 4].map((tries) => sendTimes(tries).doubt!.nextAt - NOW)
  expect(pauses).toEqual([0, 1000, 2000, 4000])
})

test.each<[string, (sent: StoredRefreshToken) => StoredRefreshToken | undefined]>([
  ['it is not there any more', () => undefined],
  ['another one came', (sent) => ({ ...sent, token: 'next' })],
  ['it was found not to be used up', (sent) => ({ ...sent, rotates: false })],
  ['it was answered', markAnswered],
  ['it was sent once more', (sent) => markSent(sent, NOW)],
  ['it was put off', (sent) => markLost(sent, NOW + 1)],
  ['its doubt began anew', ({ doubt, ...sent }) => ({ ...sent, doubt: { ...doubt!, since: 0 } })],
])('something has happened to a token where %s', (_what, change) => {
  const sent = sendTimes(2)
  expect(isUnchanged(change(sent), sent)).toBe(false)
  expect(isUnchanged(structuredClone(sent), sent)).toBe(true)
})

test('what became of a token that was sent counts for that one only', () => {
  const [current, next] = [createToken({ token: 'current' }), createToken({ token: 'next' })]
  expect(applyChange(current, { sent: 'current', next })).toBe(next)
  expect(applyChange(current, { sent: 'current', next: undefined })).toBeUndefined()
  expect(applyChange(current, { sent: 'other', next })).toBe(current)
  expect(applyChange(undefined, { sent: 'other', next })).toBeUndefined()
})

test('what a silent login brings takes the place of none, or of one in doubt', () => {
  const next = createToken({ token: 'next' })
  const silent = { sent: undefined, next }
  const inDoubt = sendTimes(1)
  expect(applyChange(undefined, silent)).toBe(next)
  expect(applyChange(createToken(), silent)).toEqual(createToken())
  expect(applyChange(inDoubt, silent)).toBe(next)
  expect(applyChange(inDoubt, { sent: undefined, next: undefined })).toBe(inDoubt)
})
