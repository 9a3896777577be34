import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import { readSetting, run, timeCall } from './bench-app.ts'

const { issuer, clientId, redirectUri, silentUri, mode } = readSetting()
const manager = new UserManager({
  authority: issuer,
  client_id: clientId,
  redirect_uri: redirectUri,
  silent_redirect_uri: silentUri,
  scope: 'openid profile email',
  automaticSilentRenew: mode !== 'tabs',
  userStore: new WebStorageStateStore({
    store: mode === 'local' || mode === 'tabs' ? localStorage : new InMemoryWebStorage(),
  }),
})

/** It leaves to the app whether to ask in silence: this app does so where it was signed in. */
async function start(): Promise<string | undefined> {
  const user = await manager.getUser()
  if (user) return user.profile.sub
  if (!localStorage.getItem('signed-in')) return undefined
  return (await manager.signinSilent())?.profile.sub
}

await run({
  start,
  finishLogin: async () => {
    const user = await manager.signinCallback()
    history.replaceState(null, '', location.pathname)
    localStorage.setItem('signed-in', 'yes')
    return user?.profile.sub
  },
  login: () => manager.signinRedirect(),
  renew: async () => {
    if (!(await manager.signinSilent())) throw new Error('oidc-client-ts has not renewed')
  },
  // Without its timer, which would have renewed before the calls.
  getToken: async () => {
    const user = await manager.getUser()
    return user && !user.expired ? user.access_token : manager.signinSilent()
  },
  measureCached: async (entries) =>
    entries === 1 ? timeCall(async () => (await manager.getUser())?.access_token) : undefined,
})
