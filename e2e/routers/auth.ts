import { createAuthClient } from 'sotto'

declare global {
  /** Set by the server of the page. */
  var issuer: string
}

/** The client of every page here. */
export const auth = createAuthClient({
  issuer: globalThis.issuer,
  clientId: 'app',
  redirectUri: '/callback',
  postLogoutRedirectUri: '/',
})
