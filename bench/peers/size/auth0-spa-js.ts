import { createAuth0Client } from '@auth0/auth0-spa-js'

const auth = await createAuth0Client({
  domain: 'login.example.com',
  clientId: 'my-spa',
  authorizationParams: { redirect_uri: `${location.origin}/callback` },
})

if (location.pathname === '/callback') await auth.handleRedirectCallback()
export const login = (): Promise<void> => auth.loginWithRedirect()
export const getToken = (): Promise<string | undefined> => auth.getTokenSilently()
export const logout = (): Promise<void> => auth.logout()
