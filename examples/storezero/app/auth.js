// The shop's client: all that an app needs to set up.
import {
  autoRenew,
  createAuthClient,
  createAuthFetch,
  indexedDbStorage,
  loginWithPopup,
  memoryStorage,
  refreshToken,
  silentIframe,
  silentRedirect,
  webStorage,
} from 'sotto'
import { api, issuer } from './config.js'
import { askToSignIn, confirmIdentity } from './dialog.js'
import { readSettings } from './settings.js'

const settings = readSettings()
const storages = {
  memory: memoryStorage,
  localStorage: () => webStorage(() => localStorage),
  indexedDB: indexedDbStorage,
}
const renewals = {
  frame: () => [silentIframe()],
  refresh: () => [refreshToken(), silentIframe()],
  redirect: () => [silentIframe(), silentRedirect()],
}
/** What most servers want to be asked for before they give a refresh token. */
const offline = settings.renewBy === 'refresh' ? ' offline_access' : ''

export const auth = createAuthClient({
  issuer,
  clientId: 'storezero',
  redirectUri: '/callback',
  postLogoutRedirectUri: '/',
  scope: `openid profile email orders${offline}`,
  audience: api,
  tokenStorage: storages[settings.storage](),
  onLoginRequired: settings.onLoginRequired === 'redirect' ? 'redirect' : askToSignIn,
  // The default is [silentIframe()].
  renewal: renewals[settings.renewBy](),
})

/** A `fetch` that brings the user's access token to the shop's API, and to nobody else. */
export const authFetch = createAuthFetch(auth, {
  allowedOrigins: [api],
  // The API wants a recent sign-in before an order.
  onStepUp: (login) => confirmIdentity(() => loginWithPopup(auth, login)),
})

// Otherwise the call that finds no good token renews it, and waits that long.
if (settings.renewal === 'ahead') autoRenew(auth)
