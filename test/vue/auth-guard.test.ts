// @vitest-environment happy-dom
import { createApp, defineComponent } from 'vue'
import {
  createMemoryHistory,
  createRouter,
  createWebHashHistory,
  createWebHistory,
  RouterView,
  type RouterHistory,
} from 'vue-router'
import { beforeEach, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { AuthError, createAuthClient, type StartOptions } from 'sotto'
import { fakeAuth, type FakeAuth } from 'sotto/testing'
import { createAuthGuard, type AuthGuardOptions } from 'sotto/vue'
import { rest } from '../support/real-time.ts'
import { collectUnhandled } from '../support/unhandled.ts'

beforeEach(() => history.replaceState(null, '', '/'))

/** An app with a public route, a callback and a guarded route. */
async function mount(
  auth: FakeAuth,
  options?: AuthGuardOptions,
  base: string | RouterHistory = '/',
) {
  const guard = createAuthGuard(auth, options)
  const Empty = defineComponent(() => () => null)
  const router = createRouter({
    history: typeof base === 'string' ? createWebHistory(base) : base,
    routes: [
      { path: '/', component: Empty },
      { path: '/callback', component: Empty },
      { path: '/orders', component: Empty, meta: { requiresAuth: true } },
    ],
  })
  router.beforeEach(guard)
  const failures: unknown[] = []
  router.onError((error) => failures.push(error))
  const app = createApp(defineComponent(() => () => null)).use(router)
  app.mount(document.createElement('main'))
  onTestFinished(() => {
    app.unmount()
    // It listens to the page for longer than its app.
    router.options.history.destroy()
  })
  await router.isReady().catch(() => {})
  const place = () => router.currentRoute.value.fullPath
  return { router, failures, place }
}

/** What the client does when it has finished a callback. */
function finishCallback(auth: FakeAuth, path: string): void {
  const { onCallback } = auth.calls.start[0] as StartOptions
  onCallback?.({ path, returnTo: path, appState: undefined })
}

test('the client is started when the guard is made', () => {
  const auth = fakeAuth()
  createAuthGuard(auth)
  expect(auth.calls.start).toHaveLength(1)
})

test('a client that cannot start leaves the error to the guarded routes', async () => {
  const unhandled = collectUnhandled()
  const auth = fakeAuth({ status: 'loading' })
  auth.dispose()
  const { router, place } = await mount(auth)
  await rest()
  expect(unhandled).toEqual([])
  expect(place()).toBe('/')
  await expect(router.push('/orders')).rejects.toMatchObject({ code: 'disposed' })
})

test('a public route is shown to everybody, and waits for nothing', async () => {
  const { place } = await mount(fakeAuth({ status: 'loading' }))
  expect(place()).toBe('/')
})

test('a guarded route is shown to a user who is signed in', async () => {
  const auth = fakeAuth({ user: { sub: 'a' } })
  const { router, place } = await mount(auth)
  await router.push('/orders?page=2#third')
  expect(place()).toBe('/orders?page=2#third')
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('a guarded route sends who is anonymous to log in and back to it, and shows nothing', async () => {
  const auth = fakeAuth()
  const { router, place } = await mount(auth)
  const navigation = router.push('/orders?page=2#third')
  await vi.waitFor(() =>
    expect(auth.calls.loginWithRedirect).toMatchObject([{ returnTo: '/orders?page=2#third' }]),
  )
  expect(place()).toBe('/')
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  await navigation
  expect(place()).toBe('/orders?page=2#third')
})

test('a guarded route waits until it is known who is signed in', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { router, place } = await mount(auth)
  const navigation = router.push('/orders')
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  await navigation
  expect(place()).toBe('/orders')
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('a navigation that another one takes over does not leave to log in', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { router, failures, place } = await mount(auth)
  const navigation = router.push('/orders')
  await rest()
  await router.push('/?page=2')
  auth.show({ status: 'anonymous' })
  await navigation
  await rest()
  expect(auth.calls.loginWithRedirect).toEqual([])
  expect([place(), failures]).toEqual(['/?page=2', []])
})

test('a login that has failed is told to the router, and does not begin again', async () => {
  const error = new AuthError('access_denied')
  const auth = fakeAuth({ error })
  const { router, failures } = await mount(auth)
  await expect(router.push('/orders')).rejects.toBe(error)
  expect(failures).toEqual([error])
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('allow decides by the user and the route', async () => {
  const allow = vi.fn(() => false)
  const { router, place } = await mount(fakeAuth({ user: { sub: 'a' } }), { allow })
  await expect(router.push('/orders')).rejects.toMatchObject({ code: 'not_allowed' })
  expect(allow).toHaveBeenCalledWith({ sub: 'a' }, expect.objectContaining({ path: '/orders' }))
  expect(place()).toBe('/')
})

test('after a login the router leads to where it was begun', async () => {
  history.replaceState(null, '', '/callback')
  const auth = fakeAuth({ user: { sub: 'a' } })
  const { place } = await mount(auth)
  expect(place()).toBe('/callback')
  finishCallback(auth, '/orders?page=2#third')
  await vi.waitFor(() => expect(place()).toBe('/orders?page=2#third'))
})

test('a callback that was finished before the router came leads there all the same', async () => {
  history.replaceState(null, '', '/callback')
  const auth = fakeAuth({ user: { sub: 'a' } })
  const start = vi.fn(async (options: StartOptions = {}) => {
    options.onCallback?.({ path: '/orders', returnTo: '/orders', appState: undefined })
    return auth.start(options)
  })
  const { place } = await mount({ ...auth, start })
  await vi.waitFor(() => expect(place()).toBe('/orders'))
})

test('what a guard refuses after a login is told once, to the router', async () => {
  const auth = fakeAuth({ error: new AuthError('access_denied') })
  const { failures } = await mount(auth)
  const { onCallback } = auth.calls.start[0] as StartOptions
  const led = onCallback?.({ path: '/orders', returnTo: '/orders', appState: undefined })
  await expect(led).resolves.toBeUndefined()
  expect(failures).toEqual([expect.objectContaining({ code: 'access_denied' })])
})

test('the base of the app is part of the address, and not of the route', async () => {
  history.replaceState(null, '', '/app/')
  const auth = fakeAuth()
  const { router, place } = await mount(auth, {}, '/app/')
  void router.push('/orders')
  await vi.waitFor(() =>
    expect(auth.calls.loginWithRedirect).toMatchObject([{ returnTo: '/app/orders' }]),
  )
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  finishCallback(auth, '/app/orders?page=2')
  await vi.waitFor(() => expect(place()).toBe('/orders?page=2'))
  finishCallback(auth, '/app')
  await vi.waitFor(() => expect(place()).toBe('/'))
  finishCallback(auth, '/app?page=2')
  await vi.waitFor(() => expect(place()).toBe('/?page=2'))
})

test('the address of another app on the same origin is left to the browser', async () => {
  history.replaceState(null, '', '/app/')
  const auth = fakeAuth({ user: { sub: 'a' } })
  const { place } = await mount(auth, {}, '/app/')
  const replace = vi.spyOn(location, 'replace').mockReturnValue()
  finishCallback(auth, '/apple/orders')
  await vi.waitFor(() => expect(replace.mock.calls).toEqual([['/apple/orders']]))
  expect(place()).toBe('/')
})

test('a hash history has a part of the address only, and leads to all of it', async () => {
  history.replaceState(null, '', '/app/')
  const replace = vi.spyOn(location, 'replace').mockReturnValue()
  const auth = fakeAuth({ user: { sub: 'a' } })
  const { place } = await mount(auth, undefined, createWebHashHistory())
  finishCallback(auth, '/orders')
  await vi.waitFor(() => expect(place()).toBe('/orders'))
  expect(replace).not.toHaveBeenCalled()
})

test('a server lets every route through, and asks nothing of the client', async () => {
  const auth = fakeAuth()
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/orders', component: RouterView, meta: { requiresAuth: true } }],
  })
  vi.stubGlobal('document', undefined)
  router.beforeEach(createAuthGuard(auth))
  // Here the router still is in a page.
  vi.unstubAllGlobals()
  await router.push('/orders')
  expect(router.currentRoute.value.path).toBe('/orders')
  expect(auth.calls).toMatchObject({ start: [], loginWithRedirect: [] })
})

test('allow is given the user with the type of the claims', () => {
  const auth = createAuthClient({
    issuer: 'https://login.example.com',
    clientId: 'app',
    redirectUri: '/callback',
    claims: z.object({ roles: z.array(z.string()) }),
  })
  onTestFinished(() => auth.dispose())
  vi.stubGlobal('document', undefined)
  const guard = createAuthGuard(auth, {
    allow: ({ roles }, { path }) => {
      expectTypeOf(roles).toEqualTypeOf<string[]>()
      return roles.includes(path)
    },
  })
  expect(guard).toBeTypeOf('function')
})
