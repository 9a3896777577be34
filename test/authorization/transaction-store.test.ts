import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTransactionStore, isExpired } from '../../src/authorization/transaction-store.ts'
import { createTransaction, type Transaction } from '../../src/protocol/transaction.ts'
import { blockedStorage, createTransactionStorage } from '../support/flow-storage.ts'
import { clientId, issuer } from '../support/flow-tokens.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const client = { issuer, clientId }
const KEY = 'sotto:transactions'

const begin = (owner = client): Transaction =>
  createTransaction({
    kind: 'login',
    ...owner,
    redirectUri: 'http://localhost:3000/callback',
    responseMode: 'query',
    scope: 'openid',
    resource: [],
    authorizationParams: {},
    createdAt: Date.now(),
  })

function createStore() {
  const storage = createTransactionStorage()
  return { storage, store: createTransactionStore(() => storage, client) }
}

// covers spec:code-once
test('gives back what was saved, once', () => {
  const { storage, store } = createStore()
  const transaction = begin()
  store.save(transaction)
  expect(store.take(transaction.state)).toEqual({ ...transaction })
  expect(store.take(transaction.state)).toBeUndefined()
  expect(storage.items.size).toBe(0)
})

// covers spec:state-only-compared
test('knows no state that was never saved', () => {
  const { store } = createStore()
  store.save(begin())
  for (const state of ['', 'other', '__proto__', 'constructor', 'length'])
    expect(store.take(state)).toBeUndefined()
})

test('keeps the other logins that are pending when one ends', () => {
  const { store } = createStore()
  const [one, two, three] = [begin(), begin(), begin()]
  for (const transaction of [one, two, three]) store.save(transaction)
  expect(store.take(two.state)?.state).toBe(two.state)
  expect(store.take(three.state)?.state).toBe(three.state)
  expect(store.take(one.state)?.state).toBe(one.state)
})

// covers threat:input-without-measure
test('holds 20 logins, and forgets the oldest', () => {
  const { storage, store } = createStore()
  const transactions = Array.from({ length: 21 }, () => begin())
  transactions.forEach(store.save)
  expect(JSON.parse(storage.items.get(KEY) ?? '')).toHaveLength(20)
  expect(store.take(transactions[0]!.state)).toBeUndefined()
  expect(store.take(transactions[1]!.state)).toBeDefined()
})

test('drops logins of more than an hour ago when a new one is saved', () => {
  const { storage, store } = createStore()
  store.save(begin())
  vi.setSystemTime(Date.now() + 3_600_000)
  store.save(begin())
  expect(JSON.parse(storage.items.get(KEY) ?? '')).toHaveLength(1)
})

test.each([
  ['just begun', 0, false],
  ['an hour old, almost', -3_599_999, false],
  ['an hour old', -3_600_000, true],
  ['of an hour ahead: the clock was set back', 3_600_000, true],
  ['without a time', NaN, true],
])('a login %s is expired: %s', (_name, offset, expected) => {
  expect(isExpired({ ...begin(), createdAt: Date.now() + offset })).toBe(expected)
})

test('says storage_unavailable where saving throws', () => {
  const full = { ...createTransactionStorage(), setItem: blockedStorage }
  for (const open of [blockedStorage, () => full])
    expect(() => createTransactionStore(open, client).save(begin())).toThrow(
      expect.objectContaining({ code: 'storage_unavailable', reason: 'transactionStorage' }),
    )
})

test('drops the oldest logins where they have filled the storage', () => {
  const storage = createTransactionStorage()
  const { setItem } = storage
  storage.setItem = (key, text) => {
    if (text.length > 2_500) throw new DOMException('full', 'QuotaExceededError')
    setItem(key, text)
  }
  const store = createTransactionStore(() => storage, client)
  const [one, two, three] = [begin(), begin(), begin()].map((transaction) =>
    Object.assign(transaction, { appState: 'x'.repeat(600) }),
  )
  for (const transaction of [one!, two!, three!]) store.save(transaction)
  expect(store.take(one!.state)).toBeUndefined()
  expect(store.take(two!.state)).toBeDefined()
  expect(store.take(three!.state)).toBeDefined()
})

test('knows nothing where the storage is blocked', () => {
  expect(createTransactionStore(blockedStorage, client).take('state')).toBeUndefined()
})

test('does not give out what it cannot delete', () => {
  const { storage, store } = createStore()
  const [one, two] = [begin(), begin()]
  store.save(one)
  const readOnly = { ...storage, setItem: blockedStorage, removeItem: blockedStorage }
  expect(createTransactionStore(() => readOnly, client).take(one.state)).toBeUndefined()
  store.save(two)
  expect(createTransactionStore(() => readOnly, client).take(one.state)).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['null', 'null'],
  ['a list of null', '[null]'],
  ['a number', '7'],
  ['a text', '"x"'],
  ['an object', '{}'],
  ['a list of a list', '[[]]'],
  ['no JSON', 'no json'],
  ['a state alone', '{"state":1}'],
])('a record of %s hinders no login', (_, text) => {
  const { storage, store } = createStore()
  storage.setItem(KEY, text)
  expect(store.take('state')).toBeUndefined()
  storage.setItem(KEY, text)
  const transaction = begin()
  store.save(transaction)
  expect(store.take(transaction.state)).toEqual({ ...transaction })
})

test('a record that is no JSON is gone after the first callback', () => {
  const { storage, store } = createStore()
  storage.setItem(KEY, 'no json')
  expect(store.take('state')).toBeUndefined()
  expect(storage.items.size).toBe(0)
})

// covers threat:tampered-storage spec:stored-login fault:storage-damaged-login
test.each<[string, string, unknown]>([
  ...(
    ['kind', 'nonce', 'codeVerifier', 'redirectUri', 'clientId', 'scope', 'resource'] as const
  ).flatMap((name): [string, string, unknown][] => [
    [name, 'missing', undefined],
    [name, 'null', null],
    [name, 'a number', 5],
    [name, 'an object', {}],
  ]),
  ['audience', 'a number', 5],
  ['audience', 'null', null],
  ['resource', 'no list', 'https://api.example'],
  ['resource', 'a list of a number', [5]],
  ['authorizationParams', 'missing', undefined],
  ['authorizationParams', 'null', null],
  ['authorizationParams', 'a text', 'x'],
])('does not know a stored login whose %s is %s', (name, _what, value) => {
  const { storage, store } = createStore()
  const transaction = begin()
  storage.setItem(KEY, JSON.stringify([{ ...transaction, [name]: value }]))
  expect(store.take(transaction.state)).toBeUndefined()
})

test('neither takes nor gives away a login of another issuer or client', () => {
  const { storage, store } = createStore()
  const others = [
    { issuer: 'https://login.other.example', clientId },
    { issuer, clientId: 'other' },
  ]
  for (const other of others) {
    const transaction = begin(other)
    createTransactionStore(() => storage, other).save(transaction)
    expect(store.isOfAnotherClient(transaction.state)).toBe(true)
    expect(store.take(transaction.state)).toBeUndefined()
    const own = createTransactionStore(() => storage, other)
    expect(own.isOfAnotherClient(transaction.state)).toBe(false)
    expect(own.take(transaction.state)?.state).toBe(transaction.state)
  }
})

test('another client that is in the middle of a login does not own every state', () => {
  const { storage, store } = createStore()
  createTransactionStore(() => storage, { issuer, clientId: 'other' }).save(
    begin({ issuer, clientId: 'other' }),
  )
  expect(store.isOfAnotherClient('of-no-client')).toBe(false)
})

test('knows where a login that was finished led, until the user logs out', () => {
  const { store } = createStore()
  store.finish({ ...begin(), state: 'the-state', returnTo: '/there' })
  expect(store.findFinished('the-state')).toBe('/there')
  store.forgetFinished()
  expect(store.findFinished('the-state')).toBeUndefined()
})

test('a login that led nowhere takes no place among the five that did', () => {
  const { store } = createStore()
  const states = ['1', '2', '3', '4', '5']
  for (const state of states) store.finish({ ...begin(), state, returnTo: `/${state}` })
  store.finish(begin())
  expect(states.map(store.findFinished)).toEqual(['/1', '/2', '/3', '/4', '/5'])
})

// covers threat:tampered-storage
test('what is no text among the finished logins is not read', () => {
  const { storage, store } = createStore()
  storage.setItem('sotto:finished', JSON.stringify([['the-state', 7]]))
  expect(store.findFinished('the-state')).toBeUndefined()
})

test('what a page is finishing is kept beside the logins, and gone when it has finished', () => {
  const { storage, store } = createStore()
  store.arrive('/callback', 'the-state')
  expect([...storage.items.keys()]).toEqual(['sotto:arrived'])
  expect(store.findArrived('/callback')).toBe('the-state')
  store.depart()
  expect(store.findArrived('/callback')).toBeUndefined()
})

test('knows where the last five logins led', () => {
  const { store } = createStore()
  const transactions = Array.from({ length: 6 }, () => ({ ...begin(), returnTo: '/x' }))
  transactions.forEach(store.finish)
  expect(store.findFinished(transactions[0]!.state)).toBeUndefined()
  expect(store.findFinished(transactions[1]!.state)).toBe('/x')
})
