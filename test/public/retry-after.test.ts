// In Node's own environment: the requests of happy-dom do not lose their body when they are sent.
import { createAuthFetch } from 'sotto'
import { fakeAuth } from 'sotto/testing'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { API, createApi, stubPage, type ApiAnswer } from '../support/api-client.ts'

beforeEach(() => {
  stubPage()
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
})

const busy =
  (retryAfter?: string, status = 429): ApiAnswer =>
  () =>
    new Response('busy', { status, ...(retryAfter && { headers: { 'retry-after': retryAfter } }) })

test.each([
  ['in seconds', '2'],
  ['with a date', new Date(Date.now() + 1_000_000).toUTCString()],
])('sends a request again when a Retry-After %s is over', async (_, retryAfter) => {
  vi.setSystemTime(Date.parse(retryAfter) > 3 ? Date.parse(retryAfter) - 2000 : Date.now())
  const { authFetch, seen } = createApi({}, busy(retryAfter))
  const response = authFetch(`${API}/orders`, { method: 'POST', body: 'all' })
  await vi.advanceTimersByTimeAsync(1900)
  expect(seen).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(200)
  expect((await response).status).toBe(200)
  expect(seen.map(({ body }) => body)).toEqual(['all', 'all'])
})

test.each([
  ['says nothing of when', busy(), {}],
  ['says nothing that can be read', busy('soon'), {}],
  ['asks for more than ten seconds', busy('11'), {}],
  ['asks for more than the app has chosen', busy('2'), { maxRetryAfterSeconds: 1 }],
  ['must not be waited for', busy('1'), { maxRetryAfterSeconds: 0 }],
  ['is no 429', busy('1', 503), {}],
])('gives an answer back that %s', async (_what, answer, options) => {
  const { authFetch, seen } = createApi(options, answer)
  const response = await authFetch(`${API}/orders`)
  expect(await response.text()).toBe('busy')
  expect(seen).toHaveLength(1)
})

test.each([
  ['an answer without a Retry-After', busy()],
  ['an answer that is no 429', busy('1', 201)],
])('%s is sent once, too, where any time is waited for', async (_, answer) => {
  const { authFetch, seen } = createApi({ maxRetryAfterSeconds: Infinity }, answer)
  const response = authFetch(`${API}/orders`, { method: 'POST', body: 'all' })
  await vi.advanceTimersByTimeAsync(100)
  expect(await (await response).text()).toBe('busy')
  expect(seen).toHaveLength(1)
})

// covers fault:api-429
test('waits once', async () => {
  const { authFetch, seen } = createApi({}, busy('1'), busy('1'))
  const response = authFetch(`${API}/orders`)
  await vi.advanceTimersByTimeAsync(1000)
  expect((await response).status).toBe(429)
  expect(seen).toHaveLength(2)
})

test('who has logged out while it waited is not asked for again', async () => {
  const auth = fakeAuth({ user: { sub: 'alice' } })
  const send = vi.fn(async () => busy('5')(null))
  const authFetch = createAuthFetch(auth, { allowedOrigins: [API], fetch: send })
  const outcome = expect(authFetch(`${API}/orders`)).rejects.toMatchObject({ code: 'logged_out' })
  await vi.advanceTimersByTimeAsync(1000)
  await auth.logout()
  await vi.advanceTimersByTimeAsync(5000)
  await outcome
  expect(send).toHaveBeenCalledTimes(1)
})

test('a caller that gives up does not wait', async () => {
  const { authFetch, seen } = createApi({}, busy('5'))
  const caller = new AbortController()
  const response = authFetch(`${API}/orders`, { signal: caller.signal })
  const reason = new Error('unmounted')
  const outcome = expect(response).rejects.toBe(reason)
  await vi.advanceTimersByTimeAsync(1000)
  caller.abort(reason)
  await outcome
  expect(vi.getTimerCount()).toBe(0)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(seen).toHaveLength(1)
})

test.each([-1, NaN, 'soon'])('refuses the maxRetryAfterSeconds %s', (seconds) => {
  expect(() => createApi({ maxRetryAfterSeconds: seconds as number })).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'maxRetryAfterSeconds' }),
  )
})
