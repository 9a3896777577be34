import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createHashRouter, createPath, RouterProvider, useRouteError } from 'react-router'
import { requireLogin } from 'sotto'
import { auth } from './auth.ts'
import { Failed, Home, NotFound, Orders, SigningIn } from './react-views.tsx'

const OrdersFailed = () => <Failed error={useRouteError()} />

const router = createHashRouter([
  { path: '/', element: <Home /> },
  {
    path: '/orders',
    loader: ({ url, request: { signal } }) =>
      requireLogin(auth, { returnTo: `/#${createPath(url)}`, signal }),
    element: <Orders />,
    errorElement: <OrdersFailed />,
    hydrateFallbackElement: <SigningIn />,
  },
  { path: '*', element: <NotFound /> },
])
void auth.start()
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
)
