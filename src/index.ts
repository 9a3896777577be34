export { createAuthFetch, type AuthFetchOptions } from './add-ons/auth-fetch.ts'
export { autoRenew, type AutoRenewOptions } from './add-ons/auto-renew.ts'
export { createAuthClient, type AuthClient } from './client/client.ts'
export type { TokenEntry } from './session/token-cache.ts'
export type { CallbackResult } from './client/callback.ts'
export type { Page } from './client/page.ts'
export {
  AuthError,
  isAuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  type AuthErrorEvidence,
  type RenewalAttempt,
} from './errors.ts'
export { fetchUserInfo, type UserInfoOptions } from './add-ons/fetch-user-info.ts'
export type { AuthEvents, AuthLogger, AuthWarning } from './client/events.ts'
export type { TokenDetails, TokenOptions } from './client/get-token-silently.ts'
export type { CallbackOptions } from './client/handle-redirect-callback.ts'
export type { LoginOptions } from './client/login-with-redirect.ts'
export type { LogoutOptions } from './client/logout.ts'
export type { CallbackOutcome, StartOptions } from './client/start.ts'
export type { TargetOptions } from './authorization/target.ts'
export type { ClientOptions, OnLoginRequired } from './client/options.ts'
export type { IdTokenClaims, TokenSet } from './protocol/token-set.ts'
export type { Target } from './protocol/transaction.ts'
export { refreshToken } from './renewal/refresh-token.ts'
export type {
  RenewalContext,
  RenewalOptions,
  RenewalResult,
  RenewalStrategy,
} from './renewal/renewal-strategy.ts'
export { silentRedirect, type SilentRedirectOptions } from './renewal/silent-redirect.ts'
export { silentIframe, type SilentIframeOptions } from './renewal/silent-iframe.ts'
export {
  requireLogin,
  type AuthenticatedSnapshot,
  type RequireLoginOptions,
} from './add-ons/require-login.ts'
export { settled, type SettledSnapshot } from './add-ons/settled.ts'
export { revokeTokens, type RevokeOptions } from './add-ons/revoke-tokens.ts'
export type { AuthSnapshot, User } from './session/snapshot.ts'
export { customStorage } from './session/custom-storage.ts'
export { indexedDbStorage } from './session/indexed-db-storage.ts'
export { memoryStorage } from './session/memory-storage.ts'
export type { TokenStorage } from './session/token-storage.ts'
export { webStorage } from './session/web-storage.ts'
export type { CustomStorage, TransactionStorage } from './storage/storage.ts'
