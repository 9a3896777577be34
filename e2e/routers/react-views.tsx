import { useSyncExternalStore } from 'react'
import { createPath, Link, useLocation } from 'react-router'
import type { AuthSnapshot } from 'sotto'
import { auth } from './auth.ts'
import { describe, nameUser, ORDERS, texts } from './page.ts'

export const useAuth = (): AuthSnapshot =>
  useSyncExternalStore(auth.subscribe, auth.getSnapshot, auth.getServerSnapshot)

export function Home() {
  return (
    <>
      <h1>{texts.home}</h1>
      <p>{nameUser(useAuth())}</p>
      <Link to={ORDERS}>{texts.orders}</Link>
      <button onClick={() => void auth.logout()}>{texts.logOut}</button>
    </>
  )
}

export function Orders() {
  return (
    <>
      <h1>{texts.orders}</h1>
      <p>{nameUser(useAuth())}</p>
      <output>{createPath(useLocation())}</output>
      <Link to="/">{texts.home}</Link>
    </>
  )
}

/** Shows what went wrong; to log in again is left to the user. */
export function Failed({ error }: { readonly error: unknown }) {
  return (
    <>
      <p role="alert">{describe(error)}</p>
      <button onClick={() => void auth.loginWithRedirect()}>{texts.tryAgain}</button>
    </>
  )
}

export const SigningIn = () => <p>{texts.signingIn}</p>

export const NotFound = () => <h1>{texts.notFound}</h1>
