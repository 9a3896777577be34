// The shop's client: all that an app needs to set up.
import {
  autoRenew,
  createAuthClient,
  createAuthFetch,
  indexedDbStorage,
  memoryStorage,
  silentIframe,
  webStorage,
} from 'sotto'
import { api, issuer } from './config.js'
import { askToSignIn } from './dialog.js'
import { noteStrategy, noticedFetch } from './panel/requests.js'
import { readSettings } from './settings.js'

const settings = readSettings()
const storages = {
  memory: memoryStorage,
  localStorage: () => webStorage(() => localStorage),
  indexedDB: indexedDbStorage,
}

export const auth = createAuthClient({
  issuer,
  clientId: 'storezero',
  redirectUri: '/callback',
  postLogoutRedirectUri: '/',
  scope: 'openid profile email orders',
  audience: api,
  tokenStorage: storages[settings.storage](),
  onLoginRequired: settings.onLoginRequired === 'redirect' ? 'redirect' : askToSignIn,
  // The default is [silentIframe()]. This one and `fetch` are noted for the panel.
  renewal: [noteStrategy('hidden frame', silentIframe())],
  fetch: noticedFetch,
})

/** A `fetch` that brings the user's access token to the shop's API, and to nobody else. */
export const authFetch = createAuthFetch(auth, { allowedOrigins: [api] })

// Otherwise the call that finds no good token renews it, and waits that long.
if (settings.renewal === 'ahead') autoRenew(auth)
