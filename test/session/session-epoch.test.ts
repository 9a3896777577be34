// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createSessionMarker, isMark } from '../../src/session/session-epoch.ts'
import { blockedStorage, createTransactionStorage } from '../support/flow-storage.ts'

beforeEach(() => localStorage.clear())

const none = { generation: '', loggedOut: false }
const one = { generation: 'one', loggedOut: true }
const two = { generation: 'two', loggedOut: false }

test('begins with a mark of no generation', () => {
  expect(createSessionMarker('mark').read()).toEqual(none)
})

test('another page reads what was written', () => {
  createSessionMarker('mark').write(one)
  expect(createSessionMarker('mark').read()).toEqual(one)
})

test('a page reads what another has written since', () => {
  const marker = createSessionMarker('mark')
  marker.write(one)
  createSessionMarker('mark').write(two)
  expect(marker.read()).toEqual(two)
})

test('marks of other clients are not read', () => {
  createSessionMarker('other').write(one)
  expect(createSessionMarker('mark').read()).toEqual(none)
})

test.each([
  'null',
  '7',
  '[]',
  '{}',
  'no json',
  '{"generation":1,"loggedOut":true}',
  '{"generation":"x"}',
  '{"generation":"x","loggedOut":"no"}',
])('a stored %j does not undo a logout', (text) => {
  const marker = createSessionMarker('mark')
  marker.write(one)
  localStorage.setItem('mark', text)
  expect(marker.read()).toEqual(one)
})

test('a mark that somebody deleted stands in this page', () => {
  const marker = createSessionMarker('mark')
  marker.write(one)
  localStorage.clear()
  expect(marker.read()).toEqual(one)
})

test('takes over the two members of a mark, and nothing else that is stored', () => {
  localStorage.setItem('mark', JSON.stringify({ ...one, more: 1 }))
  expect(createSessionMarker('mark').read()).toEqual(one)
})

test('holds in memory where localStorage is blocked', () => {
  vi.stubGlobal('localStorage', { getItem: blockedStorage, setItem: blockedStorage })
  const marker = createSessionMarker('mark')
  expect(marker.read()).toEqual(none)
  marker.write(one)
  expect(marker.read()).toEqual(one)
})

// covers fault:storage-blocked
test('holds in memory where touching localStorage throws', () => {
  vi.spyOn(globalThis, 'localStorage', 'get').mockImplementation(blockedStorage)
  const marker = createSessionMarker('mark')
  marker.write(one)
  expect(marker.read()).toEqual(one)
})

test('a quota that is full does not undo a logout in this page', () => {
  vi.stubGlobal('localStorage', { ...createTransactionStorage(), setItem: blockedStorage })
  const marker = createSessionMarker('mark')
  marker.write(one)
  expect(marker.read()).toEqual(one)
})

test('remembers what another tab said where it cannot be read', () => {
  vi.stubGlobal('localStorage', { getItem: blockedStorage, setItem: blockedStorage })
  const marker = createSessionMarker('mark')
  marker.remember(one)
  expect(marker.read()).toEqual(one)
})

test('remembers what another tab said while the older mark is still stored', () => {
  const marker = createSessionMarker('mark')
  marker.write(two)
  marker.remember(one)
  expect(marker.read()).toEqual(one)
  createSessionMarker('mark').write({ generation: 'three', loggedOut: false })
  expect(marker.read().generation).toBe('three')
})

test('a storage that cannot be read for a moment does not bring an older mark back', () => {
  const marker = createSessionMarker('mark')
  marker.write(two)
  marker.remember(one)
  vi.stubGlobal('localStorage', { getItem: blockedStorage })
  expect(marker.read()).toEqual(one)
  vi.unstubAllGlobals()
  expect(marker.read()).toEqual(one)
})

test('remembers what another tab said and stored, until that changes', () => {
  const marker = createSessionMarker('mark')
  createSessionMarker('mark').write(one)
  marker.remember(one)
  expect(marker.read()).toEqual(one)
  createSessionMarker('mark').write(two)
  expect(marker.read()).toEqual(two)
  createSessionMarker('mark').write(one)
  expect(marker.read()).toEqual(one)
})

test.each([null, undefined, 7, 'x', [], {}, { generation: 'x' }, { loggedOut: true }])(
  'says that %j is no mark',
  (value) => {
    expect(isMark(value)).toBe(false)
  },
)
