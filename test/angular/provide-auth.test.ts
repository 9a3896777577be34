// @vitest-environment happy-dom
import { createInjector } from './angular-app.ts'
import { APP_BASE_HREF } from '@angular/common'
import {
  createEnvironmentInjector,
  EnvironmentInjector,
  runInInjectionContext,
} from '@angular/core'
import { provideRouter, Router } from '@angular/router'
import { beforeEach, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { AuthError, type StartOptions, type User } from 'sotto'
import { injectAuth, provideAuth, requireAuth, requireAuthIf } from 'sotto/angular'
import { fakeAuth, type FakeAuth } from 'sotto/testing'
import { rest } from '../support/real-time.ts'
import { collectUnhandled } from '../support/unhandled.ts'

const alice: User = { sub: 'a', name: 'Alice' }

beforeEach(() => history.replaceState(null, '', '/'))

class Empty {}

/** An app with a public route and guarded ones. */
async function createApp(auth: FakeAuth, base = '/') {
  const injector = await createInjector([
    { provide: APP_BASE_HREF, useValue: base },
    provideRouter([
      { path: '', component: Empty },
      { path: 'orders', component: Empty, canActivate: [requireAuth] },
      { path: 'admin', component: Empty, canActivate: [requireAuthIf(({ sub }) => sub === 'b')] },
    ]),
    provideAuth(auth),
  ])
  return { injector, router: injector.get(Router) }
}

/** What the client does when it has finished a callback. */
function finishCallback(auth: FakeAuth, path: string): unknown {
  const { onCallback } = auth.calls.start[0] as StartOptions
  return onCallback?.({ path, returnTo: path, appState: undefined })
}

test('the session is a signal, for as long as what injects it', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { injector } = await createApp(auth)
  const part = createEnvironmentInjector([], injector.get(EnvironmentInjector))
  const { client, session } = runInInjectionContext(part, injectAuth)
  expect(client).toBe(auth)
  expect(session()).toEqual({ status: 'loading' })
  auth.show({ status: 'authenticated', user: alice })
  expect(session()).toEqual({ status: 'authenticated', user: alice })
  part.destroy()
  auth.show({ status: 'anonymous' })
  expect(session()).toEqual({ status: 'authenticated', user: alice })
})

test('the client is started with the app, which does not wait for it', async () => {
  const auth = fakeAuth({ status: 'loading' })
  await createApp(auth)
  expect(auth.calls.start).toHaveLength(1)
})

test('a client that cannot start is no reason for the app not to', async () => {
  const unhandled = collectUnhandled()
  const auth = fakeAuth()
  auth.dispose()
  await createApp(auth)
  expect(auth.calls.start).toHaveLength(1)
  await rest()
  expect(unhandled).toEqual([])
})

test('after a login the router leads to where it was begun', async () => {
  const auth = fakeAuth({ user: alice })
  const { router } = await createApp(auth)
  await finishCallback(auth, '/orders?page=2#third')
  expect(router.url).toBe('/orders?page=2#third')
})

test('Back does not lead into the callback again', async () => {
  const auth = fakeAuth({ user: alice })
  const { router } = await createApp(auth)
  await router.navigateByUrl('/?code=1')
  const { length } = history
  await finishCallback(auth, '/orders')
  expect([router.url, history.length]).toEqual(['/orders', length])
})

test('the base of the app is part of the address, and not of the route', async () => {
  history.replaceState(null, '', '/app/')
  const auth = fakeAuth()
  const { router } = await createApp(auth, '/app/')
  const navigation = router.navigateByUrl('/orders')
  await vi.waitFor(() =>
    expect(auth.calls.loginWithRedirect).toMatchObject([{ returnTo: '/app/orders' }]),
  )
  auth.show({ status: 'authenticated', user: alice })
  await navigation
  await finishCallback(auth, '/app/')
  expect(router.url).toBe('/')
  await finishCallback(auth, '/app/orders?page=2')
  expect(router.url).toBe('/orders?page=2')
})

test('a guarded route is shown to a user who is signed in', async () => {
  const auth = fakeAuth({ user: alice })
  const { router } = await createApp(auth)
  expect(await router.navigateByUrl('/orders')).toBe(true)
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('a guarded route sends who is anonymous to log in and back to it, and shows nothing', async () => {
  const auth = fakeAuth()
  const { router } = await createApp(auth)
  const navigation = router.navigateByUrl('/orders?page=2#third')
  await vi.waitFor(() =>
    expect(auth.calls.loginWithRedirect).toMatchObject([{ returnTo: '/orders?page=2#third' }]),
  )
  expect(router.url).toBe('/')
  auth.show({ status: 'authenticated', user: alice })
  await navigation
  expect(router.url).toBe('/orders?page=2#third')
})

test('a guarded route waits until it is known who is signed in', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { router } = await createApp(auth)
  const navigation = router.navigateByUrl('/orders')
  auth.show({ status: 'authenticated', user: alice })
  expect(await navigation).toBe(true)
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('a navigation that another one takes over does not leave to log in', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { router } = await createApp(auth)
  const navigation = router.navigateByUrl('/orders')
  await rest()
  await router.navigateByUrl('/?page=2')
  auth.show({ status: 'anonymous' })
  expect(await navigation).toBe(false)
  await rest()
  expect(auth.calls.loginWithRedirect).toEqual([])
  expect(router.url).toBe('/?page=2')
})

test('a login that has failed fails the navigation, and does not begin again', async () => {
  const auth = fakeAuth({ error: new AuthError('access_denied') })
  const { router } = await createApp(auth)
  await expect(router.navigateByUrl('/orders')).rejects.toMatchObject({ code: 'access_denied' })
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('requireAuthIf lets in only whom it is told to', async () => {
  const auth = fakeAuth({ user: alice })
  const { router } = await createApp(auth)
  await expect(router.navigateByUrl('/admin')).rejects.toMatchObject({ code: 'not_allowed' })
  auth.show({ status: 'authenticated', user: { sub: 'b' } })
  expect(await router.navigateByUrl('/admin')).toBe(true)
})

test('a server lets every route through', async () => {
  const auth = fakeAuth()
  const { injector } = await createApp(auth)
  vi.stubGlobal('document', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
  const entered = runInInjectionContext(injector, () =>
    requireAuth({} as never, { url: '/orders' } as never),
  )
  expect(await entered).toBe(true)
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('an app that has registered no client has users without special claims', () => {
  expectTypeOf<ReturnType<ReturnType<typeof injectAuth>['client']['getUser']>>().toEqualTypeOf<
    Promise<User | undefined>
  >()
})
