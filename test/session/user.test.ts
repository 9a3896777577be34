import { expect, test } from 'vitest'
import { deepFreeze, parseClaims } from '../../src/session/user.ts'
import type { ClaimsSchema } from '../../src/session/claims-schema.ts'

const schemaOf = (validate: () => unknown) =>
  ({ '~standard': { version: 1, vendor: 'test', validate } }) as ClaimsSchema

/** What a schema that answers so makes of claims. */
function parse(validate: () => unknown): unknown {
  try {
    return parseClaims(schemaOf(validate), {})
  } catch (error) {
    return error
  }
}

test('claims that do not fit say which, and what the schema says of it', () => {
  const path = ['address', { key: 'city' }, 0]
  const error = parse(() => ({ issues: [{ path, message: 'Expected a city' }] }))
  expect(error).toMatchObject({ code: 'claims_invalid', reason: 'address.city.0' })
  expect((error as Error).message).toContain(' Expected a city.')
  for (const nowhere of [undefined, []])
    expect(parse(() => ({ issues: [{ path: nowhere, message: '' }] }))).toMatchObject({
      reason: 'claims',
    })
})

test.each([
  ['a type', new RangeError('the secret claim'), 'The schema threw: RangeError.'],
  ['nothing', undefined, 'The schema threw: undefined.'],
])('a schema that throws is told of by %s alone', (_what, thrown, words) => {
  const error = parse(() => {
    // oxlint-disable-next-line typescript/only-throw-error -- A schema may throw anything.
    throw thrown
  })
  expect(error).toMatchObject({ code: 'config_invalid', reason: 'claims' })
  expect((error as Error).message).toContain(words)
  expect((error as Error).message).not.toContain('secret')
})

test.each([[undefined], [null], [Promise.resolve({ value: {} })], [{ value: 'text' }], [{}]])(
  'a schema that makes %s is none',
  (made) => {
    expect(parse(() => made)).toMatchObject({ code: 'config_invalid', reason: 'claims' })
  },
)

test('freezes what is in a claim, and takes null for what it is', () => {
  const claims = deepFreeze({ address: { city: 'x', more: [{}] }, none: null, text: 'x' })
  for (const one of [claims, claims.address, claims.address.more, claims.address.more[0]])
    expect(Object.isFrozen(one)).toBe(true)
})
