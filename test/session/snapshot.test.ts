import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AuthError } from '../../src/errors.ts'
import { createSession, LOADING } from '../../src/session/snapshot.ts'
import type { IdTokenClaims } from '../../src/protocol/token-set.ts'
import { createTokenSet, type TokenSetInput } from '../support/flow-tokens.ts'

const reported: unknown[] = []

beforeEach(() => {
  reported.length = 0
  const report = (error: unknown): number => reported.push(error)
  vi.stubGlobal('queueMicrotask', (callback: () => void) => {
    try {
      callback()
    } catch (thrown) {
      report(thrown)
    }
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

function identify(claims: TokenSetInput['claims'] = {}) {
  const { idToken, claims: all } = createTokenSet({ claims })
  return { idToken, claims: all }
}

function create() {
  const onChange = vi.fn()
  return { session: createSession(onChange), onChange }
}

test('is loading, frozen, and knows nobody', () => {
  const { session } = create()
  expect(session.getSnapshot()).toBe(LOADING)
  expect(Object.isFrozen(LOADING)).toBe(true)
  expect(session.identity).toBeUndefined()
  expect(session.user).toBeUndefined()
})

test('shows the user without the claims that belong to one ID token', () => {
  const { session } = create()
  session.signIn(
    identify({ name: 'Alice', nonce: 'n', at_hash: 'h', c_hash: 'c', jti: 'j', nbf: 1 }),
  )
  const { status, user } = session.getSnapshot()
  expect(status).toBe('authenticated')
  expect(Object.keys(user ?? {}).sort()).toEqual(['aud', 'iss', 'name', 'sub'])
  expect(session.user).toBe(user)
})

test('the whole ID token and all its claims are kept apart from the user', () => {
  const { session } = create()
  const identity = identify({ nonce: 'n' })
  session.signIn(identity)
  expect(session.identity?.idToken).toBe(identity.idToken)
  expect(session.identity?.claims['nonce']).toBe('n')
})

test('keeps the snapshot and the user while only the ID token changes', () => {
  const { session, onChange } = create()
  session.signIn(identify({ iat: 1, exp: 2, nonce: 'a' }))
  const snapshot = session.getSnapshot()
  session.signIn(identify({ iat: 3, exp: 4, nonce: 'b' }))
  expect(session.getSnapshot()).toBe(snapshot)
  expect(session.identity?.claims.iat).toBe(3)
  expect(onChange).toHaveBeenCalledTimes(1)
})

test('keeps the snapshot when the claims come in another order', () => {
  const { session } = create()
  session.signIn(identify({ name: 'Alice', email: 'a@example.com' }))
  const snapshot = session.getSnapshot()
  const { idToken, claims } = identify({ name: 'Alice', email: 'a@example.com' })
  const reversed = Object.fromEntries(Object.entries(claims).reverse()) as IdTokenClaims & object
  session.signIn({ idToken, claims: reversed })
  expect(session.getSnapshot()).toBe(snapshot)
})

test.each<[string, Record<string, unknown>]>([
  ['a value', { name: 'Alicia', roles: ['a'] }],
  ['a claim more', { name: 'Alice', roles: ['a'], email: 'a@example.com' }],
  ['a claim less', { name: 'Alice' }],
  ['something deep within', { name: 'Alice', roles: ['b'] }],
])('has a new snapshot and a new user when %s changes', (_name, claims) => {
  const { session, onChange } = create()
  session.signIn(identify({ name: 'Alice', roles: ['a'] }))
  const snapshot = session.getSnapshot()
  session.signIn(identify(claims))
  expect(session.getSnapshot()).not.toBe(snapshot)
  expect(session.getSnapshot().user).not.toBe(snapshot.user)
  expect(onChange).toHaveBeenLastCalledWith(session.getSnapshot())
})

test('is frozen through and through', () => {
  const { session } = create()
  session.signIn(identify({ address: { lines: [{ street: 'x' }] } }))
  const snapshot = session.getSnapshot()
  const { address } = snapshot.user as unknown as { address: { lines: [{ street: string }] } }
  const parts = [snapshot, snapshot.user, address, address.lines, address.lines[0]]
  expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true, true])
})

test('signing out forgets the user, and twice is once', () => {
  const { session, onChange } = create()
  session.signIn(identify())
  session.signOut()
  const snapshot = session.getSnapshot()
  session.signOut()
  expect(snapshot).toEqual({ status: 'anonymous' })
  expect(session.getSnapshot()).toBe(snapshot)
  expect(session.identity).toBeUndefined()
  expect(session.user).toBeUndefined()
  expect(onChange).toHaveBeenCalledTimes(2)
})

test('the same user who comes again after signing out is shown anew', () => {
  const { session } = create()
  session.signIn(identify())
  session.signOut()
  session.signIn(identify())
  expect(session.getSnapshot()).toMatchObject({ status: 'authenticated', user: { sub: 'alice' } })
})

test('an error is shown where there is no session', () => {
  const { session } = create()
  const error = new AuthError('network_error')
  session.fail(error)
  expect(session.getSnapshot()).toEqual({ status: 'error', error })
  session.signIn(identify())
  expect(session.getSnapshot()).not.toHaveProperty('error')
})

test('an error does not touch a session', () => {
  const { session } = create()
  session.signIn(identify())
  const snapshot = session.getSnapshot()
  session.fail(new AuthError('network_error'))
  expect(session.getSnapshot()).toBe(snapshot)
})

test('a session that is not certain is not shown before something else has failed', () => {
  const { session } = create()
  session.signIn(identify(), false)
  expect(session.getSnapshot()).toBe(LOADING)
  expect(session.user).toMatchObject({ sub: 'alice' })
  session.fail(new AuthError('network_error'))
  expect(session.getSnapshot()).toEqual({ status: 'authenticated', user: session.user })
})

test('calls a subscriber once for a change, until it unsubscribes', () => {
  const { session } = create()
  const listener = vi.fn()
  const unsubscribe = session.subscribe(listener)
  session.signIn(identify())
  session.signIn(identify())
  unsubscribe()
  unsubscribe()
  session.signOut()
  expect(listener).toHaveBeenCalledTimes(1)
})

test('a function that subscribed twice is called twice, and each subscription ends by itself', () => {
  const { session } = create()
  const listener = vi.fn()
  const unsubscribe = session.subscribe(listener)
  session.subscribe(listener)
  session.signIn(identify())
  expect(listener).toHaveBeenCalledTimes(2)
  unsubscribe()
  session.signOut()
  expect(listener).toHaveBeenCalledTimes(3)
})

test('a subscriber that comes or goes while others are told does not disturb them', () => {
  const { session } = create()
  const [late, last] = [vi.fn(), vi.fn()]
  const unsubscribe = session.subscribe(() => {
    unsubscribe()
    session.subscribe(late)
  })
  session.subscribe(last)
  session.signIn(identify())
  expect(last).toHaveBeenCalledTimes(1)
  expect(late).not.toHaveBeenCalled()
  session.signOut()
  expect(late).toHaveBeenCalledTimes(1)
})

test('a subscriber sees the new snapshot', () => {
  const { session } = create()
  const seen: unknown[] = []
  session.subscribe(() => seen.push(session.getSnapshot().status))
  session.signIn(identify())
  session.signOut()
  expect(seen).toEqual(['authenticated', 'anonymous'])
})

test('a subscriber that throws is reported, and stops neither the others nor the change', async () => {
  const { session, onChange } = create()
  const error = new Error('a bug of the app')
  const other = vi.fn()
  session.subscribe(() => {
    throw error
  })
  session.subscribe(other)
  session.signIn(identify())
  expect(other).toHaveBeenCalledTimes(1)
  expect(onChange).toHaveBeenCalledTimes(1)
  await vi.waitFor(() => expect(reported).toEqual([error]))
})

test('clear ends every subscription', () => {
  const { session } = create()
  const listener = vi.fn()
  session.subscribe(listener)
  session.clear()
  session.signIn(identify())
  expect(listener).not.toHaveBeenCalled()
})
