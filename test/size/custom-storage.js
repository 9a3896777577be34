import { createAuthClient, customStorage } from 'sotto'

const values = new Map()
const auth = createAuthClient({
  issuer: 'https://login.example.com',
  clientId: 'my-spa',
  redirectUri: '/callback',
  tokenStorage: customStorage({
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  }),
})

await auth.start()
if (location.hash === '#explicit') await auth.handleRedirectCallback()
export const login = () => auth.loginWithRedirect()
export const getToken = () => auth.getTokenSilently()
export const logout = () => auth.logout()
