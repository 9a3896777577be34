// @vitest-environment happy-dom
import { act, Component, StrictMode, Suspense, use, type ReactNode } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { beforeEach, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { AuthError, createAuthClient, settled, type AuthSnapshot, type User } from 'sotto'
import { createReactAuth } from 'sotto/react'
import { fakeAuth, type FakeAuth } from 'sotto/testing'

const alice: User = { sub: 'a', name: 'Alice' }
const signedIn: AuthSnapshot = { status: 'authenticated', user: alice }
const offline = new AuthError('network_error')

beforeEach(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true))

/** Renders as most apps do, and waits for what effects do. */
async function render(element: ReactNode): Promise<HTMLElement> {
  const main = document.body.appendChild(document.createElement('main'))
  const root = createRoot(main, { onCaughtError: () => {} })
  onTestFinished(async () => act(async () => root.unmount()))
  await act(async () => root.render(<StrictMode>{element}</StrictMode>))
  return main
}

const show = (auth: FakeAuth, snapshot: AuthSnapshot): Promise<void> =>
  act(async () => auth.show(snapshot))

const describe = (error: AuthError): string => `failed: ${error.code}`

/** A guarded view of a client. */
function createGuarded(auth: FakeAuth) {
  const { RequireAuth, useUser, ...rest } = createReactAuth(auth)
  const Orders = () => <>Orders of {useUser().name}</>
  const Guarded = (props: { readonly allow?: () => boolean; readonly returnTo?: string }) => (
    <RequireAuth pending="One moment" failed={describe} {...props}>
      <Orders />
    </RequireAuth>
  )
  return { Guarded, Orders, RequireAuth, ...rest }
}

class Boundary extends Component<{ readonly children: ReactNode }> {
  override state = { text: '' }
  static getDerivedStateFromError(error: AuthError) {
    return { text: `boundary: ${error.code}` }
  }
  override render(): ReactNode {
    return this.state.text || this.props.children
  }
}

test('useAuth shows the session and each change, and needs no provider', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { useAuth } = createReactAuth(auth)
  const Status = () => useAuth().status
  const main = await render(<Status />)
  expect(main.textContent).toBe('loading')
  await show(auth, { status: 'anonymous' })
  expect(main.textContent).toBe('anonymous')
  await show(auth, signedIn)
  expect(main.textContent).toBe('authenticated')
})

test('a component that goes away leaves no listener', async () => {
  const auth = fakeAuth()
  const { useAuth } = createReactAuth({ ...auth, subscribe: (listener) => count(listener) })
  let listeners = 0
  function count(listener: () => void): () => void {
    listeners++
    const end = auth.subscribe(listener)
    return () => {
      listeners--
      end()
    }
  }
  const Status = () => useAuth().status
  const root = createRoot(document.createElement('main'))
  await act(async () => root.render(<Status />))
  expect(listeners).toBe(1)
  await act(async () => root.unmount())
  expect(listeners).toBe(0)
})

test('RequireAuth shows its children to a user who is signed in, and begins no login', async () => {
  const auth = fakeAuth({ user: alice })
  const { Guarded } = createGuarded(auth)
  expect((await render(<Guarded />)).textContent).toBe('Orders of Alice')
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('RequireAuth waits until it is known who is signed in', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { Guarded } = createGuarded(auth)
  const main = await render(<Guarded />)
  expect(main.textContent).toBe('One moment')
  await show(auth, signedIn)
  expect(main.textContent).toBe('Orders of Alice')
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('RequireAuth sends who is anonymous to log in, once, under StrictMode too', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { Guarded } = createGuarded(auth)
  const main = await render(<Guarded returnTo="/orders" />)
  await show(auth, { status: 'anonymous' })
  expect(main.textContent).toBe('One moment')
  expect(auth.calls.loginWithRedirect).toMatchObject([{ returnTo: '/orders' }])
  await show(auth, signedIn)
  expect(main.textContent).toBe('Orders of Alice')
})

test('RequireAuth leads back to the current URL by default', async () => {
  const auth = fakeAuth()
  const { Guarded } = createGuarded(auth)
  await render(<Guarded />)
  expect(auth.calls.loginWithRedirect).toEqual([{ signal: expect.any(AbortSignal) as unknown }])
})

test('RequireAuth begins no login while it renders', () => {
  const auth = fakeAuth()
  const { Guarded } = createGuarded(auth)
  expect(renderToString(<Guarded />)).toBe('One moment')
  expect(auth.calls).toMatchObject({ start: [], loginWithRedirect: [] })
})

test('RequireAuth begins no login for a view that has gone before the session was known', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const { Guarded } = createGuarded(auth)
  const root = createRoot(document.createElement('main'))
  await act(async () => root.render(<Guarded />))
  await act(async () => root.unmount())
  await show(auth, { status: 'anonymous' })
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('RequireAuth does not leave for a view that has gone while its login was prepared', async () => {
  const auth = fakeAuth({ status: 'anonymous' })
  const { Guarded } = createGuarded(auth)
  const root = createRoot(document.createElement('main'))
  await act(async () => root.render(<Guarded />))
  const [login] = auth.calls.loginWithRedirect
  expect(login?.signal?.aborted).toBe(false)
  await act(async () => root.unmount())
  expect(login?.signal?.aborted).toBe(true)
})

test('RequireAuth begins no login for a view that has gone in a hidden tab', async () => {
  const state = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  const auth = fakeAuth({ status: 'anonymous' })
  const { Guarded } = createGuarded(auth)
  const root = createRoot(document.createElement('main'))
  await act(async () => root.render(<Guarded />))
  await act(async () => root.unmount())
  state.mockRestore()
  await act(async () => document.dispatchEvent(new Event('visibilitychange')))
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('RequireAuth shows the error of a session, and begins no login', async () => {
  const auth = fakeAuth({ error: offline })
  const { Guarded } = createGuarded(auth)
  expect((await render(<Guarded />)).textContent).toBe('failed: network_error')
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('RequireAuth goes on when the session is known after an error', async () => {
  const auth = fakeAuth({ error: offline })
  const { Guarded } = createGuarded(auth)
  const main = await render(<Guarded />)
  await show(auth, { status: 'anonymous' })
  expect(main.textContent).toBe('One moment')
  expect(auth.calls.loginWithRedirect).toHaveLength(1)
})

test('RequireAuth shows why a login cannot begin, and does not try again by itself', async () => {
  const auth = fakeAuth()
  const loginWithRedirect = vi.fn(auth.loginWithRedirect)
  loginWithRedirect.mockRejectedValueOnce(new AuthError('redirect_loop'))
  const { Guarded } = createGuarded({ ...auth, loginWithRedirect })
  const main = await render(<Guarded />)
  expect(main.textContent).toBe('failed: redirect_loop')
  await show(auth, { status: 'anonymous', reason: 'session_ended' })
  expect(main.textContent).toBe('failed: redirect_loop')
  expect(loginWithRedirect).toHaveBeenCalledOnce()
  await show(auth, signedIn)
  expect(main.textContent).toBe('Orders of Alice')
  await show(auth, { status: 'anonymous' })
  expect(main.textContent).toBe('One moment')
  expect(loginWithRedirect).toHaveBeenCalledTimes(2)
})

test('RequireAuth refuses a user whom allow does not let in', async () => {
  const auth = fakeAuth({ user: alice })
  const { Guarded } = createGuarded(auth)
  const allow = () => false
  expect((await render(<Guarded allow={allow} />)).textContent).toBe('failed: not_allowed')
  expect(auth.calls.loginWithRedirect).toEqual([])
})

test('RequireAuth throws what is no error of ours, and shows nothing of it', async () => {
  const auth = fakeAuth()
  auth.loginWithRedirect = () => Promise.reject(new TypeError('of the app'))
  const { Guarded } = createGuarded(auth)
  const main = await render(<Boundary>{<Guarded />}</Boundary>)
  expect(main.textContent).toBe('boundary: undefined')
})

test('RequireAuth throws the error where nothing shows it', async () => {
  const { RequireAuth } = createReactAuth(fakeAuth({ error: offline }))
  const main = await render(
    <Boundary>
      <RequireAuth>Orders</RequireAuth>
    </Boundary>,
  )
  expect(main.textContent).toBe('boundary: network_error')
})

test('RequireAuth hides its children as soon as the session ends, and they see no missing user', async () => {
  const auth = fakeAuth({ user: alice })
  const { Guarded } = createGuarded(auth)
  const main = await render(
    <Boundary>
      <Guarded />
    </Boundary>,
  )
  await act(() => auth.logout())
  expect(main.textContent).toBe('One moment')
  expect(auth.calls.loginWithRedirect).toHaveLength(1)
})

test('useUser outside of RequireAuth is a mistake', async () => {
  const { Orders } = createGuarded(fakeAuth())
  const main = await render(
    <Boundary>
      <Orders />
    </Boundary>,
  )
  expect(main.textContent).toBe('boundary: config_invalid')
})

test('AuthProvider gives another client to what is below it', async () => {
  const { Guarded, AuthProvider, useClient } = createGuarded(fakeAuth())
  const other = fakeAuth({ user: { sub: 'b', name: 'Bob' } })
  const IsOther = () => String(useClient() === other)
  const main = await render(
    <AuthProvider client={other}>
      <Guarded /> <IsOther />
    </AuthProvider>,
  )
  expect(main.textContent).toBe('Orders of Bob true')
})

test('a page that a server rendered becomes the same page before it shows the session', async () => {
  const auth = fakeAuth({ user: alice })
  const { Guarded } = createGuarded(auth)
  const main = document.createElement('main')
  main.innerHTML = renderToString(<Guarded />)
  expect(main.textContent).toBe('One moment')
  const onRecoverableError = vi.fn()
  const root = await act(async () => hydrateRoot(main, <Guarded />, { onRecoverableError }))
  onTestFinished(async () => act(async () => root.unmount()))
  expect(main.textContent).toBe('Orders of Alice')
  expect(onRecoverableError).not.toHaveBeenCalled()
})

test('Suspense can wait for the session', async () => {
  const auth = fakeAuth({ status: 'loading' })
  const session = settled(auth)
  const Status = () => use(session).status
  const main = await render(
    <Suspense fallback="One moment">
      <Status />
    </Suspense>,
  )
  expect(main.textContent).toBe('One moment')
  await show(auth, signedIn)
  expect(main.textContent).toBe('authenticated')
})

test('the user has the type of the claims of the client', () => {
  const auth = createAuthClient({
    issuer: 'https://login.example.com',
    clientId: 'app',
    redirectUri: '/callback',
    claims: z.object({ roles: z.array(z.string()) }),
  })
  onTestFinished(() => auth.dispose())
  const { useUser, useAuth, RequireAuth } = createReactAuth(auth)
  expectTypeOf<ReturnType<typeof useUser>['roles']>().toEqualTypeOf<string[]>()
  expectTypeOf<ReturnType<typeof useAuth>>().toEqualTypeOf(auth.getSnapshot())
  const Admins = () => (
    <RequireAuth allow={({ roles }) => roles.includes('admin')}>Admins</RequireAuth>
  )
  expect(renderToString(<Admins />)).toBe('')
})
