// In Node's own environment: the requests of happy-dom do not lose their body when they are sent.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, createAuthFetch } from 'sotto'
import { API, bearer, createApi, stubPage } from '../support/api-client.ts'
import { createClient } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'
import { named } from '../support/in-words.ts'

beforeEach(stubPage)

const refused = () => new Response('expired', { status: 401 })

// covers spec:allowed-origins
test('sends the token to an allowed origin, with what the caller asked for', async () => {
  const { auth, authFetch, seen } = createApi()
  const response = await authFetch(`${API}/orders?page=2`, {
    method: 'POST',
    headers: { 'x-mine': 'yes' },
    body: 'all',
  })
  expect(await response.text()).toBe('orders')
  expect(seen).toEqual([
    {
      url: `${API}/orders?page=2`,
      authorization: bearer(await auth.getTokenSilently()),
      redirect: 'manual',
      body: 'all',
    },
  ])
})

test.each(['a string', 'a URL', 'a Request'])('takes %s', async (kind) => {
  const { authFetch, seen } = createApi()
  const url = `${API}/orders`
  const input = { 'a string': url, 'a URL': new URL(url), 'a Request': new Request(url) }[kind]
  await authFetch(input!)
  expect(seen[0]?.url).toBe(url)
  expect(seen[0]?.authorization).toMatch(/^Bearer access-token-/)
})

test('takes a Request in place of the options, as fetch does', async () => {
  const { authFetch, seen } = createApi()
  const request = new Request('https://other.example/', { method: 'POST', body: 'all' })
  await authFetch(`${API}/orders`, request)
  expect(seen).toMatchObject([{ url: `${API}/orders`, redirect: 'manual', body: 'all' }])
})

// covers spec:allowed-origins fault:api-other-origin
test.each([
  'https://evil.example/orders',
  'https://api.example.com.evil.example/',
  'https://evil.example/?https://api.example.com',
  'https://api.example.com:8443/',
  'http://api.example.com/',
  'https://sub.api.example.com/',
  'https://api.example/',
  'data:text/plain,x',
  'blob:https://api.example.com/0c3b5a4e-0000-4000-8000-000000000000',
])('refuses %s before anything is sent', async (url) => {
  const { authFetch, seen, renewal } = createApi()
  await expect(authFetch(url)).rejects.toMatchObject({
    code: 'config_invalid',
    reason: 'allowedOrigins',
  })
  expect(seen).toEqual([])
  expect(renewal.requests).toEqual([])
})

test.each([
  ['an origin with a slash at its end', ['https://api.example.com/']],
  ['an origin with a path', ['https://api.example.com/v1']],
  ['an origin in capital letters', ['https://API.example.com']],
  ['an origin with the default port', ['https://api.example.com:443']],
  ['wildcards', ['https://*.example.com', '*']],
  ['an origin over http', ['http://api.example.com']],
  ['an origin with a user', ['https://user@api.example.com']],
  ['the origin null', ['null']],
  ['an origin and a number', [API, 5]],
  ['an origin outside of a list', 'https://api.example.com'],
  ['undefined', undefined],
])('refuses %s as the allowedOrigins', (_, allowedOrigins) => {
  const { auth } = createClient()
  const create = () => createAuthFetch(auth, { allowedOrigins: allowedOrigins as string[] })
  expect(create).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'allowedOrigins' }),
  )
})

test.each(named([5, 0, '', {}]))('refuses %s as the fetch', (_, send) => {
  const { auth } = createClient()
  const options = { allowedOrigins: [API], fetch: send as unknown as typeof fetch }
  expect(() => createAuthFetch(auth, options)).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'fetch' }),
  )
})

test('takes http for this machine', async () => {
  const { authFetch, seen } = createApi({ allowedOrigins: ['http://localhost:4000'] })
  await authFetch('http://localhost:4000/orders')
  expect(seen).toHaveLength(1)
})

test('an origin that is added later is not allowed', async () => {
  const allowedOrigins = [API]
  const { authFetch, seen } = createApi({ allowedOrigins })
  allowedOrigins.push('https://evil.example')
  await expect(authFetch('https://evil.example/')).rejects.toMatchObject({ code: 'config_invalid' })
  expect(seen).toEqual([])
})

test("refuses a request with an Authorization header of the caller's", async () => {
  const { authFetch, seen } = createApi()
  const call = authFetch(`${API}/orders`, { headers: { AUTHORIZATION: 'Basic eDp5' } })
  await expect(call).rejects.toMatchObject({ code: 'config_invalid', reason: 'authorization' })
  expect(seen).toEqual([])
})

test('asks for the token that it was told to', async () => {
  const { authFetch, renewal } = createApi({ scope: 'orders', audience: API })
  await authFetch(`${API}/orders`)
  expect(renewal.requests).toMatchObject([{ scope: 'openid orders', audience: API }])
})

// covers fault:api-401
test('renews once after a 401, and sends the same again', async () => {
  const { auth, authFetch, seen, renewal } = createApi({}, refused)
  const old = await auth.getTokenSilently()
  const response = await authFetch(`${API}/orders`, { method: 'PUT', body: 'all' })
  expect(response.status).toBe(200)
  const token = await auth.getTokenSilently()
  expect(token).not.toBe(old)
  expect(seen.map(({ authorization }) => authorization)).toEqual([bearer(old), bearer(token)])
  expect(seen.map(({ body, redirect }) => body + redirect)).toEqual(['allmanual', 'allmanual'])
  expect(renewal.requests).toHaveLength(2)
})

// covers fault:api-401
test('a fetch that has read the body of a 401 is in nobody’s way', async () => {
  const { authFetch, seen } = createApi({
    async fetch(input) {
      seen.push(input as never)
      if (seen.length > 1) return new Response('orders')
      const response = refused()
      // As one that writes a log does.
      await response.text()
      return response
    },
  })
  expect((await authFetch(`${API}/orders`)).status).toBe(200)
})

test('gives a second 401 back', async () => {
  const { authFetch, seen } = createApi({}, refused, refused)
  const response = await authFetch(`${API}/orders`)
  expect(response.status).toBe(401)
  expect(await response.text()).toBe('expired')
  expect(seen).toHaveLength(2)
})

test.each([400, 403, 404, 500, 503])('gives a %d back without another try', async (status) => {
  const { authFetch, seen } = createApi({}, () => new Response('', { status }))
  expect((await authFetch(`${API}/orders`)).status).toBe(status)
  expect(seen).toHaveLength(1)
})

test('many calls that are refused at once make one renewal', async () => {
  const { authFetch, renewal, seen } = createApi({}, refused, refused, refused)
  await Promise.all([1, 2, 3].map((order) => authFetch(`${API}/orders/${order}`)))
  expect(renewal.requests).toHaveLength(2)
  expect(seen).toHaveLength(6)
})

// covers fault:api-401
test('an API that refuses every token is not given a new one for each call', async () => {
  const refusals = Array.from({ length: 20 }, () => refused)
  const { authFetch, renewal, seen } = createApi({}, ...refusals)
  for (let call = 0; call < 5; call++) expect((await authFetch(`${API}/orders`)).status).toBe(401)
  // That of the first call, and the one that came in its place.
  expect(renewal.requests).toHaveLength(2)
  expect(seen).toHaveLength(6)
  const later = performance.now() + 10_000
  vi.spyOn(performance, 'now').mockImplementation(() => later)
  await authFetch(`${API}/orders`)
  expect(renewal.requests).toHaveLength(3)
})

// covers fault:api-401
test('nor are two APIs that refuse every token at once', async () => {
  const { auth, renewal } = createClient()
  const fetch = async () => refused()
  const targets = [{}, { audience: 'https://billing.example.com' }]
  const apis = targets.map((target) =>
    createAuthFetch(auth, { allowedOrigins: [API], fetch, ...target }),
  )
  for (let round = 0; round < 3; round++) await Promise.all(apis.map((api) => api(API)))
  // For each that of the first call, and the one that came in its place.
  expect(renewal.requests).toHaveLength(4)
})

test('a call whose 401 comes late takes the token that another has got', async () => {
  let answer!: (response: Response) => void
  const late = new Promise<Response>((resolve) => (answer = resolve))
  const tokens: (string | null)[] = []
  const { auth, authFetch, renewal } = createApi({
    fetch: async (input) => {
      tokens.push((input as Request).headers.get('authorization'))
      if (tokens.length === 1) return late
      return tokens.length === 2 ? refused() : new Response('orders')
    },
  })
  const first = authFetch(`${API}/orders`)
  await authFetch(`${API}/customers`)
  answer(refused())
  await first
  expect(renewal.requests).toHaveLength(2)
  expect(tokens.at(-1)).toBe(bearer(await auth.getTokenSilently()))
})

const streamed = (): RequestInit => {
  // Node asks for `duplex`, which the types of the DOM do not know.
  const init = { method: 'POST', body: new Blob(['all']).stream(), duplex: 'half' }
  return init
}

test.each<[string, () => [RequestInfo, RequestInit?]]>([
  ['a stream', () => [`${API}/orders`, streamed()]],
  ['a Request with a body', () => [new Request(`${API}/orders`, { method: 'POST', body: 'all' })]],
])('gives the 401 back, whole, where the body was %s', async (_name, prepare) => {
  const { authFetch, seen, renewal } = createApi({}, refused)
  const response = await authFetch(...prepare())
  expect([response.status, await response.text()]).toEqual([401, 'expired'])
  expect(seen.map(({ body }) => body)).toEqual(['all'])
  expect(renewal.requests).toHaveLength(1)
})

// covers spec:allowed-origins fault:api-redirect
test.each([301, 302, 303, 307, 308])('does not follow a %d with the token', async (status) => {
  const moved = () => new Response(null, { status, headers: { location: 'https://evil.example' } })
  const { authFetch, seen } = createApi({}, moved)
  await expect(authFetch(`${API}/orders`, { redirect: 'follow' })).rejects.toMatchObject({
    code: 'server_error',
    reason: 'redirect',
  })
  expect(seen).toMatchObject([{ redirect: 'manual' }])
})

test('gives a 304 back', async () => {
  const { authFetch } = createApi({}, () => new Response(null, { status: 304 }))
  expect((await authFetch(`${API}/orders`)).status).toBe(304)
})

test('rejects as getTokenSilently does, and sends nothing', async () => {
  const seen: unknown[] = []
  const { auth } = createClient({}, { renewal: createRenewal(loginRequired()) })
  const authFetch = createAuthFetch(auth, {
    allowedOrigins: [API],
    fetch: async (input) => {
      seen.push(input)
      return new Response()
    },
  })
  await expect(authFetch(`${API}/orders`)).rejects.toMatchObject({ code: 'login_required' })
  expect(seen).toEqual([])
})

test('rejects with the reason of the renewal that a 401 has led to', async () => {
  const { authFetch, renewal, auth } = createApi({}, refused)
  await auth.getTokenSilently()
  renewal.answers.push(new AuthError('login_required'))
  await expect(authFetch(`${API}/orders`)).rejects.toMatchObject({ code: 'login_required' })
})

test("keeps the caller's signal", async () => {
  const { authFetch, renewal } = createApi()
  const release = renewal.hold()
  const caller = new AbortController()
  const reason = new Error('unmounted')
  const outcome = expect(authFetch(`${API}/orders`, { signal: caller.signal })).rejects.toBe(reason)
  caller.abort(reason)
  await outcome
  release()
})

test('a network error stays what fetch makes of it', async () => {
  const error = new TypeError('Failed to fetch')
  const { authFetch } = createApi({ fetch: () => Promise.reject(error) })
  await expect(authFetch(`${API}/orders`)).rejects.toBe(error)
})
