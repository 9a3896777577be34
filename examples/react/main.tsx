import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, createPath, Link, RouterProvider, useLocation } from 'react-router'
import { createAuthFetch, type AuthError } from 'sotto'
import { createReactAuth } from 'sotto/react'
import { auth } from './auth'

const { useAuth, useUser, RequireAuth } = createReactAuth(auth)
const authFetch = createAuthFetch(auth, { allowedOrigins: ['self'] })

const LogOut = () => <button onClick={() => void auth.logout()}>Log out</button>

function Home() {
  const session = useAuth()
  const isSignedIn = session.status === 'authenticated'
  return (
    <>
      <h1>Home</h1>
      <p>{isSignedIn ? `Signed in as ${session.user.name}` : 'Not signed in'}</p>
      <nav>
        <Link to="/orders?page=2">Orders</Link>
        {isSignedIn && <LogOut />}
      </nav>
    </>
  )
}

function Orders() {
  const { name } = useUser()
  const [orders, setOrders] = useState<readonly string[]>([])
  useEffect(() => {
    const left = new AbortController()
    authFetch('/api/orders', { signal: left.signal })
      .then((response) => response.json())
      .then(setOrders)
      .catch((error) => left.signal.aborted || reportError(error))
    return () => left.abort()
  }, [])
  return (
    <>
      <h1>Orders of {name}</h1>
      <ul>
        {orders.map((order) => (
          <li key={order}>{order}</li>
        ))}
      </ul>
      <nav>
        <Link to="/">Home</Link>
        <LogOut />
      </nav>
    </>
  )
}

const Pending = () => <p>One moment</p>

const Failed = ({ error }: { readonly error: AuthError }) => (
  <>
    <p role="alert">{error.code}</p>
    <button onClick={() => void auth.loginWithRedirect()}>Try again</button>
  </>
)

const GuardedOrders = () => (
  <RequireAuth
    pending={<Pending />}
    failed={(error) => <Failed error={error} />}
    returnTo={createPath(useLocation())}
  >
    <Orders />
  </RequireAuth>
)

const router = createBrowserRouter([
  { path: '/', element: <Home /> },
  { path: '/callback', element: <Pending /> },
  { path: '/orders', element: <GuardedOrders /> },
])
void auth.start({ onCallback: ({ path }) => router.navigate(path, { replace: true }) })
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
)
