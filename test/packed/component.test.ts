import { AuthError, requireLogin, settled } from 'sotto'
import { createAuthorizationServer, fakeAuth, signedIn } from 'sotto/testing'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { mountOrders } from './orders.ts'

const root = document.createElement('main')
document.body.append(root)
afterEach(() => root.replaceChildren())

const click = (): void => root.querySelector('button')?.click()
const shows = (text: string): Promise<void> =>
  vi.waitFor(() => expect(root.textContent).toBe(text), { interval: 5 })

/** An API that answers with the token it was asked with. */
const api = async (request: RequestInfo | URL): Promise<Response> => {
  const { url, headers } = request as Request
  return new Response(`${new URL(url).pathname} ${headers.get('authorization')}`)
}

test('a component with a fake: signed in, asks its API, logs out, logs in', async () => {
  const auth = fakeAuth({ user: { sub: 'a', name: 'Alice' }, token: 'secret' })
  mountOrders(auth, root, { fetch: api })
  expect(root.textContent).toBe('Hello Alice. Orders')
  click()
  await shows('/api/orders Bearer secretLog out')
  click()
  await shows('Log in')
  click()
  expect(auth.calls.loginWithRedirect).toEqual([{ returnTo: '/orders' }])
  auth.show({ status: 'error', error: new AuthError('network_error') })
  await shows('network_error')
})

test('a guard with a fake', async () => {
  const auth = fakeAuth()
  expect(await settled(auth)).toEqual({ status: 'anonymous' })
  const guard = requireLogin(auth)
  await vi.waitFor(() => expect(auth.calls.loginWithRedirect).toHaveLength(1))
  auth.show({ status: 'authenticated', user: { sub: 'a' } })
  expect(await guard).toMatchObject({ user: { sub: 'a' } })
})

test('a component with a real client', async () => {
  const server = createAuthorizationServer({
    issuer: 'https://login.example.com',
    signingAlg: 'ES256',
  })
  const navigate = vi.fn<(url: URL) => void>()
  const auth = await signedIn(server, { user: 'bob', navigate })
  onTestFinished(() => auth.dispose())
  mountOrders(auth, root, { fetch: api })
  expect(root.textContent).toBe('Hello Bob. Orders')
  click()
  await shows(`/api/orders Bearer ${await auth.getTokenSilently()}Log out`)
  click()
  await shows('Log in')
  // Nothing waits for a click: the logout is done when it leaves the page.
  await vi.waitFor(() => expect(navigate.mock.lastCall?.[0].pathname).toBe('/end-session'))
})
