import { AuthError, type AuthErrorCode } from '../errors.ts'
import { isRedirectAddress } from '../protocol/redirect-address.ts'
import { bareUrl } from '../protocol/evidence.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { isOffline } from './environment.ts'
import { createHiddenFrame, readLocation } from './frame-element.ts'
import { readCallbackMessage, readOwnResponse } from './own-response.ts'

export interface FrameAuthorizationOptions {
  readonly state: string
  readonly redirectUri: string
  /** Whether pages in the frame may run scripts. */
  readonly allowScripts: boolean
  /** The exact origin that the server posts from. */
  readonly messageOrigin: string
  /** Reads a response from a message of the server; undefined for anything else. */
  readonly readMessage: (data: unknown) => URLSearchParams | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

interface Outcome {
  readonly resolve: (response: URLSearchParams) => void
  readonly reject: (error: unknown) => void
  /** Aborted when it is over, however it ended. */
  readonly ended: AbortSignal
}

const POLL_INTERVAL_MS = 20
/**
 * From the last `load` of a page that does not answer: long enough for one that goes on to the next
 * by script.
 */
const QUIET_MS = 2000
/**
 * Where the browser says that it is offline: some report nothing of a page that could not be
 * loaded.
 */
const OFFLINE_MS = 5000

/**
 * Sends an authorization request through a hidden frame, and resolves with the response: what the
 * server or our callback page posts, or the location of a frame that came back to our redirect URI.
 * Nothing of the frame, its listeners and its timer is left, however it ends.
 *
 * @throws AuthError `silent_blocked` with the reason `csp`, `no_answer`, `no_frames` or
 *   `removed`;
 *   `silent_timeout`; `state_mismatch`; `network_error` where the device goes offline. An abort
 *   rejects with the signal's reason.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.17 RFC 9700, section 4.17}
 */
export async function authorizeInFrame(
  url: URL,
  options: FrameAuthorizationOptions,
): Promise<URLSearchParams> {
  options.signal.throwIfAborted()
  const frame = createHiddenFrame(url, options.allowScripts)
  const over = new AbortController()
  try {
    return await new Promise<URLSearchParams>((resolve, reject) => {
      watchFrame(frame, url, options, { resolve, reject, ended: over.signal })
      ;(document.body ?? document.documentElement).append(frame)
      // Where nothing loads frames, as in happy-dom and jsdom: there is no window, or its address
      // is at once what a browser comes to later and shows to no other origin.
      if (!frame.contentWindow || readLocation(frame) === url.href)
        reject(new AuthError('silent_blocked', { reason: 'no_frames' }))
    })
  } finally {
    over.abort()
    frame.remove()
  }
}

/**
 * What can be known before anything is asked.
 *
 * @throws AuthError `silent_blocked` with the reason `cross_origin_isolated`
 */
export function assertFramesWork(): void {
  // Such a page may frame only servers that opt in by a header; the rest fail without a sign in
  // some browsers.
  if (globalThis.crossOriginIsolated)
    throw new AuthError('silent_blocked', { reason: 'cross_origin_isolated' })
}

function watchFrame(
  frame: HTMLIFrameElement,
  url: URL,
  { state, redirectUri, messageOrigin, readMessage, timeoutMs, signal }: FrameAuthorizationOptions,
  { resolve, reject, ended }: Outcome,
): void {
  const begun = performance.now()
  const seen = { loads: 0, messagesIgnored: 0, lastLoadMs: undefined as number | undefined }
  const whileOpen = ownFields({ signal: ended })

  const fail = (code: AuthErrorCode, reason?: string, directive?: string): void =>
    reject(
      new AuthError(code, {
        ...(reason && { reason }),
        // It may have been an error page, of the server or of the browser, that is another one in a
        // minute.
        ...(reason === 'no_answer' && { retryable: true }),
        evidence: {
          asked: bareUrl(url),
          redirectUri,
          ...seen,
          ...(directive && { directive }),
        },
      }),
    )
  const failUnlessOffline = (code: AuthErrorCode, reason?: string): void =>
    isOffline() ? fail('network_error', 'offline') : fail(code, reason)
  const answer = (response: URLSearchParams): void => {
    if (response.get('state') !== state) reject(new AuthError('state_mismatch'))
    resolve(response)
  }
  const look = (): void => {
    const response = readOwnResponse(readLocation(frame), redirectUri, state)
    // By a clock that nobody sets; not by counting timers, which stop while a page is frozen.
    const tookMs = performance.now() - begun
    if (response) answer(response)
    else if (!frame.isConnected) fail('silent_blocked', 'removed')
    // What the browser says of the network explains a failure; it may be wrong, so it prevents no
    // try.
    else if (tookMs >= timeoutMs) failUnlessOffline('silent_timeout')
    // Never, as long as nothing was loaded.
    else if (tookMs >= seen.lastLoadMs! + QUIET_MS) failUnlessOffline('silent_blocked', 'no_answer')
    else if (tookMs >= OFFLINE_MS && !seen.loads && isOffline()) fail('network_error', 'offline')
  }

  signal.addEventListener('abort', () => reject(signal.reason), whileOpen)
  document.addEventListener(
    'securitypolicyviolation',
    (violation) => {
      const directive = violation.effectiveDirective
      if (blocksFrame(violation, url, redirectUri)) fail('silent_blocked', 'csp', directive)
    },
    whileOpen,
  )
  addEventListener(
    'message',
    ({ isTrusted, source, origin, data }) => {
      // All three: a script may forge events, another window may show the server, the frame may
      // have been led elsewhere.
      if (!isTrusted || source !== frame.contentWindow) return
      const response =
        (origin === messageOrigin && readMessage(data)) ||
        (origin === location.origin && readCallbackMessage(data, redirectUri, state))
      if (response) answer(response)
      else seen.messagesIgnored++
    },
    whileOpen,
  )
  frame.addEventListener(
    'load',
    () => {
      // The empty page that every frame begins with may report itself too.
      if (readLocation(frame) !== 'about:blank') {
        seen.loads++
        seen.lastLoadMs = Math.round(performance.now() - begun)
      }
      look()
    },
    whileOpen,
  )
  addEventListener(
    'online',
    () => {
      // A page that could not be loaded is not loaded again by itself, and some browsers say
      // nothing of it.
      seen.lastLoadMs = undefined
      frame.src = url.href
    },
    whileOpen,
  )
  const timer = setInterval(look, POLL_INTERVAL_MS)
  ended.addEventListener('abort', () => clearInterval(timer))
}

function blocksFrame(
  { disposition, effectiveDirective, blockedURI }: SecurityPolicyViolationEvent,
  url: URL,
  redirectUri: string,
): boolean {
  return (
    disposition === 'enforce' &&
    /^(frame|child|default)-src$/.test(effectiveDirective) &&
    // Some browsers report what was asked for, its origin or the whole URL; some the page of ours
    // that it led to.
    ((url.href.startsWith(blockedURI) && blockedURI.startsWith(url.origin)) ||
      isRedirectAddress(blockedURI, redirectUri.split('?')[0]!))
  )
}
