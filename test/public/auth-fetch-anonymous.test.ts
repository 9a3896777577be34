// In Node's own environment: the requests of happy-dom do not lose their body when they are sent.
import { beforeEach, expect, test, vi } from 'vitest'
import { AuthError, createAuthFetch, type AuthFetchOptions } from 'sotto'
import { createClient } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

const API = 'https://api.example.com'

beforeEach(() => {
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener() {} })
  vi.stubGlobal('location', new URL('http://localhost:3000/'))
  vi.stubGlobal('addEventListener', () => {})
})

/** An API that answers everything, and a client that is signed in. */
function createApi(options: Partial<AuthFetchOptions> = {}) {
  const { auth } = createClient()
  const seen: Request[] = []
  const fetch = async (input: RequestInfo | URL) => {
    seen.push(input as Request)
    return new Response('orders')
  }
  return {
    auth,
    seen,
    authFetch: createAuthFetch(auth, { allowedOrigins: [API], fetch, ...options }),
  }
}

const authorizationOf = ({ headers }: Request): string | null => headers.get('authorization')

test("'self' is the page's own origin", async () => {
  const { auth, authFetch, seen } = createApi({ allowedOrigins: ['self'] })
  await authFetch('http://localhost:3000/api/orders')
  expect(seen.map(authorizationOf)).toEqual([`Bearer ${await auth.getTokenSilently()}`])
  await expect(authFetch(`${API}/orders`)).rejects.toMatchObject({ reason: 'allowedOrigins' })
})

// covers fault:api-cached
test.each<[string, RequestInfo, RequestInit | undefined, RequestCache]>([
  ['by itself', `${API}/a`, undefined, 'no-cache'],
  ['with an undefined mode', `${API}/a`, { cache: undefined } as object, 'no-cache'],
  ['as the call says', `${API}/a`, { cache: 'force-cache' }, 'force-cache'],
  ['as the request says', new Request(`${API}/a`, { cache: 'reload' }), undefined, 'reload'],
  ['as a request in its place says', `${API}/a`, new Request(API, { cache: 'reload' }), 'reload'],
])(
  'asks past what the HTTP cache has for another user: %s',
  async (_who, input, init, expected) => {
    const modes: RequestCache[] = []
    const fetch = async (request: RequestInfo | URL) => {
      modes.push((request as Request).cache)
      return new Response('orders')
    }
    const { authFetch } = createApi({ fetch })
    await authFetch(input, init)
    expect(modes).toEqual([expected])
  },
)

test('where no user is signed in, the request is sent without a token if the app says so', async () => {
  const renewal = createRenewal(loginRequired())
  const { auth } = createClient({ onLoginRequired: 'redirect' }, { renewal })
  const seen: (string | null)[] = []
  const authFetch = createAuthFetch(auth, {
    allowedOrigins: [API],
    anonymous: 'send',
    async fetch(input) {
      seen.push((input as Request).headers.get('authorization'))
      return new Response('for everyone', { status: 401 })
    },
  })
  // The first finds out that nobody is there; the others know.
  expect((await authFetch(`${API}/catalogue`)).status).toBe(401)
  await authFetch(`${API}/catalogue`)
  expect(seen).toEqual([null, null])
  expect(renewal.requests).toHaveLength(1)
  const token = await auth.getTokenSilently({ cacheMode: 'off' })
  await authFetch(`${API}/catalogue`)
  expect(seen[2]).toBe(`Bearer ${token}`)
})

test('what is open to all sends nobody to log in, and is not asked about each time', async () => {
  const renewal = createRenewal(loginRequired(), loginRequired())
  const onLoginRequired = vi.fn()
  const { auth } = createClient({ onLoginRequired }, { renewal })
  const fetch = async () => new Response('for everyone')
  const authFetch = createAuthFetch(auth, { allowedOrigins: [API], anonymous: 'send', fetch })
  vi.useFakeTimers()
  await authFetch(`${API}/catalogue`)
  // The answer of the server is not remembered for so long.
  await vi.advanceTimersByTimeAsync(10_000)
  await authFetch(`${API}/catalogue`)
  vi.useRealTimers()
  expect(onLoginRequired).not.toHaveBeenCalled()
  expect(renewal.requests).toHaveLength(1)
})

test('an outage is not taken for a user who is not there', async () => {
  const renewal = createRenewal(new AuthError('network_error'))
  const { auth } = createClient({}, { renewal })
  const send = vi.fn()
  const options = { allowedOrigins: [API], anonymous: 'send', fetch: send } as const
  await expect(createAuthFetch(auth, options)(`${API}/catalogue`)).rejects.toMatchObject({
    code: 'network_error',
  })
  expect(send).not.toHaveBeenCalled()
})

test('refuses an unknown choice for anonymous users', () => {
  const options = { anonymous: 'maybe' } as unknown as Partial<AuthFetchOptions>
  expect(() => createApi(options)).toThrow(expect.objectContaining({ reason: 'anonymous' }))
})
