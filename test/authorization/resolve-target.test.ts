import { expect, test } from 'vitest'
import { partitionOf, resolveTarget } from '../../src/authorization/resolve-target.ts'

const common = { resource: [], authorizationParams: {} }

test('in the common case the partition is the audience', () => {
  expect(partitionOf(common)).toBe('')
  expect(partitionOf({ ...common, audience: 'https://api.example' })).toBe('https://api.example')
})

test('the order in which an app writes its parameters makes no other partition', () => {
  const one = partitionOf({ ...common, authorizationParams: { a: '1', b: '2', c: '3' } })
  const other = partitionOf({ ...common, authorizationParams: { c: '3', a: '1', b: '2' } })
  expect(other).toBe(one)
})

test('no audience is the partition of other targets', () => {
  const long = partitionOf({ ...common, resource: ['https://api.example'] })
  expect(partitionOf({ ...common, audience: long })).not.toBe(long)
})

test.each([
  ['an audience', { ...common, audience: 'a' }],
  ['a resource', { ...common, resource: ['a'] }],
  ['a parameter', { ...common, authorizationParams: { a: '' } }],
  ['another value of it', { ...common, authorizationParams: { a: 'a' } }],
])('%s makes another partition', (_, target) => {
  const others = [{ ...common, audience: 'b' }, { ...common, resource: ['b'] }, common]
  expect(others.map(partitionOf)).not.toContain(partitionOf(target))
})

test.each(['audience', 'scope'] as const)('a %s that is no text is refused by name', (name) => {
  const wrong = { [name]: 5 as unknown as string }
  expect(() => resolveTarget({ scope: 'openid', resource: [] }, wrong)).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: name }),
  )
})
