/**
 * The client, and what is passed to it or takes it.
 *
 * @module sotto
 */
export { createAuthFetch, type AuthFetchOptions } from './add-ons/auth-fetch.ts'
export type { OnStepUp } from './add-ons/step-up.ts'
export { autoRenew, type AutoRenewOptions } from './add-ons/auto-renew.ts'
export { createAuthClient } from './client/client.ts'
export type { AuthClient, Page } from './client/auth-client.ts'
export type {
  CallbackOptions,
  CallbackOutcome,
  CallbackResult,
  LoginOptions,
  LogoutOptions,
  StartOptions,
  TokenDetails,
  TokenOptions,
} from './client/call-options.ts'
export {
  AuthError,
  isAuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  type AuthErrorEvidence,
  type RenewalAttempt,
} from './errors.ts'
export {
  exchangeToken,
  type ExchangedToken,
  type ExchangeOptions,
} from './add-ons/exchange-token.ts'
export { idleTimeout, type IdleTimeoutOptions } from './add-ons/idle-timeout.ts'
export { getTokenWithPopup } from './add-ons/get-token-with-popup.ts'
export { loginWithPopup, type PopupResult } from './add-ons/login-with-popup.ts'
export type { PopupOptions, PopupTokenOptions } from './add-ons/popup-options.ts'
export { initiateLogin, type InitiateLoginOptions } from './add-ons/initiate-login.ts'
export { diagnose, type DiagnoseOptions, type Diagnosis } from './explain/diagnose.ts'
export type { Finding, FindingEvidence, FindingId, FindingLevel } from './explain/finding.ts'
export { pushedAuthorizationRequest } from './add-ons/pushed-authorization-request.ts'
export type { PushRequest } from './authorization/push-request.ts'
export type { TokenBinding } from './protocol/token-binding.ts'
export { mergeUserInfo } from './add-ons/merge-user-info.ts'
export { fetchUserInfo, type UserInfoOptions } from './add-ons/fetch-user-info.ts'
export type { AuthEvents, AuthLogger, AuthWarning } from './client/events.ts'
export type { ClientOptions, OnLoginRequired } from './client/options.ts'
export type { Fetch, ServerMetadata } from './protocol/discovery.ts'
export type { IdTokenClaims, TokenSet } from './protocol/token-set.ts'
export type { ExtraParameters, Target, TargetOptions } from './protocol/target.ts'
export { refreshToken } from './renewal/refresh-token.ts'
export type { RenewalReport } from './renewal/renewal-report.ts'
export type {
  RenewalContext,
  RenewalOptions,
  RenewalResult,
  RenewalStrategy,
} from './renewal/renewal-strategy.ts'
export type { UserInfoSource } from './renewal/user-info-source.ts'
export { silentRedirect, type SilentRedirectOptions } from './renewal/silent-redirect.ts'
export { silentIframe, type SilentIframeOptions } from './renewal/silent-iframe.ts'
export { requireLogin, type RequireLoginOptions } from './add-ons/require-login.ts'
export { sessionMonitor, type SessionMonitorOptions } from './add-ons/session-monitor.ts'
export { settled } from './add-ons/settled.ts'
export { revokeTokens, type RevokeOptions } from './add-ons/revoke-tokens.ts'
export type {
  AnonymousSnapshot,
  AuthenticatedSnapshot,
  AuthSnapshot,
  ErrorSnapshot,
  LoadingSnapshot,
  SettledSnapshot,
  User,
  UserWith,
} from './session/auth-snapshot.ts'
export type { ClaimsSchema } from './session/claims-schema.ts'
export { customStorage } from './session/custom-storage.ts'
export { indexedDbStorage } from './session/indexed-db-storage.ts'
export { memoryStorage } from './session/memory-storage.ts'
export type { TokenStorage } from './session/token-storage.ts'
export { webStorage } from './session/web-storage.ts'
export type { CustomStorage, TransactionStorage } from './storage/storage.ts'
