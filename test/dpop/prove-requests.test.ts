import { expect, test } from 'vitest'
import { proveRequests } from '../../src/dpop/prove-requests.ts'

const url = 'https://login.example.com/token'
const grant = { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token' }) }

/** A `fetch` that proves with `the-proof`, over one that fails so. */
const failWith = (error: unknown): typeof fetch =>
  proveRequests(
    () => Promise.reject(error),
    (attempt) => attempt([['dpop', 'the-proof']]),
  )

// covers spec:no-secret-leaves
test('hands no error on that quotes the proof', async () => {
  const error = new TypeError('failed: dpop: the-proof')
  const thrown: unknown = await failWith(error)(url, grant).catch((caught: unknown) => caught)
  expect(thrown).toBeInstanceOf(TypeError)
  expect(String(thrown)).not.toContain('the-proof')
})

test.each([new TypeError('offline'), 'no error at all'])('hands %s on as it is', async (error) => {
  await expect(failWith(error)(url, grant)).rejects.toBe(error)
})

test.each([
  ['a grant', grant, ['dpop']],
  [
    'a request with an access token',
    { headers: { authorization: 'Bearer a' } },
    ['authorization', 'dpop'],
  ],
  [
    'a request with another scheme',
    { headers: { authorization: 'Basic Bearer a' } },
    ['authorization'],
  ],
  ['a request for what is public', {}, []],
])('%s', async (_, init, expected) => {
  let seen = new Headers()
  const send = proveRequests(
    async (_url, given) => {
      seen = new Headers(given?.headers)
      return new Response(null)
    },
    (attempt) => attempt([['dpop', 'the-proof']]),
  )
  await send(url, init)
  expect([...seen.keys()].filter((name) => name !== 'content-type')).toEqual(expected)
})
