import { afterEach, expect, test, vi } from 'vitest'
import { createAuthorizationServer } from 'sotto/testing'
import { AuthError } from '../../src/errors.ts'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { failure, outcome } from '../support/protocol-exchange.ts'

const url = 'https://login.example/token'
const never = new Promise<never>(() => {})

afterEach(() => {
  vi.useRealTimers()
})

// covers threat:talking-addresses spec:no-cookie-no-referrer
// covers spec:polluted-prototype
// covers fault:cached-answers
test('uses the fetch of the page at the time of the call if the app brings none', async () => {
  const bounded = createBoundedFetch(undefined, 1000)
  vi.stubGlobal('fetch', async () => new Response('later'))
  expect(await (await bounded(url)).text()).toBe('later')
})

test('gives the body, the status and nothing else', async () => {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'www-authenticate': 'Basic' }
  const bounded = createBoundedFetch(
    async () => new Response('{"a":1}', { status: 400, headers }),
    1000,
  )
  const response = await bounded(url)
  expect(response.status).toBe(400)
  expect([...response.headers]).toEqual([['content-type', 'application/json']])
  expect(await response.json()).toEqual({ a: 1 })
})

test.each([
  ['application/json', 'application/json'],
  ['APPLICATION/JSON ;charset=x', 'application/json'],
  ['application/problem+json', 'application/json'],
  ['application/vnd.api.v1+json', 'application/json'],
  ['application/jsonp', 'text/plain'],
  ['text/html', 'text/plain'],
  ['text/json', 'text/plain'],
  ['text/plain; a="application/json"', 'text/plain'],
  ['', 'text/plain'],
])('calls the content type “%s” %s', async (given, type) => {
  const headers = { 'content-type': given }
  const bounded = createBoundedFetch(async () => new Response('{}', { headers }), 1000)
  expect((await bounded(url)).headers.get('content-type')).toBe(type)
})

test.each([200, 201, 204, 299, 400, 401, 404, 428, 499])(
  'lets the status %d through',
  async (status) => {
    const body = status === 204 ? null : 'x'
    const bounded = createBoundedFetch(async () => new Response(body, { status }), 1000)
    expect((await bounded(url)).status).toBe(status)
  },
)

test.each([429, 500, 502, 503, 599])(
  'refuses the status %d as one to try later',
  async (status) => {
    const bounded = createBoundedFetch(async () => new Response('x', { status }), 1000)
    expect(await failure(bounded(url))).toMatchObject({
      code: 'server_error',
      status,
      retryable: true,
    })
  },
)

test.each([
  ['120', 120],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30],
  ['999999999', 86_400],
  ['0', undefined],
  ['-1', undefined],
  ['Wed, 21 Oct 2026 07:27:00 GMT', undefined],
  ['soon', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
])('reads from Retry-After: %s how long to wait', async (value, seconds) => {
  vi.useFakeTimers({ now: Date.parse('2026-10-21T07:28:00Z') })
  const headers = { 'retry-after': value }
  const bounded = createBoundedFetch(async () => new Response('x', { status: 429, headers }), 1000)
  expect((await failure(bounded(url))).retryAfterSeconds).toBe(seconds)
})

test.each([301, 302, 303, 304, 307, 308])('refuses the redirect %d', async (status) => {
  const bounded = createBoundedFetch(async () => new Response(null, { status }), 1000)
  expect(await outcome(bounded(url))).toBe('server_error/redirect')
})

test('refuses the opaque redirect of browsers', async () => {
  const bounded = createBoundedFetch(async () => Response.error(), 1000)
  expect(await outcome(bounded(url))).toBe('server_error/redirect')
})

// covers threat:hostile-server spec:token-endpoint-redirect
test('never goes where a redirect leads', async () => {
  const server = createAuthorizationServer({ issuer: 'https://login.example' })
  server.control.addFault({
    endpoint: 'token',
    name: 'redirect',
    status: 307,
    location: 'https://evil.example/',
  })
  const asked: string[] = []
  const bounded = createBoundedFetch(async (input, init) => {
    const request = new Request(input, init)
    asked.push(request.url)
    const response = await server.fetch(request)
    const location = response.headers.get('location')
    // As `fetch` does.
    if (!location || request.redirect === 'manual') return response
    asked.push(location)
    return new Response('stolen')
  }, 1000)
  const attempt = bounded(url, { method: 'POST', body: 'code=secret' })
  expect(await outcome(attempt)).toBe('server_error/redirect')
  expect(asked).toEqual([url])
})

const endless = (onPull: () => void = () => {}, onCancel: () => void = () => {}) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      onPull()
      controller.enqueue(new Uint8Array(65_536))
    },
    cancel: onCancel,
  })

// covers threat:input-without-measure spec:bounded-requests fault:token-huge
test('stops reading a body at one megabyte', async () => {
  const [onPull, onCancel] = [vi.fn(), vi.fn()]
  const bounded = createBoundedFetch(async () => new Response(endless(onPull, onCancel)), 1000)
  expect(await outcome(bounded(url))).toBe('response_too_large')
  // 16 make the megabyte; one is too many, and one or two are read ahead.
  expect(onPull.mock.calls.length).toBeLessThan(20)
  expect(onCancel).toHaveBeenCalled()
})

test('reads a body of exactly one megabyte', async () => {
  const bounded = createBoundedFetch(async () => new Response(new Uint8Array(1_048_576)), 1000)
  expect((await (await bounded(url)).arrayBuffer()).byteLength).toBe(1_048_576)
  const more = createBoundedFetch(async () => new Response(new Uint8Array(1_048_577)), 1000)
  expect(await outcome(more(url))).toBe('response_too_large')
})

test('does not trust a content length', async () => {
  const headers = { 'content-length': '5' }
  const bounded = createBoundedFetch(async () => new Response(endless(), { headers }), 1000)
  expect(await outcome(bounded(url))).toBe('response_too_large')
})

// covers threat:failing-network spec:bounded-requests
test('aborts a request that takes longer than the deadline', async () => {
  vi.useFakeTimers()
  let signal: AbortSignal | null | undefined
  const bounded = createBoundedFetch(async (_url, init) => {
    signal = init?.signal
    return never
  }, 1000)
  const attempt = failure(bounded(url))
  await vi.advanceTimersByTimeAsync(999)
  expect(signal?.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await attempt).toMatchObject({ code: 'timeout', retryable: true })
  expect(signal?.aborted).toBe(true)
})

test('reads no body that comes after the deadline', async () => {
  vi.useFakeTimers()
  const onPull = vi.fn()
  const late = new Promise((resolve) => setTimeout(resolve, 2000))
  const send = () => late.then(() => new Response(endless(onPull)))
  const bounded = createBoundedFetch(send, 1000)
  const attempt = outcome(bounded(url))
  await vi.advanceTimersByTimeAsync(2000)
  expect(await attempt).toBe('timeout')
  expect(onPull.mock.calls.length).toBeLessThan(3)
})

test('counts the body into the deadline, also where it does not obey the signal', async () => {
  vi.useFakeTimers()
  const cancel = vi.fn()
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
    pull: () => never,
    cancel,
  })
  const attempt = outcome(createBoundedFetch(async () => new Response(body), 1000)(url))
  await vi.advanceTimersByTimeAsync(1000)
  expect(await attempt).toBe('timeout')
  expect(cancel).toHaveBeenCalled()
})

test('gives up on a server that sends one byte after the other', async () => {
  const server = createAuthorizationServer({ issuer: 'https://login.example' })
  server.control.addFault({ endpoint: 'jwks', name: 'slowBody', ms: 1000 })
  const bounded = createBoundedFetch(server.fetch, 300)
  expect(await outcome(bounded('https://login.example/jwks'))).toBe('timeout')
})

test('takes a body that breaks off for a network error', async () => {
  const server = createAuthorizationServer({ issuer: 'https://login.example', signingAlg: 'ES256' })
  server.control.addFault({ endpoint: 'jwks', name: 'truncated' })
  const bounded = createBoundedFetch(server.fetch, 20_000)
  expect(await outcome(bounded('https://login.example/jwks'))).toBe('network_error')
})

test('leaves no timer, however a request ends', async () => {
  vi.useFakeTimers()
  const ends: readonly (() => Promise<Response>)[] = [
    async () => new Response('x'),
    async () => new Response('x', { status: 500 }),
    async () => Promise.reject(new TypeError('Failed to fetch')),
    async () => new Response(endless()),
  ]
  for (const end of ends) {
    await createBoundedFetch(end, 1000)(url).catch(() => {})
    expect(vi.getTimerCount()).toBe(0)
  }
})

const odd: readonly [title: string, send: () => unknown][] = [
  ['rejects with a TypeError', () => Promise.reject(new TypeError('Failed to fetch secret'))],
  ['rejects with a DOMException', () => Promise.reject(new DOMException('secret', 'AbortError'))],
  ['rejects with a string', () => Promise.reject('secret')],
  ['rejects with undefined', () => Promise.reject(undefined)],
  [
    'throws at once',
    () => {
      throw new Error('secret')
    },
  ],
  ['gives undefined', () => undefined],
  ['gives null', async () => null],
  ['gives a string', async () => 'secret'],
  ['gives no headers', async () => ({ status: 200, body: null })],
  ['gives a body that is a string', async () => ({ ...headersOnly, status: 200, body: 'secret' })],
  ['gives a status that is none', async () => ({ ...headersOnly, status: NaN, body: null })],
  ['gives a used body', usedResponse],
]

const headersOnly = { headers: new Headers() }

async function usedResponse(): Promise<Response> {
  const response = new Response('secret')
  await response.text()
  return response
}

// covers fault:fetch-replaced
const post = {
  method: 'POST',
  headers: { authorization: 'Bearer token-of-alice' },
  body: new URLSearchParams({
    client_id: 'app',
    code: 'secret',
    code_verifier: 'ver/ifier',
  }),
}

test.each(odd)('says network_error, and no more, if fetch %s', async (_title, send) => {
  const error = await failure(createBoundedFetch(send as never, 1000)(url, post))
  expect(error).toMatchObject({ code: 'network_error', retryable: true })
  const cause = error.cause as Error | undefined
  expect(`${error.message}${JSON.stringify(error)}${cause}${cause?.stack}`).not.toContain('secret')
})

test('lets the errors of this library through', async () => {
  const error = new AuthError('insecure_context')
  const bounded = createBoundedFetch(async () => Promise.reject(error), 1000)
  await expect(bounded(url)).rejects.toBe(error)
})

const PRIVATE_URL = `${url}?code=secret#secret`

test.each<[string, () => Promise<Response>, object]>([
  ['a status', async () => new Response('', { status: 503 }), { status: 503 }],
  ['a redirect', async () => Response.redirect('https://x.example'), { reason: 'redirect' }],
  ['no answer in time', () => never, { code: 'timeout' }],
])('says which URL gave %s, without its query', async (_what, send, expected) => {
  const error = await failure(createBoundedFetch(send, 10)(PRIVATE_URL))
  expect(error).toMatchObject({ ...expected, evidence: { asked: url } })
  expect(error.message).toContain(`, asked ${url}. `)
})

test('says what the browser does not tell apart where there was no answer', async () => {
  vi.stubGlobal('origin', 'https://app.example')
  const bounded = createBoundedFetch(async () => Promise.reject(new TypeError('x')), 1000)
  const { message, evidence } = await failure(bounded(PRIVATE_URL))
  expect(evidence).toEqual({
    asked: url,
    origin: 'https://app.example',
    alternative: 'cors_or_csp',
  })
  expect(message).toContain(`asked ${url}, origin https://app.example, alternative cors_or_csp.`)
})
