import { createAuthClient, exchangeToken } from 'sotto'

const auth = createAuthClient({
  issuer: 'https://login.example.com',
  clientId: 'my-spa',
  redirectUri: '/callback',
})

export const exchange = () => exchangeToken(auth)
await auth.start()
if (location.hash === '#explicit') await auth.handleRedirectCallback()
export const login = () => auth.loginWithRedirect()
export const getToken = () => auth.getTokenSilently()
export const logout = () => auth.logout()
