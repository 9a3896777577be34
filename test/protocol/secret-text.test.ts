import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import type { AuthError } from '../../src/errors.ts'
import { secretsOf } from '../../src/protocol/secret-text.ts'
import { failure } from '../support/protocol-exchange.ts'

const url = 'https://login.example/token'

const post = {
  method: 'POST',
  headers: { authorization: 'Bearer token-of-alice' },
  body: new URLSearchParams({
    client_id: 'app',
    code: 'the-code',
    code_verifier: 'ver/ifier',
  }),
}

const failWith = (error: unknown, init: RequestInit = post): Promise<AuthError> =>
  failure(createBoundedFetch(() => Promise.reject(error), 1000)(url, init))

const harmless: readonly [title: string, error: Error][] = [
  ['of the browser', new TypeError('Failed to fetch')],
  ['that is a DOMException', new DOMException('The user aborted a request.', 'AbortError')],
  ['with a cause', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
  ['of another realm', runInNewContext("new TypeError('x', { cause: new Error('y') })") as Error],
  ['with members', Object.assign(new Error('x'), { status: 5, nothing: null, app: 'app' })],
]

test.each(harmless)('keeps an error %s as the cause', async (_title, error) => {
  expect((await failWith(error)).cause).toBe(error)
})

const circular = new Error('x')
circular.cause = circular

const inherits = (members: object): object =>
  Object.assign(Object.create(Error.prototype) as object, members)

const telling: readonly [title: string, error: unknown][] = [
  ['whose message quotes a code', new Error('no answer for code=the-code')],
  ['whose message quotes a verifier', new Error('no answer for ver/ifier')],
  ['whose message quotes a verifier as it was sent', new Error('code_verifier=ver%2Fifier')],
  ['whose message quotes a token of a header', new Error('Bearer token-of-alice')],
  ['whose name does', Object.assign(new Error('x'), { name: 'the-code' })],
  ['whose stack does', Object.assign(new Error('x'), { stack: 'at the-code' })],
  ['with a member that does', Object.assign(new Error('x'), { url: 'the-code' })],
  ['with a member that is an object', Object.assign(new Error('x'), { a: { b: 'the-code' } })],
  [
    'with a hidden member that does',
    Object.defineProperty(new Error('x'), 'a', { value: 'the-code' }),
  ],
  [
    'with a member by symbol that does',
    Object.assign(new Error('x'), { [Symbol('a')]: 'the-code' }),
  ],
  [
    'of another realm with a cause that does',
    runInNewContext("new TypeError('x', { cause: new Error('the-code') })"),
  ],
  ['with a cause that does', new Error('x', { cause: new Error('the-code') })],
  ['with the request', Object.assign(new Error('x'), { request: new Request(url, post) })],
  ['with a function', Object.assign(new Error('x'), { retry: () => 'the-code' })],
  ['that is its own cause', circular],
  ['that says so as a text', Object.assign(new Error('x'), { toString: () => 'the-code' })],
  ['whose inherited stack does', Object.create(inherits({ stack: 'at the-code' }))],
  ['whose inherited name does', Object.create(inherits({ name: 'the-code' }))],
  ['that does not let itself be read', new Proxy(new Error('x'), { get: () => expect.fail() })],
  ['that is no error', 'x'],
]

test.each(telling)('keeps no error %s', async (_title, error) => {
  expect((await failWith(error)).cause).toBeUndefined()
})

test('keeps the cause of a request that has no secret, whatever is in it', async () => {
  const error = Object.assign(new Error('x'), { request: new Request(url) })
  expect((await failWith(error, {})).cause).toBe(error)
})

test.each([
  ['client_id', false],
  ['scope', false],
  ['token_type_hint', false],
  ['subject_token_type', false],
  ['token_type', false],
  ['requested_token_type', false],
  ['my_scope', true],
  ['scope_of_mine', true],
  ['client_id_2', true],
  ['subject_token', true],
])('the parameter %s may be a secret: %s', (name, isSecret) => {
  const secrets = secretsOf({ body: new URLSearchParams({ [name]: 'x' }) })
  expect(secrets).toEqual(isSecret ? ['x'] : [])
})

test.each([
  ['Bearer the-token', ['the-token']],
  ['the-token', ['the-token']],
])('the secret of the header %s is %s', (authorization, secrets) => {
  expect(secretsOf({ headers: { authorization } })).toEqual(secrets)
})
