import fc from 'fast-check'
import { expect } from 'vitest'
import { isAuthError, type AuthError } from '../../src/errors.ts'

/**
 * Checks a property with random input: the same one at each run, so that nobody meets a failure
 * that is not of their making. To look for more,
 * `FUZZ_SEED=2 FUZZ_RUNS=100 npx vitest run test/fuzz`: another seed, and a hundred times as many
 * runs. CI has all of the runs, and whoever waits at a desk a tenth of them.
 */
export async function check<Input>(
  input: fc.Arbitrary<Input>,
  numRuns: number,
  holds: (input: Input) => unknown,
): Promise<void> {
  const { CI, FUZZ_SEED: seed = '1', FUZZ_RUNS: factor = CI ? '1' : '0.1' } = process.env
  const property = fc.asyncProperty(input, async (value) => {
    await holds(value)
    expect(Object.keys(Object.prototype), 'polluted').toEqual([])
  })
  await fc.assert(property, {
    numRuns: Math.ceil(numRuns * Number(factor)),
    seed: Number(seed),
  })
}

/**
 * What an attempt came to: its value, or the AuthError. Anything else that is thrown fails the
 * test.
 */
export async function settle<Value>(
  attempt: () => Value | Promise<Value>,
): Promise<{ readonly value: Value } | { readonly error: AuthError }> {
  try {
    return { value: await attempt() }
  } catch (error) {
    if (isAuthError(error)) return { error }
    throw new Error('not an AuthError', { cause: error })
  }
}

const SPICE: readonly unknown[] = [
  ...['', ' ', '\0', '__proto__', 'constructor', 'null', '1', '-1', '{}', '[]', 'javascript:x'],
  ...[null, true, false, 0, -1, 1e300, 2 ** 53, 0.5, [], {}, [[]], [null], ['x'], { length: 1 }],
  ...['https://evil.example', '//evil.example', 'x'.repeat(10_000), '\uD800', '\u202E'],
]

/** Any JSON value, and more often those that are known to hurt. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...SPICE),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Anything that a structured clone or a script can hand over. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  anyJson,
  fc.anything({
    maxDepth: 3,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
  }),
)

/**
 * A change of a few members: most values stay as they should be, so that the code behind the first
 * check is reached.
 */
export interface Mutation {
  readonly set: readonly (readonly [name: string, value: unknown])[]
  readonly remove: readonly string[]
}

export function mutation(
  names: readonly string[],
  value: fc.Arbitrary<unknown> = anyJson,
): fc.Arbitrary<Mutation> {
  const name = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'extra') },
  )
  return fc.record({
    set: fc.array(fc.tuple(name, value), { maxLength: 2 }),
    remove: fc.subarray([...names], { maxLength: 1 }),
  })
}

/**
 * A copy with the change in it; a member called `__proto__` is an own one, as `JSON.parse` makes
 * it.
 */
export function mutate(source: object, { set, remove }: Mutation): Record<string, unknown> {
  const members = [...Object.entries(source), ...set].filter(([name]) => !remove.includes(name))
  return Object.fromEntries(members)
}
