import { AuthError, isAuthError } from '../errors.ts'
import { beginAuthorization } from '../authorization/begin-authorization.ts'
import { completeAuthorization } from '../authorization/complete-authorization.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { bareUrl } from '../protocol/evidence.ts'
import { checkText, configInvalid, isDuration } from '../protocol/request-parameters.ts'
import { chooseResponseMode } from '../protocol/silent-response-mode.ts'
import { resolveRedirectUri } from '../protocol/url.ts'
import { assertFramesWork, authorizeInFrame } from '../browser/authorize-in-frame.ts'
import { createTurns } from '../browser/turns.ts'
import { readWebMessage } from '../browser/web-message.ts'
import type { Target } from '../protocol/target.ts'
import type {
  InternalContext,
  InternalOptions,
  InternalResult,
  InternalStrategy,
} from './internal-strategy.ts'
import type { FrameMemory } from './frame-memory.ts'
import type { RenewalStrategy } from './renewal-strategy.ts'

export interface SilentIframeOptions {
  /**
   * How the server answers: with a message, or by redirecting the frame to a page of ours, whose
   * address is then read without running anything there. Default: `web_message` where the metadata
   * lists it or has no list, else `fragment` or `query`, as listed.
   */
  readonly responseMode?: 'web_message' | 'query' | 'fragment' | 'okta_post_message' | undefined
  /**
   * The redirect URI of silent requests, registered and on this page's own origin; at best an empty
   * file. Default: the client's `redirectUri`.
   */
  readonly callbackUri?: string | undefined
  /**
   * For a server that goes from page to page by script before it redirects: lets pages in the frame
   * run scripts, also in the modes `query` and `fragment`. `callbackUri` must be the page
   * `sotto/silent-callback` then, not the app.
   */
  readonly allowScripts?: boolean | undefined
  /**
   * Sends the last ID token along (`id_token_hint`), for servers that answer `invalid_request`
   * without it. Default: once a server has answered so.
   */
  readonly idTokenHint?: boolean | undefined
  /**
   * The origin that the server posts its answer from, if not that of its authorization endpoint.
   */
  readonly messageOrigin?: string | undefined
  /** How long the frame may take, in milliseconds. Default: the client's `timeoutMs`. */
  readonly timeoutMs?: number | undefined
}

/**
 * Asks the server's session, in a hidden frame, with `prompt=none`. Works where the server's
 * cookies reach a frame on this page, which in most browsers means: where both are on the same
 * site.
 *
 * @throws AuthError `config_invalid` for a `responseMode` that is none of those, and for values
 *   that are of another kind
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest OpenID Connect Core, section 3.1.2.1}
 * @example
 * ```ts
 * createAuthClient({
 *   issuer,
 *   clientId,
 *   redirectUri,
 *   renewal: [silentIframe({ responseMode: 'fragment', callbackUri: '/silent.html' })],
 * })
 * ```
 */
export function silentIframe(settings: SilentIframeOptions = {}): RenewalStrategy {
  // Own fields only: what someone put on `Object.prototype` is no option.
  const own: SilentIframeOptions = ownFields(settings)
  const { allowScripts = false, timeoutMs } = own
  const callbackUri = checkText('callbackUri', own.callbackUri ?? undefined)
  const mode: string = checkText('responseMode', own.responseMode ?? 'query')
  if (!/^(web_message|query|fragment|okta_post_message)$/.test(mode))
    throw configInvalid('responseMode')
  if (timeoutMs != null && !isDuration(timeoutMs)) throw configInvalid('timeoutMs')
  let sendsHint = own.idTokenHint ?? false
  const inTurn = createTurns(MAX_FRAMES)

  const run: InternalStrategy = async (context, request, options) => {
    if (options.cookiesBlocked) return { notPossible: 'cookies_blocked_suspected' }
    const idToken = context.session.identity?.idToken
    const isHinted = sendsHint && !!idToken
    try {
      return await ask(context, request, options, isHinted ? idToken : undefined)
    } catch (error) {
      // The same word of the token endpoint is a `token_error`.
      const isRefused = isAuthError(error, 'authorization_error')
      if (!isRefused || error.oauthError !== 'invalid_request' || isHinted || !idToken) throw error
      sendsHint = true
      return ask(context, request, options, idToken)
    }
  }

  async function ask(
    context: InternalContext,
    request: Target,
    options: InternalOptions,
    idTokenHint: string | undefined,
  ): Promise<InternalResult> {
    const { signal, onTokenRequest, isInBackground } = options
    const redirectUri = callbackUri
      ? resolveRedirectUri(callbackUri, 'callbackUri')
      : context.redirectUri
    const isAtApp = redirectUri === context.redirectUri
    // With scripts the app would start there, and take the response out of the URL.
    if (allowScripts && isAtApp) throw configInvalid('callbackUri')
    assertFramesWork()
    const { metadata } = await context.server.get()
    const responseMode = own.responseMode ?? chooseResponseMode(metadata)
    const { transaction, url } = await beginAuthorization(
      context,
      request,
      {
        kind: 'silent',
        responseMode,
        redirectUri,
      },
      idTokenHint,
    )
    const isMessage = responseMode.endsWith('message')
    // What stays quiet again after this is a page that the server shows on purpose. Only where
    // somebody can be sent to it: a server that is out of order is asked no more than it has to be.
    const isDoubtful = !isInBackground && context.frames.quietForMs() >= QUIET_MS
    const isThere = isDoubtful && (await context.server.isReachable())
    const settings = JSON.stringify([responseMode, redirectUri])
    const flatIssuer = responseMode === 'okta_post_message' ? metadata.issuer : undefined
    const limit = { signal, timeoutMs: timeoutMs ?? context.options.timeoutMs }
    const answer = inTurn(limit, () =>
      authorizeInFrame(url, {
        ...limit,
        state: transaction.state,
        redirectUri,
        allowScripts: allowScripts || isMessage,
        messageOrigin: own.messageOrigin ?? url.origin,
        readMessage: (data) => readWebMessage(data, flatIssuer),
      }),
    )
    const response = await answer.catch((error: unknown) => {
      // The frames before it took all the time.
      if (isAuthError(error, 'timeout'))
        throw new AuthError('silent_timeout', { evidence: { asked: bareUrl(url), redirectUri } })
      throw explainQuiet(context.frames, settings, isThere, error)
    })
    // Chromium writes the address of a script that it blocks into the console, code included.
    if (context.frames.answered(settings) && isAtApp && !isMessage)
      context.warn('callback_uri_missing', responseMode)
    try {
      const tokens = await completeAuthorization(context, transaction, response, { onTokenRequest })
      context.cookies.succeeded()
      return { tokens }
    } catch (error) {
      // The code may have ended on the way, as where the device slept, or something on the way has
      // answered with a page: that is no word about the session, and the next frame has another one.
      const isEnded = isAuthError(error, 'token_error') && error.oauthError === 'invalid_grant'
      if (isEnded || (isAuthError(error, 'response_invalid') && error.reason === 'format'))
        throw Object.assign(error, { retryable: true })
      throw explainLoginRequired(context, error)
    }
  }
  return Object.assign(run, { label: 'silent_iframe' }) as InternalStrategy as RenewalStrategy
}

/** A page may ask for fifty targets at once; each frame is a page of its own. */
const MAX_FRAMES = 6

/** How long a server is quiet at least that shows a page where it used to answer. */
const QUIET_MS = 10_000

/**
 * Says what it means that something was loaded in the frame and gave no answer. Where none ever has
 * with these settings, it is the set-up, and trying again is in vain. Where one has, and the server
 * is there between two that stay quiet, it shows its login page: some have no `login_required`.
 *
 * @param isThere whether the server answered something else meanwhile
 */
function explainQuiet(
  frames: FrameMemory,
  settings: string,
  isThere: boolean,
  error: unknown,
): unknown {
  if (!isAuthError(error, 'silent_blocked') || error.reason !== 'no_answer') return error
  const { reason, evidence } = error
  if (!frames.hasAnswered(settings))
    return new AuthError(
      'silent_blocked',
      { reason, ...(evidence && { evidence }) },
      ' Check client ID, redirect URI, response mode, and whether the server may be framed.',
    )
  frames.stayedQuiet()
  return isThere
    ? new AuthError('interaction_required', {
        reason: 'no_answer_after_success',
        ...(evidence && { evidence }),
      })
    : error
}

/** Says of a `login_required` whether the server may only not have seen its cookie. */
function explainLoginRequired({ cookies, warn }: InternalContext, error: unknown): unknown {
  if (!isAuthError(error, 'login_required')) {
    cookies.cleared()
    return error
  }
  const { isSuspect, isNew } = cookies.loginRequired()
  const reason = 'cookies_blocked_suspected'
  if (isNew) warn('login_required', reason)
  if (!isSuspect) return error
  return new AuthError('login_required', {
    oauthError: 'login_required',
    ...(error.oauthErrorDescription && { oauthErrorDescription: error.oauthErrorDescription }),
    reason,
    evidence: { alternative: 'session_ended' },
  })
}
