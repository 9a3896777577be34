import type { ClientOptions } from 'sotto'
import type { Settings } from './server.ts'

/** A client as a page can be told to make it. */
export interface ClientPlan extends Settings {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri?: string
  /** Default: what Sotto does by itself. */
  readonly renewal?: 'frame' | 'refresh'
}

declare global {
  /** What a promise of the library ended with: its value, or the error in one line. */
  var tell: (promise: Promise<unknown>) => Promise<string>
}

/** Makes `window.auth`. Runs in the page: it may refer to nothing outside itself. */
export function createClientInPage(plan: ClientPlan): void {
  const { issuer, clientId, redirectUri = '/callback', scope, metadataPath } = plan
  const { idTokenHint, refreshOnly } = plan
  const frame = sotto.silentIframe(idTokenHint === undefined ? {} : { idTokenHint })
  const renewals = { frame: [frame], refresh: [sotto.refreshToken()] }
  const chosen = plan.renewal ?? (refreshOnly ? 'refresh' : idTokenHint ? 'frame' : undefined)
  const options: ClientOptions = {
    issuer,
    clientId,
    redirectUri,
    ...(scope !== undefined && { scope }),
    ...(metadataPath !== undefined && { metadata: issuer + metadataPath }),
    ...(chosen && { renewal: renewals[chosen] }),
  }
  // A client that is left would share its session.
  globalThis.auth?.dispose()
  globalThis.auth = sotto.createAuthClient(options)
  globalThis.tell = async (promise) => {
    try {
      return String(await promise)
    } catch (error) {
      if (!sotto.isAuthError(error)) throw error
      const { code, reason, oauthError, cause } = error
      const inner = sotto.isAuthError(cause) && `because of ${cause.code}`
      const details = [reason, oauthError !== code && oauthError, inner].filter(Boolean)
      return details.length > 0 ? `${code} (${details.join(', ')})` : code
    }
  }
}
