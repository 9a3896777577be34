// What takes a client takes a fake one, where it needs no more than its methods: also without a
// window.
import { expect, expectTypeOf, test, vi } from 'vitest'
import {
  autoRenew,
  createAuthFetch,
  fetchUserInfo,
  requireLogin,
  revokeTokens,
  settled,
  type AuthClient,
  type User,
  type UserWith,
} from 'sotto'
import { fakeAuth, type FakeAuth } from 'sotto/testing'

const user = { sub: 'a', name: 'Alice' }
const url = 'https://api.example.com/orders'
const allowedOrigins = ['https://api.example.com']

test('settled knows who is signed in, and begins nothing', async () => {
  const auth = fakeAuth({ user })
  expect(await settled(auth)).toEqual({ status: 'authenticated', user })
  expect(auth.calls.start).toEqual([])
  const loading = fakeAuth({ status: 'loading' })
  const waiting = settled(loading)
  loading.show({ status: 'anonymous' })
  expect(await waiting).toEqual({ status: 'anonymous' })
  const disposed = fakeAuth({ status: 'loading' })
  disposed.dispose()
  expect(await settled(disposed)).toMatchObject({ status: 'error', error: { code: 'disposed' } })
})

test('requireLogin lets a user in, and sends others to log in', async () => {
  expect(await requireLogin(fakeAuth({ user }))).toMatchObject({ user })
  const refused = requireLogin(fakeAuth({ user }), { allow: () => false })
  await expect(refused).rejects.toMatchObject({ code: 'not_allowed' })
  const auth = fakeAuth()
  const guard = requireLogin(auth, { returnTo: '/orders' })
  await vi.waitFor(() => expect(auth.calls.loginWithRedirect).toEqual([{ returnTo: '/orders' }]))
  // Those of a guard are plain objects too.
  expect(auth.calls.loginWithRedirect).toStrictEqual([{ returnTo: '/orders' }])
  auth.show({ status: 'authenticated', user })
  expect(await guard).toEqual({ status: 'authenticated', user })
})

test('createAuthFetch sends the token of a fake', async () => {
  const fetch = vi.fn(async (request: Request) => {
    const token = request.headers.get('authorization')
    return new Response(token, { status: token === 'Bearer fresh' ? 200 : 401 })
  })
  const options = { allowedOrigins, fetch: fetch as typeof globalThis.fetch }
  const authFetch = createAuthFetch(fakeAuth({ user, token: 'fresh' }), options)
  expect(await (await authFetch(url)).text()).toBe('Bearer fresh')
  const anonymous = createAuthFetch(fakeAuth(), options)
  await expect(anonymous(url)).rejects.toMatchObject({ code: 'login_required' })
  const sent = await createAuthFetch(fakeAuth(), { ...options, anonymous: 'send' })(url)
  expect(sent.status).toBe(401)
})

test.each<[string, (auth: AuthClient) => unknown]>([
  ['fetchUserInfo', fetchUserInfo],
  ['revokeTokens', revokeTokens],
  ['autoRenew', autoRenew],
])('%s refuses a fake, and says so', async (_name, addOn) => {
  const call = async (): Promise<unknown> => addOn(fakeAuth({ user }))
  await expect(call()).rejects.toMatchObject({ code: 'config_invalid', reason: 'auth' })
})

test('a fake is a client, by its type', () => {
  expectTypeOf(fakeAuth()).toEqualTypeOf<FakeAuth>()
  expectTypeOf(fakeAuth()).toExtend<AuthClient>()
  expectTypeOf(fakeAuth({ user })).toExtend<AuthClient>()
  expectTypeOf(fakeAuth({ user })).toExtend<AuthClient<typeof user>>()
  expectTypeOf(fakeAuth({ user: { ...user, roles: ['admin'] } })).toExtend<
    AuthClient<UserWith<{ roles: string[] }>>
  >()
  expectTypeOf(fakeAuth({ user }).getSnapshot).toEqualTypeOf<
    AuthClient<typeof user>['getSnapshot']
  >()
  expectTypeOf(fakeAuth().getTokenSilently).toEqualTypeOf<AuthClient['getTokenSilently']>()
  expectTypeOf(fakeAuth().getUser()).toEqualTypeOf<Promise<User | undefined>>()
  // @ts-expect-error a user without `sub` is none
  expectTypeOf(fakeAuth({ user: { name: 'Alice' } })).toExtend<AuthClient>()
})
