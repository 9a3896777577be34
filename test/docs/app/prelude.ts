// What a block of code may use without saying where it comes from.
import type * as Sotto from 'sotto'
import type * as Testing from 'sotto/testing'

declare global {
  const auth: Sotto.AuthClient
  const issuer: string, clientId: string, redirectUri: string
  const createAuthClient: typeof Sotto.createAuthClient
  const isAuthError: typeof Sotto.isAuthError
  const autoRenew: typeof Sotto.autoRenew
  const createAuthFetch: typeof Sotto.createAuthFetch
  const customStorage: typeof Sotto.customStorage
  const diagnose: typeof Sotto.diagnose
  const exchangeToken: typeof Sotto.exchangeToken
  const fetchUserInfo: typeof Sotto.fetchUserInfo
  const getTokenWithPopup: typeof Sotto.getTokenWithPopup
  const idleTimeout: typeof Sotto.idleTimeout
  const indexedDbStorage: typeof Sotto.indexedDbStorage
  const initiateLogin: typeof Sotto.initiateLogin
  const loginWithPopup: typeof Sotto.loginWithPopup
  const memoryStorage: typeof Sotto.memoryStorage
  const mergeUserInfo: typeof Sotto.mergeUserInfo
  const pushedAuthorizationRequest: typeof Sotto.pushedAuthorizationRequest
  const refreshToken: typeof Sotto.refreshToken
  const requireLogin: typeof Sotto.requireLogin
  const revokeTokens: typeof Sotto.revokeTokens
  const sessionMonitor: typeof Sotto.sessionMonitor
  const settled: typeof Sotto.settled
  const silentIframe: typeof Sotto.silentIframe
  const silentRedirect: typeof Sotto.silentRedirect
  const webStorage: typeof Sotto.webStorage
  const createAuthorizationServer: typeof Testing.createAuthorizationServer
  const fakeAuth: typeof Testing.fakeAuth
  const signedIn: typeof Testing.signedIn
  const button: HTMLButtonElement
  function showLoginButton(): void
  function showSpinner(): void
  function showError(error: unknown): void
  function showApp(user: unknown): void
  function showAdmin(): void
  function showRetryButton(): void
  function showDialog(text: string): Promise<void>
}
