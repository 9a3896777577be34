// @vitest-environment happy-dom
import { createApp, createSSRApp, defineComponent, effectScope, nextTick } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { createAuthClient, type AuthClient, type User } from 'sotto'
import { fakeAuth } from 'sotto/testing'
import { useAuth } from 'sotto/vue'

const alice: User = { sub: 'a', name: 'Alice' }

/** A view of the session. */
const createView = (auth: AuthClient) =>
  defineComponent(() => {
    const session = useAuth(auth)
    return () =>
      session.value.status === 'authenticated' ? session.value.user.name : session.value.status
  })

/** A client that counts who listens. */
function createCounted(auth: AuthClient = fakeAuth()) {
  const counts = { listeners: 0 }
  const client: AuthClient = {
    ...auth,
    subscribe(listener) {
      counts.listeners++
      const end = auth.subscribe(listener)
      return () => {
        counts.listeners--
        end()
      }
    },
  }
  return { client, counts }
}

test('a component shows the session and each change', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const main = document.createElement('main')
  const app = createApp(createView(auth))
  onTestFinished(() => app.unmount())
  app.mount(main)
  expect(main.textContent).toBe('loading')
  auth.show({ status: 'authenticated', user: alice })
  await nextTick()
  expect(main.textContent).toBe('Alice')
})

test('a component that goes away leaves no listener', () => {
  const { client, counts } = createCounted()
  const app = createApp(createView(client))
  app.mount(document.createElement('main'))
  expect(counts.listeners).toBe(1)
  app.unmount()
  expect(counts.listeners).toBe(0)
})

test('it works in an effect scope, and outside of any', () => {
  const { client, counts } = createCounted()
  const scope = effectScope()
  scope.run(() => useAuth(client))
  useAuth(client)
  expect(counts.listeners).toBe(2)
  scope.stop()
  expect(counts.listeners).toBe(1)
})

test('a server renders what is shown while loading, and keeps no listener', async () => {
  vi.stubGlobal('document', undefined)
  const auth = createAuthClient({
    issuer: 'https://login.example.com',
    clientId: 'app',
    redirectUri: '/',
  })
  onTestFinished(() => auth.dispose())
  const { client, counts } = createCounted(auth)
  expect(await renderToString(createSSRApp(createView(client)))).toBe('loading')
  expect(counts.listeners).toBe(0)
})

test('the user has the type of the claims of the client', () => {
  const auth = createAuthClient({
    issuer: 'https://login.example.com',
    clientId: 'app',
    redirectUri: '/callback',
    claims: z.object({ roles: z.array(z.string()) }),
  })
  onTestFinished(() => auth.dispose())
  const session = useAuth(auth)
  expect(session.value.status).toBe('loading')
  if (session.value.status === 'authenticated')
    expectTypeOf(session.value.user.roles).toEqualTypeOf<string[]>()
})
