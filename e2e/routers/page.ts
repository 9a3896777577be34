// What the pages have in common, so that one test drives them all.
import type { AuthSnapshot } from 'sotto'

export const texts = {
  home: 'Home',
  orders: 'Orders',
  notFound: 'Not found',
  signingIn: 'One moment',
  tryAgain: 'Try again',
  logOut: 'Log out',
} as const

/** Where the links lead to: a route that is guarded. */
export const ORDERS = '/orders?page=2#third'

/** What a page says of the session. */
export function nameUser(session: AuthSnapshot): string {
  return session.status === 'authenticated' ? `Signed in as ${session.user.sub}` : 'Not signed in'
}

/** What a page says of an error. */
export function describe(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

// As the HTML of such an app has it.
document.body.innerHTML = '<main id="app"></main>'
