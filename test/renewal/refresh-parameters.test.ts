import { expect, test } from 'vitest'
import { withKeys, type KeyedTarget } from '../../src/authorization/resolve-target.ts'
import { isForTarget, chooseRefreshParameters } from '../../src/renewal/refresh-parameters.ts'
import type { Target } from '../../src/protocol/target.ts'
import { createTokenSet } from '../support/flow-tokens.ts'

const [a, b] = ['https://a.example.com', 'https://b.example.com']

const target = (changes: Partial<Target> = {}): KeyedTarget =>
  withKeys({
    scope: 'email openid profile',
    audience: undefined,
    resource: [],
    authorizationParams: {},
    ...changes,
  })

const grant = (changes: object = {}) => ({
  token: 'refresh-token',
  partition: '',
  requestedScope: 'email openid profile',
  scope: 'openid profile email',
  idToken: createTokenSet().idToken,
  rotates: undefined,
  doubt: undefined,
  ...changes,
})

test.each<[string, object, Partial<Target>, (readonly [string, string])[]]>([
  ['nothing for what the login asked for', {}, {}, []],
  ['nothing for all that was granted', { requestedScope: 'openid x' }, {}, []],
  [
    'nothing for what was asked for, also where less was granted',
    { scope: 'openid', requestedScope: 'openid x' },
    { scope: 'openid x' },
    [],
  ],
  ['a part of the scope by name', {}, { scope: 'email openid' }, [['scope', 'email openid']]],
  [
    'openid, also where the server does not list it',
    { scope: 'email profile' },
    { scope: 'email openid' },
    [['scope', 'email openid']],
  ],
  [
    'nothing where only offline_access is left out',
    { scope: 'openid offline_access', requestedScope: 'x' },
    { scope: 'openid' },
    [],
  ],
  [
    'no scope of claims that was asked for, and that the server does not list',
    { scope: 'orders', requestedScope: 'offline_access openid orders profile' },
    { scope: 'openid orders profile' },
    [],
  ],
  ['no audience that is as at the login', { partition: a }, { audience: a }, []],
  ['another audience', { partition: a }, { audience: b }, [['audience', b]]],
  [
    'resources always',
    { partition: JSON.stringify(['', [a, b], []]) },
    { resource: [a, b] },
    [
      ['resource', a],
      ['resource', b],
    ],
  ],
])('sends %s', (_, changes, asked, parameters) => {
  expect(chooseRefreshParameters(grant(changes), target(asked))).toMatchObject({ parameters })
})

const tenant = JSON.stringify(['', [], [['organization', 'acme']]])

// covers spec:refresh-within-grant
test.each<[string, string, object, Partial<Target>]>([
  ['a scope that the login did not ask for', 'scope', {}, { scope: 'openid orders' }],
  [
    'a scope that was not granted',
    'scope',
    { scope: 'openid', requestedScope: 'openid orders profile' },
    { scope: 'openid orders' },
  ],
  [
    'a scope of an API whose name begins as one of claims does',
    'scope',
    { scope: 'openid orders', requestedScope: 'openid orders profile.read' },
    { scope: 'profile.read' },
  ],
  [
    'a scope of claims that the login did not ask for',
    'scope',
    { scope: 'openid' },
    { scope: 'openid phone' },
  ],
  ['a target without the audience of the login', 'audience', { partition: a }, {}],
  [
    'a target without the resource of the login',
    'resource',
    { partition: JSON.stringify(['', [a], []]) },
    {},
  ],
  [
    'a target with extra parameters that the login did not have',
    'authorization_params',
    {},
    { authorizationParams: { organization: 'acme' } },
  ],
  [
    'a target without the extra parameters of the login',
    'authorization_params',
    { partition: tenant },
    {},
  ],
  [
    'a target with other extra parameters than the login',
    'authorization_params',
    { partition: tenant },
    { authorizationParams: { organization: 'x' } },
  ],
])('is of no use for %s: %s', (_, reason, changes, asked) => {
  expect(chooseRefreshParameters(grant(changes), target(asked))).toBe(reason)
})

test('is of use for the parameters of the login', () => {
  const asked = target({ authorizationParams: { organization: 'acme' } })
  expect(chooseRefreshParameters(grant({ partition: tenant }), asked)).toMatchObject({
    parameters: [],
  })
})

test.each<[string, boolean, unknown]>([
  ['that one', true, b],
  ['that one and the userinfo endpoint', true, [b, 'https://login.example.com/userinfo']],
  ['the other one', false, a],
  ['both', false, [a, b]],
  ['undefined', false, undefined],
])('a token for one of two resources whose audience is %s fits: %s', (_, expected, aud) => {
  const plan = chooseRefreshParameters(
    grant({ partition: JSON.stringify(['', [a, b], []]) }),
    target({ resource: [b] }),
  )
  if (typeof plan === 'string') throw new Error(plan)
  expect(isForTarget(createTokenSet({ claims: { aud } }).idToken, plan)).toBe(expected)
  expect(isForTarget('opaque', plan)).toBe(false)
})

test('a token for what the login asked for may be opaque', () => {
  const plan = chooseRefreshParameters(grant(), target())
  if (typeof plan === 'string') throw new Error(plan)
  expect(isForTarget('opaque', plan)).toBe(true)
})

test('a token for the audience of the login may be opaque', () => {
  const plan = chooseRefreshParameters(grant({ partition: a }), target({ audience: a }))
  if (typeof plan === 'string') throw new Error(plan)
  expect(isForTarget('opaque', plan)).toBe(true)
})

test.each<[string, boolean, readonly string[]]>([
  ['one of two that were asked for', false, [a]],
  ['both that were asked for', true, [a, b]],
])('a token whose audience is %s fits: %s', (_, expected, aud) => {
  const plan = chooseRefreshParameters(grant(), target({ resource: [a, b] }))
  if (typeof plan === 'string') throw new Error(plan)
  expect(isForTarget(createTokenSet({ claims: { aud } }).idToken, plan)).toBe(expected)
})

test('a token that is good for one resource of the login besides fits nothing narrower', () => {
  const c = 'https://c.example.com'
  const plan = chooseRefreshParameters(
    grant({ partition: JSON.stringify(['', [a, b, c], []]) }),
    target({ resource: [c] }),
  )
  if (typeof plan === 'string') throw new Error(plan)
  expect(isForTarget(createTokenSet({ claims: { aud: [c, a] } }).idToken, plan)).toBe(false)
})
