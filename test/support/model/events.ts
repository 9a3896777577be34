import { array, boolean, constantFrom, integer, oneof, record, type Arbitrary } from 'fast-check'
import type { TokenOptions } from 'sotto'
import { NETWORK_FAULTS } from './network.ts'
import { ROTATIONS } from './world.ts'

export const MAX_TABS = 3
const BILLING = 'https://billing.example.com'
const tab = integer({ min: 0, max: MAX_TABS - 1 })

/** An event with its members. */
function when<Type extends string, Value extends object>(
  type: Type,
  members: { readonly [Key in keyof Value]: Arbitrary<Value[Key]> },
): Arbitrary<{ readonly type: Type } & Value> {
  return (record(members) as Arbitrary<Value>).map((value) => ({ type, ...value }))
}

const getToken = when('getToken', {
  tab,
  target: constantFrom<Pick<TokenOptions, 'scope' | 'audience'>>(
    {},
    {},
    { scope: 'openid offline_access' },
    { scope: 'email' },
    { audience: BILLING },
  ),
  cacheMode: constantFrom('on' as const, 'off' as const, 'off' as const),
  isImpatient: boolean(),
})
const pass = when('pass', { ms: constantFrom(20, 100, 600, 5000, 70_000, 400_000) })
const network = when('network', {
  fault: constantFrom(undefined, undefined, undefined, 'lost' as const, ...NETWORK_FAULTS),
})
const logInAs = when('logIn', { tab, user: constantFrom('alice', 'alice', 'bob') })

/** What can happen. */
const event = oneof(
  { weight: 12, arbitrary: getToken },
  { weight: 6, arbitrary: pass },
  { weight: 5, arbitrary: network },
  { weight: 2, arbitrary: when('openTab', { autoRenews: boolean() }) },
  { weight: 2, arbitrary: logInAs },
  ...[
    when('latency', { ms: constantFrom(0, 40, 400) }),
    when('frames', { isBlocked: boolean() }),
    when('closeTab', { tab }),
    when('killTab', { tab }),
    when('freezeTab', { tab }),
    when('thawTabs', {}),
    when('logOut', { tab }),
    when('sleep', { ms: constantFrom(10_000, 600_000, 28_800_000) }),
    when('setClock', { aheadMs: constantFrom(0, -86_400_000, -90_000, 90_000, 86_400_000) }),
    when('endSession', {}),
    when('serverUser', { user: constantFrom('alice', 'bob') }),
    when('frameCookies', { areBlocked: boolean() }),
    when('storage', { ms: constantFrom(10, 300) }),
    when('lateHint', { index: integer({ min: 0, max: 5 }) }),
    when('lives', { accessTokenSeconds: constantFrom(3, 60, 300, 3600) }),
  ].map((arbitrary) => ({ weight: 1, arbitrary })),
)
/** A server of one kind, and what happens at it. */
export const scenario = record({
  rotation: constantFrom(...ROTATIONS),
  areCookiesBlocked: boolean(),
  events: array(event, { minLength: 5, maxLength: 30, size: 'max' }),
})
export type Happening = typeof event extends { generate(...args: never[]): { value: infer Value } }
  ? Value
  : never
