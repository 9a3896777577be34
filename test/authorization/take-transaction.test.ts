// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { takeTransaction } from '../../src/authorization/take-transaction.ts'
import { createTransactionStore } from '../../src/authorization/transaction-store.ts'
import { AuthError } from '../../src/errors.ts'
import { preparePage } from '../support/flow-client.ts'
import { createTransactionStorage } from '../support/flow-storage.ts'
import { clientId, issuer, makeTransaction } from '../support/protocol-exchange.ts'

beforeEach(preparePage)

/** What becomes of a login whose place to return to another script has changed to this. */
function takeWith(returnTo: string | undefined) {
  const storage = createTransactionStorage()
  const store = createTransactionStore(() => storage, { issuer, clientId })
  const transaction = { ...makeTransaction(), ...(returnTo !== undefined && { returnTo }) }
  store.save(transaction)
  const onForeignReturn = vi.fn()
  const { state } = transaction
  const parameters = new URLSearchParams({ state, code: 'code' })
  const taken = takeTransaction(store, parameters, state, onForeignReturn)
  if (taken instanceof AuthError) throw taken
  return { taken, warned: onForeignReturn.mock.calls.length, finished: store.findFinished(state) }
}

test('a login leads to where it was begun', () => {
  const place = `${location.origin}/orders`
  expect(takeWith(place)).toMatchObject({ taken: { returnTo: place }, warned: 0, finished: place })
})

test('a login that leads nowhere is one all the same', () => {
  const { taken, warned } = takeWith(undefined)
  expect([taken.returnTo, warned]).toEqual([undefined, 0])
})

// covers threat:tampered-storage
test('a place on another origin is dropped, with a warning', () => {
  const { taken, warned, finished } = takeWith('https://evil.example/')
  expect([taken.returnTo, warned, finished]).toEqual([undefined, 1, undefined])
})
