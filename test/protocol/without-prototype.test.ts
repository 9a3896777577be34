import { expect, test } from 'vitest'
import { ownFields, ownTree } from '../../src/protocol/without-prototype.ts'
import { named } from '../support/in-words.ts'

test('copies own fields into an object without a prototype', () => {
  const value = { a: 1, b: { c: 2 } }
  const fields = ownFields(value)
  expect({ ...fields }).toEqual(value)
  expect(Object.getPrototypeOf(fields)).toBeNull()
  expect(fields['toString']).toBeUndefined()
})

test('does not take inherited fields', () => {
  expect(Object.keys(ownFields(Object.create({ a: 1 })))).toEqual([])
})

test.each(named([undefined, null, 'text', 5, true, Symbol.iterator, () => ({ a: 1 })]))(
  'is empty for %s',
  (_, value) => {
    expect(Object.keys(ownFields(value))).toEqual([])
  },
)

test('takes a field called __proto__ for a field', () => {
  const fields = ownFields(JSON.parse('{"__proto__":{"polluted":1}}'))
  expect(fields['polluted']).toBeUndefined()
  expect(Object.getPrototypeOf(fields)).toBeNull()
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('does not see what was put on Object.prototype', () => {
  const polluted = Object.prototype as Record<string, unknown>
  polluted['code'] = 'evil'
  try {
    expect(ownFields({})['code']).toBeUndefined()
  } finally {
    delete polluted['code']
  }
})

// covers threat:input-without-measure
test('leaves out of foreign data what lies too deep', () => {
  const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))
  expect(ownTree(deep)).toEqual([[[[[[[[undefined]]]]]]]])
  expect(ownTree({ a: { b: 1 } }, 1)).toEqual({ a: undefined })
})
