// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { createEpoch, createSessionEpochs, readEpoch } from '../../src/session/session-epoch.ts'
import { blockedStorage, createTransactionStorage } from '../support/flow-storage.ts'

beforeEach(() => localStorage.clear())

const none = { generation: '', loggedOut: false, sessionParams: undefined }
const one = { generation: 'one', loggedOut: true, sessionParams: undefined }
const two = { generation: 'two', loggedOut: false, sessionParams: { organization: 'acme' } }

test('begins with an epoch of no generation', () => {
  expect(createSessionEpochs('epoch').read()).toEqual(none)
})

test('another page reads what was written', () => {
  createSessionEpochs('epoch').write(one)
  expect(createSessionEpochs('epoch').read()).toEqual(one)
})

test('a page reads what another has written since', () => {
  const epochs = createSessionEpochs('epoch')
  epochs.write(one)
  createSessionEpochs('epoch').write(two)
  expect(epochs.read()).toEqual(two)
})

test('epochs of other clients are not read', () => {
  createSessionEpochs('other').write(one)
  expect(createSessionEpochs('epoch').read()).toEqual(none)
})

test.each([
  ['null', 'null'],
  ['number', '7'],
  ['list', '[]'],
  ['empty object', '{}'],
  ['text that is no JSON', 'no json'],
  ['generation that is a number', '{"generation":1,"loggedOut":true}'],
  ['generation alone', '{"generation":"x"}'],
  ['logout that is a text', '{"generation":"x","loggedOut":"no"}'],
])('a stored %s does not undo a logout', (_name, text) => {
  const epochs = createSessionEpochs('epoch')
  epochs.write(one)
  localStorage.setItem('epoch', text)
  expect(epochs.read()).toEqual(one)
})

test('an epoch that somebody deleted stands in this page', () => {
  const epochs = createSessionEpochs('epoch')
  epochs.write(one)
  localStorage.clear()
  expect(epochs.read()).toEqual(one)
})

test('takes over the members of an epoch, and nothing else that is stored', () => {
  localStorage.setItem('epoch', JSON.stringify({ ...one, more: 1 }))
  expect(createSessionEpochs('epoch').read()).toEqual(one)
})

test('holds in memory where localStorage is blocked', () => {
  vi.stubGlobal('localStorage', { getItem: blockedStorage, setItem: blockedStorage })
  const epochs = createSessionEpochs('epoch')
  expect(epochs.read()).toEqual(none)
  epochs.write(one)
  expect(epochs.read()).toEqual(one)
})

// covers fault:storage-blocked
test('holds in memory where touching localStorage throws', () => {
  vi.spyOn(globalThis, 'localStorage', 'get').mockImplementation(blockedStorage)
  const epochs = createSessionEpochs('epoch')
  epochs.write(one)
  expect(epochs.read()).toEqual(one)
})

test('a quota that is full does not undo a logout in this page', () => {
  vi.stubGlobal('localStorage', { ...createTransactionStorage(), setItem: blockedStorage })
  const epochs = createSessionEpochs('epoch')
  epochs.write(one)
  expect(epochs.read()).toEqual(one)
})

test('believes what another tab said where it cannot be read', () => {
  vi.stubGlobal('localStorage', { getItem: blockedStorage, setItem: blockedStorage })
  const epochs = createSessionEpochs('epoch')
  epochs.believe(one)
  expect(epochs.read()).toEqual(one)
})

test('believes what another tab said while the older epoch is still stored', () => {
  const epochs = createSessionEpochs('epoch')
  epochs.write(two)
  epochs.believe(one)
  expect(epochs.read()).toEqual(one)
  createSessionEpochs('epoch').write({ ...two, generation: 'three' })
  expect(epochs.read().generation).toBe('three')
})

test('a login that is stored already came after a logout that is told of late', () => {
  const epochs = createSessionEpochs('epoch')
  createSessionEpochs('epoch').write(two)
  epochs.believe(one)
  epochs.confirm({ ...two, generation: 'three' })
  expect(epochs.read()).toEqual(one)
  epochs.confirm(two)
  expect(epochs.read()).toEqual(two)
})

test('a login that is told of late does not undo a logout of this page that could not be stored', () => {
  const epochs = createSessionEpochs('epoch')
  createSessionEpochs('epoch').write(two)
  const getItem = localStorage.getItem.bind(localStorage)
  vi.stubGlobal('localStorage', { getItem, setItem: blockedStorage })
  epochs.believe(one)
  epochs.write({ ...one, generation: 'ours' })
  epochs.confirm(two)
  expect(epochs.read().generation).toBe('ours')
})

test('a storage that cannot be read for a moment does not bring an older epoch back', () => {
  const epochs = createSessionEpochs('epoch')
  epochs.write(two)
  epochs.believe(one)
  vi.stubGlobal('localStorage', { getItem: blockedStorage })
  expect(epochs.read()).toEqual(one)
  vi.unstubAllGlobals()
  expect(epochs.read()).toEqual(one)
})

test('believes what another tab said and stored, until that changes', () => {
  const epochs = createSessionEpochs('epoch')
  createSessionEpochs('epoch').write(one)
  epochs.believe(one)
  expect(epochs.read()).toEqual(one)
  createSessionEpochs('epoch').write(two)
  expect(epochs.read()).toEqual(two)
  createSessionEpochs('epoch').write(one)
  expect(epochs.read()).toEqual(one)
})

test.each([
  ['null', null],
  ['undefined', undefined],
  ['a number', 7],
  ['a text', 'x'],
  ['a list', []],
  ['an empty object', {}],
  ['a generation alone', { generation: 'x' }],
  ['a logout alone', { loggedOut: true }],
])('says that %s is no epoch', (_name, value) => {
  expect(readEpoch(value)).toBeUndefined()
})

test.each([
  ['that are none', 7],
  ['that are a text', 'organization'],
  ['of other kinds', { organization: 1, tenant: null }],
  ['that are empty', {}],
])('takes no session parameters %s', (_name, sessionParams) => {
  expect(readEpoch({ ...one, sessionParams })).toEqual(one)
})

test('a new epoch agrees with none before it, and keeps what the session was asked for', () => {
  const [first, second] = [createEpoch(false, { organization: 'acme' }), createEpoch(true)]
  expect(first).toMatchObject({ loggedOut: false, sessionParams: { organization: 'acme' } })
  expect(second).toMatchObject({ loggedOut: true, sessionParams: undefined })
  expect(first.generation).not.toBe(second.generation)
  expect(createEpoch(false, {}).sessionParams).toBeUndefined()
})

test('what a revocation continues is told to other tabs, and nothing that is no text', () => {
  const told = createEpoch(false, undefined, 'one')
  expect(readEpoch(JSON.parse(JSON.stringify(told)))).toEqual(told)
  expect(readEpoch({ ...told, continues: 1 })?.continues).toBeUndefined()
})

test('a logout that was believed is not undone where what it had overtaken is written again', () => {
  const epochs = createSessionEpochs('epoch')
  createSessionEpochs('epoch').write(two)
  const overtaken = localStorage.getItem('epoch')!
  epochs.believe(one)
  localStorage.clear()
  expect(epochs.read()).toEqual(one)
  localStorage.setItem('epoch', overtaken)
  expect(epochs.read()).toEqual(one)
})
