import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, RouterProvider, useRouteError } from 'react-router'
import { requireLogin } from 'sotto'
import { auth } from './auth.ts'
import { Failed, Home, NotFound, Orders, SigningIn } from './react-views.tsx'

const OrdersFailed = () => <Failed error={useRouteError()} />

const router = createBrowserRouter([
  { path: '/', element: <Home /> },
  { path: '/callback', element: <SigningIn /> },
  {
    path: '/orders',
    loader: ({ url, request: { signal } }) => requireLogin(auth, { returnTo: url.href, signal }),
    element: <Orders />,
    errorElement: <OrdersFailed />,
    hydrateFallbackElement: <SigningIn />,
  },
  { path: '*', element: <NotFound /> },
])
void auth.start({ onCallback: ({ path }) => router.navigate(path, { replace: true }) })
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
)
