export { createAuthFetch, type AuthFetchOptions } from './auth-fetch.ts'
export { autoRenew, type AutoRenewOptions } from './auto-renew.ts'
export { createAuthClient, type AuthClient } from './client.ts'
export type { TokenEntry } from './cache/token-cache.ts'
export type { CallbackResult, ClientContext } from './context.ts'
export {
  AuthError,
  isAuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  type AuthErrorEvidence,
  type RenewalAttempt,
} from './errors.ts'
export { fetchUserInfo, type UserInfoOptions } from './fetch-user-info.ts'
export type { AuthEvents, AuthLogger, AuthWarning } from './events.ts'
export type { TokenDetails, TokenOptions } from './flow/get-token-silently.ts'
export type { CallbackOptions } from './flow/handle-redirect-callback.ts'
export type { LoginOptions } from './flow/login-with-redirect.ts'
export type { LogoutOptions } from './flow/logout.ts'
export type { StartOptions } from './flow/start.ts'
export type { TargetOptions } from './flow/target.ts'
export type { ClientOptions, OnLoginRequired } from './options.ts'
export type { IdTokenClaims, TokenSet } from './protocol/token-set.ts'
export type { Target } from './protocol/transaction.ts'
export { refreshToken } from './renewal/refresh-token.ts'
export type { RenewalOptions, RenewalResult, RenewalStrategy } from './renewal/renewal-strategy.ts'
export { silentRedirect, type SilentRedirectOptions } from './renewal/silent-redirect.ts'
export { silentIframe, type SilentIframeOptions } from './renewal/silent-iframe.ts'
export { revokeTokens, type RevokeOptions } from './revoke-tokens.ts'
export type { AuthSnapshot, User } from './session.ts'
export { indexedDbStorage } from './storage/indexed-db-storage.ts'
export { memoryStorage } from './storage/memory-storage.ts'
export type { TokenStorage, TransactionStorage } from './storage/storage.ts'
export { webStorage } from './storage/web-storage.ts'
