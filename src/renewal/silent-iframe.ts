import { beginAuthorization } from '../flow/begin-authorization.ts'
import { completeAuthorization } from '../flow/complete-authorization.ts'
import { authorizeSilently } from '../transport/silent-authorization.ts'
import type { RenewalStrategy } from './renewal-strategy.ts'

export interface SilentIframeOptions {
  /** The origin that the server posts its answer from, if not that of its authorization endpoint. */
  readonly messageOrigin?: string
  /** How long the frame may take, in milliseconds. Default: the client's `timeoutMs`. */
  readonly timeoutMs?: number
}

/**
 * Asks the server's session, in a hidden frame: `prompt=none`, answered by `postMessage` (`response_mode=web_message`). Works where
 * the server's cookies reach a frame on this page, which in most browsers means: where both are on the same site.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest OpenID Connect Core, section 3.1.2.1}
 * @example
 * ```ts
 * createAuthClient({ issuer, clientId, redirectUri, renewal: [silentIframe({ timeoutMs: 5000 })] })
 * ```
 */
export function silentIframe(options: SilentIframeOptions = {}): RenewalStrategy {
  return async (context, request, { signal, onGrant }) => {
    const { transaction, url } = await beginAuthorization(context, request, {
      kind: 'silent',
      responseMode: 'web_message',
    })
    const response = await authorizeSilently(url, {
      state: transaction.state,
      redirectUri: transaction.redirectUri,
      messageOrigin: options.messageOrigin ?? url.origin,
      timeoutMs: options.timeoutMs ?? context.options.timeoutMs,
      signal,
    })
    return {
      tokens: await completeAuthorization(context, transaction, response, onGrant),
    }
  }
}
