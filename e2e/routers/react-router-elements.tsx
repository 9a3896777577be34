import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter, createPath, Outlet, Route, Routes, useLocation } from 'react-router'
import { requireLogin } from 'sotto'
import { auth } from './auth.ts'
import { Failed, Home, NotFound, Orders, SigningIn, useAuth } from './react-views.tsx'

function RequireLogin() {
  const session = useAuth()
  const returnTo = createPath(useLocation())
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    // Who goes elsewhere meanwhile is not sent away.
    const left = new AbortController()
    requireLogin(auth, { returnTo, signal: left.signal }).catch(
      (failure: unknown) => left.signal.aborted || setError(failure),
    )
    return () => {
      left.abort()
      setError(undefined)
    }
  }, [session, returnTo])
  if (error) return <Failed error={error} />
  return session.status === 'authenticated' ? <Outlet /> : <SigningIn />
}

void auth.start()
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <BrowserRouter>
      <Routes>
        <Route path="/" element={<Home />} />
        <Route path="/callback" element={<SigningIn />} />
        <Route element={<RequireLogin />}>
          <Route path="/orders" element={<Orders />} />
        </Route>
        <Route path="*" element={<NotFound />} />
      </Routes>
    </BrowserRouter>
  </StrictMode>,
)
