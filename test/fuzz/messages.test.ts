import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAuthorizationResponse } from '../../src/protocol/authorization-response.ts'
import { readWebMessage } from '../../src/browser/web-message.ts'
import { anything, check, mutate, mutation, settle } from '../support/fuzz.ts'
import { issuer, makeTransaction, serverMetadata } from '../support/protocol-exchange.ts'

const transaction = makeTransaction()
const { state } = transaction
const good = { code: 'the-code', state, iss: issuer }
const fields = ['code', 'state', 'iss', 'error', 'response', 'access_token', 'id_token', 'type']

// covers fault:frame-odd-data
test('reads any message as a response of text fields, or as none', () =>
  check(anything, 500, (data) => {
    const response = readWebMessage(data)
    if (response) expect((data as { type: unknown }).type).toBe('authorization_response')
    for (const name of response?.keys() ?? []) expect(fields).toContain(name)
  }))

// covers threat:hostile-frame spec:message-shape
test('a message that is nearly right brings its own code, or an AuthError', () => {
  const message = fc.record({
    outer: mutation(['type', 'response'], anything),
    inner: mutation(fields, anything),
    isFlat: fc.boolean(),
  })
  return check(message, 500, async ({ outer, inner, isFlat }) => {
    const response = mutate(good, inner)
    const type = 'authorization_response'
    const data = mutate(isFlat ? { ...response, type } : { type, response }, outer)
    const parameters = readWebMessage(data)
    if (!parameters) return
    const outcome = await settle(() =>
      readAuthorizationResponse(serverMetadata, transaction, parameters),
    )
    if ('error' in outcome) return
    // Whatever was accepted named our state and issuer, and the code is one that the message has.
    const codes = [data['response'], data].map((source) => (Object(source) as Fields).code)
    expect(codes.map(wellFormed)).toContain(outcome.value)
    expect(parameters.get('state')).toBe(state)
    expect(parameters.get('iss')).toBe(issuer)
    for (const name of ['error', 'access_token', 'id_token', 'response'])
      expect(parameters.get(name) ?? '').toBe('')
  })
})

interface Fields {
  readonly code?: unknown
}

/** What URLs make of half a character. */
const wellFormed = (value: unknown): unknown =>
  typeof value === 'string' ? new URLSearchParams({ value }).get('value') : value
