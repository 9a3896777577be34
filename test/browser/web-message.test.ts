import { expect, test } from 'vitest'
import { readWebMessage } from '../../src/browser/web-message.ts'
import { named } from '../support/in-words.ts'

const type = 'authorization_response'
const read = (data: unknown): readonly (readonly [string, string])[] | undefined => {
  const parameters = readWebMessage(data)
  parameters?.sort()
  return parameters && [...parameters]
}

test('reads a response of the simple mode', () => {
  const response = { code: 'c', state: 's', iss: 'i' }
  expect(read({ type, response })).toEqual([
    ['code', 'c'],
    ['iss', 'i'],
    ['state', 's'],
  ])
})

test('reads a flat response that says its type', () => {
  expect(read({ type, code: 'c', state: 's' })).toEqual([
    ['code', 'c'],
    ['state', 's'],
  ])
})

test('prefers the response to what lies beside it', () => {
  const message = { type, code: 'evil', state: 'evil', response: { error: 'e', state: 's' } }
  expect(read(message)).toEqual([
    ['error', 'e'],
    ['state', 's'],
  ])
})

test('passes tokens on, so that they are refused', () => {
  const response = { state: 's', access_token: 'a', id_token: 'i', token: 't', response: 'r' }
  expect(read({ type, response })?.map(([name]) => name)).toEqual([
    'access_token',
    'id_token',
    'response',
    'state',
    'token',
  ])
})

test('drops fields that it does not know or that are no text', () => {
  const response = {
    code: 'c',
    state: ['s'],
    iss: 5,
    error: null,
    extra: 'x',
    error_uri: 'd',
  }
  expect(read({ type, response })).toEqual([['code', 'c']])
})

// covers fault:frame-other-type
test.each(
  named<unknown>([
    undefined,
    null,
    'authorization_response',
    5,
    true,
    [],
    [{ type, code: 'c' }],
    {},
    { code: 'c', state: 's' },
    { type: 'relay_request', response: { code: 'c', state: 's' } },
    { type: 'Authorization_Response', response: { code: 'c' } },
    { type: [type], response: { code: 'c' } },
    { type },
    { type, response: null },
    { type, response: {} },
    { type, response: { extra: 'x' } },
    { type, response: [['code', 'c']] },
  ]),
)('takes %s for no response', (_, data) => {
  expect(readWebMessage(data)).toBeUndefined()
})

test('reads own fields only, at both levels', () => {
  const inherited = Object.create({ code: 'evil', state: 's' }) as object
  expect(readWebMessage({ type, response: inherited })).toBeUndefined()
  expect(readWebMessage(Object.create({ type, code: 'evil' }))).toBeUndefined()
})

// covers spec:polluted-prototype fault:prototype-data
test('does not read fields from a polluted prototype', () => {
  const polluted = Object.prototype as Record<string, unknown>
  Object.assign(polluted, { type, code: 'evil', error: 'evil', response: { code: 'evil' } })
  try {
    expect(readWebMessage({})).toBeUndefined()
    expect(readWebMessage({ type })).toBeUndefined()
    expect(readWebMessage({ type, response: { state: 's' } })?.toString()).toBe('state=s')
  } finally {
    for (const name of ['type', 'code', 'error', 'response']) delete polluted[name]
  }
})

const readOkta = (data: unknown): Record<string, string> | undefined => {
  const parameters = readWebMessage(data, 'https://login.example.com')
  return parameters && Object.fromEntries(parameters)
}

test("reads Okta's flat message, and the verified issuer stands for the one it has no room for", () => {
  const iss = 'https://login.example.com'
  expect(readOkta({ code: 'c', state: 's' })).toEqual({ code: 'c', state: 's', iss })
  const refusal = { error: 'e', error_description: 'd', state: 's' }
  expect(readOkta({ ...refusal, my_error: 'x' })).toEqual({ ...refusal, iss })
})

test("keeps the issuer that a flat message names, so that it is compared, and Okta's tokens, so that they are refused", () => {
  expect(readOkta({ code: 'c', state: 's', iss: 'other' })?.['iss']).toBe('other')
  expect(readOkta({ access_token: 'a', id_token: 'i', state: 's' })).toMatchObject({
    access_token: 'a',
    id_token: 'i',
  })
})

test.each(
  named<unknown>([
    undefined,
    'code',
    [],
    ['code'],
    {},
    { state: 's' },
    { event: 'ready', state: 's', token: 't' },
    { type, response: { code: 'c', state: 's' } },
    { type, code: 'c', state: 's' },
    { type: undefined, code: 'c', state: 's' },
    { data: { code: 'c', state: 's' } },
    { code_hint: 'c', state: 's' },
    { my_code: 'c', state: 's' },
  ]),
)('takes %s for no answer in Okta’s mode', (_, data) => {
  expect(readOkta(data)).toBeUndefined()
})
