import { expect, test, vi } from 'vitest'
import { AuthError } from '../../src/errors.ts'
import { createSnapshotHolder, LOADING } from '../../src/session/snapshot.ts'
import type { IdTokenClaims } from '../../src/protocol/token-set.ts'
import { createTokenSet, type TokenSetInput } from '../support/flow-tokens.ts'
import type { AuthSnapshot } from '../../src/session/auth-snapshot.ts'
import { createUserReader } from '../../src/session/user.ts'
import { membersOf } from '../support/snapshot-members.ts'

function identify(claims: TokenSetInput['claims'] = {}) {
  const { idToken, claims: all } = createTokenSet({ claims })
  return { idToken, claims: all }
}

function create() {
  const onChange = vi.fn()
  return { holder: createSnapshotHolder(onChange, createUserReader(undefined), () => {}), onChange }
}

test('is loading, frozen, and knows nobody', () => {
  const { holder } = create()
  expect(holder.getSnapshot()).toBe(LOADING)
  expect(Object.isFrozen(LOADING)).toBe(true)
  expect(holder.identity).toBeUndefined()
  expect(holder.user).toBeUndefined()
})

test('shows the user without the claims that belong to one ID token', () => {
  const { holder } = create()
  holder.signIn(
    identify({ name: 'Alice', nonce: 'n', at_hash: 'h', c_hash: 'c', jti: 'j', nbf: 1 }),
  )
  const { status, user } = membersOf(holder.getSnapshot())
  expect(status).toBe('authenticated')
  expect(Object.keys(user ?? {}).sort()).toEqual(['aud', 'iss', 'name', 'sub'])
  expect(holder.user).toBe(user)
})

test('the whole ID token and all its claims are kept apart from the user', () => {
  const { holder } = create()
  const identity = identify({ nonce: 'n' })
  holder.signIn(identity)
  expect(holder.identity?.idToken).toBe(identity.idToken)
  expect(holder.identity?.claims['nonce']).toBe('n')
})

test('keeps the snapshot and the user while only the ID token changes', () => {
  const { holder, onChange } = create()
  holder.signIn(identify({ iat: 1, exp: 2, nonce: 'a' }))
  const snapshot = holder.getSnapshot()
  holder.signIn(identify({ iat: 3, exp: 4, nonce: 'b' }))
  expect(holder.getSnapshot()).toBe(snapshot)
  expect(holder.identity?.claims.iat).toBe(3)
  expect(onChange).toHaveBeenCalledTimes(1)
})

test('keeps the snapshot when the claims come in another order', () => {
  const { holder } = create()
  holder.signIn(identify({ name: 'Alice', email: 'a@example.com' }))
  const snapshot = holder.getSnapshot()
  const { idToken, claims } = identify({ name: 'Alice', email: 'a@example.com' })
  const reversed = Object.fromEntries(Object.entries(claims).reverse()) as IdTokenClaims & object
  holder.signIn({ idToken, claims: reversed })
  expect(holder.getSnapshot()).toBe(snapshot)
})

test.each<[string, Record<string, unknown>]>([
  ['a value', { name: 'Alicia', roles: ['a'] }],
  ['a claim more', { name: 'Alice', roles: ['a'], email: 'a@example.com' }],
  ['a claim less', { name: 'Alice' }],
  ['something deep within', { name: 'Alice', roles: ['b'] }],
])('has a new snapshot and a new user when %s changes', (_name, claims) => {
  const { holder, onChange } = create()
  holder.signIn(identify({ name: 'Alice', roles: ['a'] }))
  const snapshot = holder.getSnapshot()
  holder.signIn(identify(claims))
  expect(holder.getSnapshot()).not.toBe(snapshot)
  expect(holder.user).not.toBe(membersOf(snapshot).user)
  expect(onChange).toHaveBeenLastCalledWith(holder.getSnapshot())
})

test('is frozen through and through', () => {
  const { holder } = create()
  holder.signIn(identify({ address: { lines: [{ street: 'x' }] } }))
  const snapshot = holder.getSnapshot()
  const { address } = holder.user as unknown as { address: { lines: [{ street: string }] } }
  const parts = [snapshot, holder.user, address, address.lines, address.lines[0]]
  expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true, true])
})

test('signing out forgets the user, and twice is once', () => {
  const { holder, onChange } = create()
  holder.signIn(identify())
  holder.signOut()
  const snapshot = holder.getSnapshot()
  holder.signOut()
  expect(snapshot).toEqual({ status: 'anonymous' })
  expect(holder.getSnapshot()).toBe(snapshot)
  expect(holder.identity).toBeUndefined()
  expect(holder.user).toBeUndefined()
  expect(onChange).toHaveBeenCalledTimes(2)
})

test('the same user who comes again after signing out is shown anew', () => {
  const { holder } = create()
  holder.signIn(identify())
  holder.signOut()
  holder.signIn(identify())
  expect(holder.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
})

test('an error is shown where there is no session', () => {
  const { holder } = create()
  const error = new AuthError('network_error')
  holder.fail(error)
  expect(holder.getSnapshot()).toEqual({ status: 'error', error })
  holder.signIn(identify())
  expect(holder.getSnapshot()).not.toHaveProperty('error')
})

test('an error does not touch a session', () => {
  const { holder } = create()
  holder.signIn(identify())
  const snapshot = holder.getSnapshot()
  holder.fail(new AuthError('network_error'))
  expect(holder.getSnapshot()).toBe(snapshot)
})

test('a session that is not certain is not shown before something else has failed', () => {
  const { holder } = create()
  holder.signIn(identify(), false)
  expect(holder.getSnapshot()).toBe(LOADING)
  expect(holder.user).toMatchObject({ sub: 'alice' })
  holder.fail(new AuthError('network_error'))
  expect(holder.getSnapshot()).toEqual({ status: 'authenticated', user: holder.user })
})

test('tells of a change after it was made, and of none twice', () => {
  const seen: unknown[] = []
  const onChange = ({ status }: AuthSnapshot): unknown =>
    seen.push([status, holder.getSnapshot().status])
  const holder = createSnapshotHolder(onChange, createUserReader(undefined), () => {})
  holder.signIn(identify())
  holder.signIn(identify())
  holder.signOut()
  expect(seen).toEqual([
    ['authenticated', 'authenticated'],
    ['anonymous', 'anonymous'],
  ])
})

const refuse = (error: Error) => {
  const onMisfit = vi.fn()
  let isRefused = false
  const readUser = createUserReader(undefined)
  const holder = createSnapshotHolder(
    () => {},
    (given) => {
      if (isRefused) throw error
      return readUser(given)
    },
    onMisfit,
  )
  return { holder, onMisfit, begin: () => (isRefused = true) }
}

test('claims that do not fit keep a user out, and leave one who is there', () => {
  const error = new AuthError('claims_invalid')
  const { holder, onMisfit, begin } = refuse(error)
  const early = refuse(error)
  early.begin()
  expect(() => early.holder.signIn(identify())).toThrow(error)
  expect(early.onMisfit).not.toHaveBeenCalled()
  holder.signIn(identify({ sub: 'alice' }))
  begin()
  holder.signIn(identify({ sub: 'alice', name: 7 }))
  expect(onMisfit).toHaveBeenCalledWith(error)
  expect(holder.user).not.toHaveProperty('name')
})

test('a fault of the app in reading them is thrown in any case', () => {
  const fault = new TypeError('of the app')
  const { holder, onMisfit, begin } = refuse(fault)
  holder.signIn(identify())
  begin()
  expect(() => holder.signIn(identify())).toThrow(fault)
  expect(onMisfit).not.toHaveBeenCalled()
})
