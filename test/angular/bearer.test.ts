// @vitest-environment happy-dom
import { createInjector } from './angular-app.ts'
import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http'
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing'
import { firstValueFrom } from 'rxjs'
import { beforeEach, expect, expectTypeOf, test, vi } from 'vitest'
import { AuthError, type AuthClient, type TokenOptions } from 'sotto'
import { AUTH, bearer, type BearerOptions } from 'sotto/angular'
import { fakeAuth } from 'sotto/testing'
import { withPollution } from '../support/polluted-prototype.ts'

const API = 'https://api.example.com'
const signedIn = () => fakeAuth({ user: { sub: 'a' }, token: 'first' })

beforeEach(() => history.replaceState(null, '', 'http://localhost:3000/app/'))

/** An app whose requests a test answers. */
async function createHttp(
  auth: AuthClient,
  options: BearerOptions = { allowedOrigins: [API] },
  interceptor = bearer(options),
) {
  const injector = await createInjector([
    { provide: AUTH, useValue: auth },
    provideHttpClient(withInterceptors([interceptor])),
    provideHttpClientTesting(),
  ])
  const server = injector.get(HttpTestingController)
  /** The next request; it waits for a token. */
  const next = (url: string) => vi.waitFor(() => server.expectOne(url), { interval: 5 })
  return { http: injector.get(HttpClient), server, next }
}

test('a request to an allowed origin has the token', async () => {
  const { http, next } = await createHttp(signedIn())
  const answer = firstValueFrom(http.get(`${API}/orders`))
  const { request, flush } = await take(next(`${API}/orders`))
  expect(request.headers.get('authorization')).toBe('Bearer first')
  flush(['an order'])
  expect(await answer).toEqual(['an order'])
})

test.each([
  ['another origin', 'https://api.example.com.evil.example/orders'],
  ['another scheme', 'http://api.example.com/orders'],
  ["the page's own, which is not listed", '/orders'],
  ['one that a blob borrows', `blob:${API}/orders`],
])('a request to %s goes out without the token', async (_, url) => {
  const auth = signedIn()
  const { http, server } = await createHttp(auth)
  const answer = firstValueFrom(http.get(url))
  const request = server.expectOne(url)
  expect(request.request.headers.has('authorization')).toBe(false)
  request.flush([])
  await answer
  expect(auth.calls.getTokenSilently).toEqual([])
})

test.each(['/orders', 'orders', 'http://localhost:3000/orders'])(
  "'self' allows the page's own origin: %s",
  async (url) => {
    const { http, next } = await createHttp(signedIn(), { allowedOrigins: ['self'] })
    const answer = firstValueFrom(http.get(url))
    const { request, flush } = await take(next(url))
    expect(request.headers.get('authorization')).toBe('Bearer first')
    flush([])
    await answer
  },
)

test('a request with a header of its own keeps it', async () => {
  const { http, server } = await createHttp(signedIn())
  const answer = firstValueFrom(http.get(API, { headers: { Authorization: 'Basic YQ==' } }))
  const request = server.expectOne(API)
  expect(request.request.headers.get('authorization')).toBe('Basic YQ==')
  request.flush([])
  await answer
})

/** A client that has a new token when it is asked to renew. */
function createRenewing() {
  const asked: (TokenOptions | undefined)[] = []
  let token = 'first'
  const getTokenSilently = (async (options?: TokenOptions) => {
    asked.push(options)
    if (options?.cacheMode === 'off') token = 'second'
    return token
  }) as AuthClient['getTokenSilently']
  return { asked, auth: { ...signedIn(), getTokenSilently } }
}

test('after a 401 it gets a new token and tries once more', async () => {
  const { auth } = createRenewing()
  const { http, next } = await createHttp(auth)
  const answer = firstValueFrom(http.post(`${API}/orders`, { item: 'lamp' }))
  const first = await take(next(`${API}/orders`))
  first.flush('', { status: 401, statusText: 'Unauthorized' })
  const second = await take(next(`${API}/orders`))
  expect(second.request.headers.get('authorization')).toBe('Bearer second')
  expect(second.request.body).toEqual({ item: 'lamp' })
  second.flush({ ok: true })
  expect(await answer).toEqual({ ok: true })
})

test('what one user has asked for is not sent as another who has logged in meanwhile', async () => {
  const { auth } = createRenewing()
  const { http, next, server } = await createHttp(auth)
  const answer = firstValueFrom(http.post(API, 'from alice'))
  const changed = expect(answer).rejects.toMatchObject({ code: 'user_changed' })
  const first = await take(next(API))
  auth.show({ status: 'authenticated', user: { sub: 'b' } })
  first.flush('', { status: 401, statusText: 'Unauthorized' })
  await changed
  server.verify()
})

test('a second 401 is the answer', async () => {
  const { auth, asked } = createRenewing()
  const { http, next, server } = await createHttp(auth)
  const answer = firstValueFrom(http.get(API))
  const refused = expect(answer).rejects.toMatchObject({ status: 401 })
  for (let times = 0; times < 2; times++)
    (await take(next(API))).flush('', { status: 401, statusText: 'Unauthorized' })
  await refused
  server.verify()
  expect(asked.filter((options) => options?.cacheMode === 'off')).toHaveLength(1)
  // A new token would be refused, too.
  const another = expect(firstValueFrom(http.get(API))).rejects.toMatchObject({ status: 401 })
  ;(await take(next(API))).flush('', { status: 401, statusText: 'Unauthorized' })
  await another
  server.verify()
  expect(asked.filter((options) => options?.cacheMode === 'off')).toHaveLength(1)
})

test('another error is the answer, and renews nothing', async () => {
  const { auth, asked } = createRenewing()
  const { http, next } = await createHttp(auth)
  const refused = expect(firstValueFrom(http.get(API))).rejects.toMatchObject({ status: 403 })
  ;(await take(next(API))).flush('', { status: 403, statusText: 'Forbidden' })
  await refused
  expect(asked).toHaveLength(1)
})

test('where no user is signed in, the request fails and nothing is sent', async () => {
  const { http, server } = await createHttp(fakeAuth())
  await expect(firstValueFrom(http.get(API))).rejects.toMatchObject({ code: 'login_required' })
  server.verify()
})

test('where that is allowed, an anonymous request goes out without a token, and a 401 is its answer', async () => {
  const { http, next, server } = await createHttp(fakeAuth(), {
    allowedOrigins: [API],
    anonymous: 'send',
  })
  const refused = expect(firstValueFrom(http.get(API))).rejects.toMatchObject({ status: 401 })
  const { request, flush } = await take(next(API))
  expect(request.headers.has('authorization')).toBe(false)
  flush('', { status: 401, statusText: 'Unauthorized' })
  await refused
  server.verify()
})

test('the token is asked for with the options, and no longer when nobody waits', async () => {
  const { auth, asked } = createRenewing()
  const { http } = await createHttp(auth, { allowedOrigins: [API], scope: 'orders' })
  http.get(API).subscribe().unsubscribe()
  expect(asked).toEqual([{ scope: 'orders', signal: expect.any(AbortSignal) as AbortSignal }])
  expect(asked[0]?.signal?.aborted).toBe(true)
})

test('a server sends everything as it is', async () => {
  const auth = signedIn()
  const { http, server } = await createHttp(auth, { allowedOrigins: ['self', API] })
  vi.stubGlobal('document', undefined)
  const answers = ['/orders', API].map((url) => {
    const answer = firstValueFrom(http.get(url))
    const request = server.expectOne(url)
    expect(request.request.headers.has('authorization')).toBe(false)
    request.flush([])
    return answer
  })
  vi.unstubAllGlobals()
  await Promise.all(answers)
})

test.each([
  ['a slash at the end', [`${API}/`]],
  ['http', ['http://api.example.com']],
  ['no list', API],
  ['undefined', undefined],
])('allowedOrigins that are no origins are refused at once: %s', (_, allowedOrigins) => {
  const wrong = { allowedOrigins } as BearerOptions
  expect(() => bearer(wrong)).toThrow(AuthError)
  expect(() => bearer(wrong)).toThrow('allowedOrigins')
})

test.each([undefined, null, 5])('options that are none are refused at once: %s', (options) => {
  expect(() => bearer(options as never)).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: 'allowedOrigins' }),
  )
})

test('an option of every object is no option', async () => {
  const toApi = await withPollution({ anonymous: 'send' }, async () =>
    bearer({ allowedOrigins: [API] }),
  )
  const { http, server } = await createHttp(fakeAuth(), undefined, toApi)
  await expect(firstValueFrom(http.get(API))).rejects.toMatchObject({ code: 'login_required' })
  server.verify()
})

test('it takes no option of createAuthFetch that it would ignore', () => {
  expectTypeOf<BearerOptions>().not.toHaveProperty('onStepUp')
  expectTypeOf<BearerOptions>().not.toHaveProperty('maxRetryAfterSeconds')
})

/** A request that waits for its answer. */
async function take(waiting: ReturnType<Awaited<ReturnType<typeof createHttp>>['next']>) {
  const testRequest = await waiting
  return { request: testRequest.request, flush: testRequest.flush.bind(testRequest) }
}
