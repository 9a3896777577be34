import { expect, test } from 'vitest'
import { AuthError } from '../../src/errors.ts'
import { createKeySource } from '../../src/protocol/json-web-keys.ts'
import { withPollution } from '../support/polluted-prototype.ts'
import { failure } from '../support/protocol-exchange.ts'
import { wholeFetch } from '../support/whole-response.ts'

const url = 'https://login.example/jwks'

/** A source whose n-th request is answered with a key named n, and what it asked. */
const createSource = (now: () => number = () => 0) => {
  const asked: (RequestInit | undefined)[] = []
  const failures: AuthError[] = []
  const source = createKeySource(
    url,
    wholeFetch(async (_url, init) => {
      asked.push(init)
      const error = failures.shift()
      if (error) throw error
      return Response.json({ keys: [{ kid: String(asked.length) }] })
    }),
    now,
  )
  return { source, asked, failures }
}

test('asks once for many, and keeps the answer', async () => {
  const { source, asked } = createSource()
  const answers = await Promise.all(Array.from({ length: 10 }, () => source.get()))
  expect(await source.get()).toBe(answers[0])
  // Without options: the HTTP cache may answer.
  expect(asked).toEqual([undefined])
})

test('asks past the HTTP cache for fresh keys, and keeps those', async () => {
  const { source, asked } = createSource()
  await source.get()
  expect(await source.refresh()).toEqual({ keys: [{ kid: '2' }] })
  expect(asked[1]).toEqual({ cache: 'no-cache' })
  expect(await source.get()).toEqual({ keys: [{ kid: '2' }] })
})

test('gives fresh keys that are on their way to all who need them', async () => {
  const { source, asked } = createSource()
  await source.get()
  const answers = await Promise.all([source.refresh(), source.refresh(), source.get()])
  expect(answers).toEqual(Array.from({ length: 3 }, () => ({ keys: [{ kid: '2' }] })))
  expect(asked).toHaveLength(2)
})

test('counts a failed refresh as well: a server in trouble is not stormed', async () => {
  let now = 0
  const { source, asked, failures } = createSource(() => now)
  await source.get()
  failures.push(new AuthError('timeout'))
  expect(await failure(source.refresh()!)).toMatchObject({ code: 'timeout' })
  now = 59_999
  expect(source.refresh()).toBeUndefined()
  now = 60_000
  await expect(source.refresh()).resolves.toBeDefined()
  expect(asked).toHaveLength(3)
})

test.each([
  ['network_error', {}, 2],
  ['server_error', { status: 500 }, 2],
  ['server_error', { status: 503, retryAfterSeconds: 1 }, 1],
  ['timeout', {}, 1],
] as const)('meets a %s %o with %d requests in all', async (code, details, requests) => {
  const { source, asked, failures } = createSource()
  failures.push(new AuthError(code, details), new AuthError(code, details))
  expect(await failure(source.get())).toMatchObject({ code })
  expect(asked.slice(1)).toEqual(Array.from({ length: requests - 1 }, () => ({ cache: 'reload' })))
})

test('asks once more where a page came in place of the keys', async () => {
  const answers = [new Response('<p>Back in a moment'), Response.json({ keys: [{ kid: 'a' }] })]
  const source = createKeySource(
    url,
    wholeFetch(async () => answers.shift()!),
    () => 0,
  )
  expect(await source.get()).toEqual({ keys: [{ kid: 'a' }] })
})

test('takes no keys from a prototype', async () => {
  const source = createKeySource(
    url,
    wholeFetch(async () => Response.json({})),
    () => 0,
  )
  const error = await withPollution({ keys: [] }, () => failure(source.get()))
  expect(error).toMatchObject({ code: 'response_invalid', reason: 'jwks' })
})
