// @vitest-environment happy-dom
// The guard for TanStack Router, as docs/frameworks.md has it.
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
} from '@tanstack/react-router'
import { expect, test } from 'vitest'
import { requireLogin } from 'sotto'
import { fakeAuth } from 'sotto/testing'

test('a link that is pointed at sends nobody away, and its route opens once a user is there', async () => {
  const auth = fakeAuth()
  const root = createRootRoute()
  const home = createRoute({ getParentRoute: () => root, path: '/' })
  const orders = createRoute({
    getParentRoute: () => root,
    path: '/orders',
    beforeLoad: async ({ location, preload, abortController: { signal } }) => {
      if (preload && auth.getSnapshot().status !== 'authenticated') throw new Error('Not signed in')
      return requireLogin(auth, { returnTo: location.publicHref, signal })
    },
  })
  const history = createMemoryHistory({ initialEntries: ['/'] })
  const router = createRouter({ routeTree: root.addChildren([home, orders]), history })
  await router.load()
  await router.preloadRoute({ to: '/orders' })
  expect(auth.calls.loginWithRedirect).toEqual([])
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  await router.navigate({ to: '/orders' })
  expect(router.state.matches.at(-1)).toMatchObject({
    status: 'success',
    context: { user: { sub: 'a' } },
  })
})
