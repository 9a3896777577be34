import { UserManager } from 'oidc-client-ts'

const manager = new UserManager({
  authority: 'https://login.example.com',
  client_id: 'my-spa',
  redirect_uri: `${location.origin}/callback`,
  silent_redirect_uri: `${location.origin}/silent`,
})

if (location.pathname === '/callback') await manager.signinRedirectCallback()
else if (location.pathname === '/silent') await manager.signinSilentCallback()
export const login = (): Promise<void> => manager.signinRedirect()
export const getToken = async (): Promise<string | undefined> =>
  ((await manager.getUser()) ?? (await manager.signinSilent()))?.access_token
export const logout = (): Promise<void> => manager.signoutRedirect()
