import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { subjectOf } from '../../src/protocol/issuer.ts'
import {
  hasLife,
  readSessionRecord,
  type SessionRecord,
} from '../../src/session/read-session-record.ts'
import type { StoredRefreshToken } from '../../src/session/stored-refresh-token.ts'
import { remainingMs, type TokenEntry } from '../../src/session/token-cache.ts'
import { clientId, createTokenSet, issuer } from '../support/flow-tokens.ts'
import { named } from '../support/in-words.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const createEntry = () => ({
  partition: '',
  accessToken: 'token',
  tokenType: 'bearer',
  requestedScope: 'openid',
  scope: 'openid',
  audience: 'https://api.example.com',
  receivedAt: Date.now(),
  lifeMs: 300_000,
  deadline: performance.now() + 300_000,
})

const createRecord = (): Record<string, unknown> => ({
  v: 1,
  issuer,
  clientId,
  generation: 'one',
  sub: 'alice',
  idToken: createTokenSet().idToken,
  entries: [createEntry()],
})

const read = (value: unknown) => readSessionRecord(value, issuer, clientId)

const readEntries = (...fields: Record<string, unknown>[]) => {
  const entries = fields.map((one) => ({ ...createEntry(), ...one }))
  const record = read({ ...createRecord(), entries })
  if (typeof record === 'string') throw new Error(record)
  return record.entries
}

test('reads a record that this version wrote', () => {
  const record = createRecord()
  expect(read(structuredClone(record))).toEqual(record)
})

test('reads a record without an ID token: the memory of another user', () => {
  const { idToken, ...record } = createRecord()
  expect(idToken).toBeTypeOf('string')
  expect(read({ ...record, entries: [] })).toEqual({ ...record, entries: [] })
})

test.each(named([2, 3, 1e9, '2']))(
  'calls a version of %s newer, whatever else is in it',
  (_, v) => {
    expect(read({ v })).toBe('newer')
    expect(read({ ...createRecord(), v })).toBe('newer')
  },
)

test.each(named([undefined, null, 0, '', 'text', true, [], {}, [1], Symbol('x')]))(
  'calls %s corrupt',
  (_, value) => {
    expect(read(value)).toBe('corrupt')
  },
)

const nest = (levels: number): unknown => (levels ? [nest(levels - 1)] : 1)
const idTokenOf = (claims: Record<string, unknown>): string => createTokenSet({ claims }).idToken

// covers threat:tampered-storage
test('an ID token that was found good before is so for its own user only', () => {
  const known = read(createRecord())
  if (typeof known === 'string') throw new Error(known)
  const readAgain = (changes: object) =>
    readSessionRecord({ ...known, ...changes }, issuer, clientId, undefined, known)
  expect(readAgain({})).toEqual(known)
  expect(readAgain({ sub: 'bob' })).toBe('corrupt')
  expect(readAgain({ idToken: idTokenOf({ sub: 'bob' }) })).toBe('corrupt')
})

// covers threat:tampered-storage spec:stored-session fault:storage-foreign-session
test.each<[string, Record<string, unknown>]>([
  ['an older version', { v: 0 }],
  ['a version that is no number', { v: null }],
  ['a version that cannot become a number', { v: Object.create(null) as unknown }],
  ['another issuer', { issuer: 'https://evil.example' }],
  ['an issuer with a slash more', { issuer: `${issuer}/` }],
  ['another client', { clientId: 'other' }],
  ['no generation', { generation: undefined }],
  ['a generation that is no text', { generation: 1 }],
  ['no sub', { sub: undefined }],
  ['a sub that is no text', { sub: 7 }],
  ['another sub than the ID token', { sub: 'mallory' }],
  ['an ID token of another sub', { idToken: idTokenOf({ sub: 'mallory' }) }],
  ['an ID token of another issuer', { idToken: idTokenOf({ iss: 'https://evil.example' }) }],
  ['an ID token for another client', { idToken: idTokenOf({ aud: 'other' }) }],
  ['an ID token for other clients', { idToken: idTokenOf({ aud: ['a', 'b'] }) }],
  ['an ID token that is none', { idToken: 'no-token' }],
  ['an ID token that is no text', { idToken: {} }],
  ['an ID token of null', { idToken: null }],
  ['an ID token whose payload is no JSON', { idToken: 'e30.e3.c2ln' }],
  ['an ID token with claims nested without end', { idToken: idTokenOf({ deep: nest(200) }) }],
  ['no entries', { entries: undefined }],
  ['entries that are no list', { entries: { 0: 'x' } }],
  ['an entry of null', { entries: [null] }],
  ['an entry that is text', { entries: ['x'] }],
])('calls a record with %s corrupt', (_name, fields) => {
  expect(read({ ...createRecord(), ...fields })).toBe('corrupt')
})

test('takes an ID token for several clients, if this one is among them', () => {
  const idToken = idTokenOf({ aud: ['other', clientId] })
  expect(read({ ...createRecord(), idToken })).toMatchObject({ idToken })
})

// covers fault:storage-absurd-life
test.each<[string, Record<string, unknown>]>([
  ['partition', { partition: 1 }],
  ['accessToken', { accessToken: undefined }],
  ['accessToken', { accessToken: { toString: () => 'x' } }],
  ['tokenType', { tokenType: null }],
  ['requestedScope', { requestedScope: ['openid'] }],
  ['scope', { scope: undefined }],
  ['audience', { audience: 1 }],
  ['audience', { audience: null }],
  ['receivedAt', { receivedAt: 'today' }],
  ['receivedAt', { receivedAt: NaN }],
  ['receivedAt', { receivedAt: -1 }],
  ['receivedAt', { receivedAt: Infinity }],
  ['lifeMs', { lifeMs: '300000' }],
  ['lifeMs', { lifeMs: -1 }],
  ['lifeMs', { lifeMs: NaN }],
  ['lifeMs', { lifeMs: Infinity }],
  ['lifeMs', { lifeMs: 31_536_000_001 }],
])('calls a record corrupt whose entry has a wrong %s (%#)', (_name, fields) => {
  const entries = [createEntry(), { ...createEntry(), ...fields }]
  expect(read({ ...createRecord(), entries })).toBe('corrupt')
})

test.each([
  ['of no life at all', { lifeMs: 0 }],
  ['that lives a year', { lifeMs: 31_536_000_000 }],
  ['of the first moment there is', { receivedAt: 0 }],
])('takes an entry %s', (_which, fields) => {
  expect(readEntries(fields)).toHaveLength(1)
})

test('takes an entry without an audience', () => {
  expect(readEntries({ audience: undefined })).toHaveLength(1)
})

// covers fault:clock-back
test('drops an entry from the future, and keeps the others', () => {
  expect(readEntries({ receivedAt: Date.now() + 5001 }, {})).toHaveLength(1)
})

test('takes an entry that another tab with a slightly faster clock has just stored', () => {
  const [entry] = readEntries({ receivedAt: Date.now() + 5000 })
  expect(entry?.deadline).toBe(performance.now() + 300_000)
})

// covers threat:tampered-storage spec:stored-session
test('computes the end from age and life, and believes no stored one', () => {
  const receivedAt = Date.now()
  vi.advanceTimersByTime(100_000)
  const [entry] = readEntries({ receivedAt, deadline: 1e15 })
  expect(entry && remainingMs(entry)).toBe(200_000)
  expect(entry?.deadline).toBe(performance.now() + 200_000)
})

test('an entry that has expired has no time left', () => {
  const receivedAt = Date.now()
  vi.advanceTimersByTime(400_000)
  const [entry] = readEntries({ receivedAt })
  expect(entry && remainingMs(entry)).toBeLessThan(0)
})

test('believes nothing that a prototype says', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  const record = createRecord()
  try {
    Object.assign(prototype, record)
    expect(read({})).toBe('corrupt')
    Object.assign(prototype, createEntry())
    expect(read({ ...record, entries: [{}] })).toBe('corrupt')
  } finally {
    for (const name of [...Object.keys(record), ...Object.keys(createEntry())])
      Reflect.deleteProperty(prototype, name)
  }
})

// covers threat:tampered-storage spec:proto-members fault:storage-proto
test('a member called __proto__ gives a record no other prototype', () => {
  const text = JSON.stringify(createRecord()).replace('{', '{"__proto__":{"polluted":true},')
  const record = read(JSON.parse(text))
  expect(record).not.toBe('corrupt')
  expect((record as unknown as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

const createGrant = () => ({
  token: 'refresh-token',
  partition: '',
  requestedScope: 'openid',
  scope: 'openid',
  idToken: idTokenOf({}),
})

test('reads a record with a refresh token', () => {
  const doubt = { since: 1, tries: 2, nextAt: 3 }
  const refreshToken = { ...createGrant(), rotates: true, doubt }
  expect(read({ ...createRecord(), refreshToken })).toMatchObject({ refreshToken })
})

test('reads a refresh token of which nothing is known', () => {
  const record = read({ ...createRecord(), refreshToken: { ...createGrant(), rotates: 'no' } })
  const unknown = { rotates: undefined, doubt: undefined }
  expect(record).toMatchObject({ refreshToken: { ...createGrant(), ...unknown } })
})

test.each<[string, Record<string, unknown>]>([
  ['no token', { token: undefined }],
  ['an empty token', { token: '' }],
  ['a token that is no text', { token: 7 }],
  ['no partition', { partition: undefined }],
  ['a requested scope that is no text', { requestedScope: [] }],
  ['no scope', { scope: undefined }],
  ['no ID token', { idToken: undefined }],
  ['the ID token of another user', { idToken: idTokenOf({ sub: 'mallory' }) }],
  ['the ID token of another issuer', { idToken: idTokenOf({ iss: 'https://evil.example' }) }],
  ['the ID token of another client', { idToken: idTokenOf({ aud: 'other' }) }],
  ['a doubt of null', { doubt: null }],
  ['a doubt that says nothing', { doubt: {} }],
  ['a doubt of no time', { doubt: { since: NaN, tries: 1, nextAt: 1 } }],
  ['a doubt of a text', { doubt: { since: 1, tries: '1', nextAt: 1 } }],
  ['a doubt without end', { doubt: { since: 1, tries: 1, nextAt: Infinity } }],
])('calls a record corrupt whose refresh token has %s', (_, changes) => {
  const refreshToken = { ...createGrant(), ...changes }
  expect(read({ ...createRecord(), refreshToken })).toBe('corrupt')
})

test.each([
  ['a text', 'text'],
  ['a number', 1],
  ['a list', []],
])('calls a record corrupt whose refresh token is %s', (_name, value) => {
  expect(read({ ...createRecord(), refreshToken: value })).toBe('corrupt')
})

test('what else is known of a user is an object, or nothing', () => {
  expect(read({ ...createRecord(), userInfo: { name: 'Alice' } })).toMatchObject({
    userInfo: { name: 'Alice' },
  })
  for (const userInfo of ['text', 7, null])
    expect(read({ ...createRecord(), userInfo })).toMatchObject({ userInfo: undefined })
})

// covers threat:tampered-storage
test('tokens that are bound to another key, or to none, are not taken', () => {
  const record = { ...createRecord(), refreshToken: createGrant(), dpopJkt: 'key' }
  const readWith = (key?: string) => readSessionRecord(record, issuer, clientId, key)
  expect(readWith('key')).toMatchObject({ entries: [{}], refreshToken: {}, dpopJkt: 'key' })
  for (const key of ['other', undefined]) {
    const found = readWith(key)
    expect(found).toMatchObject({ sub: 'alice', entries: [], dpopJkt: key })
    expect(found).toHaveProperty('refreshToken', undefined)
  }
})

test('an ID token of a server with tenants is of the tenant that it names', () => {
  const tenants = 'https://login.example.com/{tenantid}/v2.0'
  const iss = 'https://login.example.com/one/v2.0'
  const idToken = idTokenOf({ iss, tid: 'one' })
  const sub = subjectOf(tenants, { iss, sub: 'alice' })
  const record = { ...createRecord(), issuer: tenants, sub, idToken }
  expect(readSessionRecord(record, tenants, clientId)).toMatchObject({ idToken })
  const other = { ...record, idToken: idTokenOf({ iss, tid: 'two' }) }
  expect(readSessionRecord(other, tenants, clientId)).toBe('corrupt')
})

test('a session has life as long as one of its tokens has', () => {
  const record = read(createRecord()) as SessionRecord
  const [entry] = record.entries
  const spent = { ...entry!, lifeMs: 0, deadline: performance.now() }
  const isAlive = (entries: readonly TokenEntry[], refreshToken?: StoredRefreshToken) =>
    hasLife({ ...record, entries, refreshToken })
  expect(isAlive([spent, entry!])).toBe(true)
  expect(isAlive([spent])).toBe(false)
  expect(isAlive([])).toBe(false)
  expect(isAlive([], createGrant() as StoredRefreshToken)).toBe(true)
})
