import { AuthError } from '../errors.ts'
import { readCallbackUrl } from './callback-url.ts'
import { FRAME_MARK } from './environment.ts'
import { readWebMessage } from './web-message.ts'

export interface SilentAuthorizationOptions {
  readonly state: string
  readonly redirectUri: string
  /** The exact origin that the server posts from. */
  readonly messageOrigin: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const POLL_INTERVAL_MS = 20
/** From the last `load` of a page that does not answer: long enough for one that goes on to the next by script. */
const QUIET_MS = 2000

/**
 * Sends an authorization request through a hidden frame, and resolves with the response that the server posts. A server that
 * ignores `response_mode` and redirects the frame to our redirect URI is answered for as well: the frame's location is the
 * response then. Nothing of the frame, its listeners and its timer is left, however it ends.
 *
 * @throws AuthError `silent_blocked` with the reason `csp`, `cross_origin_isolated`, `no_answer` or `removed`;
 *   `silent_timeout`; `state_mismatch`. An abort rejects with the signal's reason.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.17 RFC 9700, section 4.17}
 */
export async function authorizeSilently(
  url: URL,
  { state, redirectUri, messageOrigin, timeoutMs, signal }: SilentAuthorizationOptions,
): Promise<URLSearchParams> {
  signal.throwIfAborted()
  // Such a page may frame only servers that opt in by a header; the rest fail without a sign in some browsers.
  if (globalThis.crossOriginIsolated) throw blocked('cross_origin_isolated')
  const deadline = Date.now() + timeoutMs
  const frame = createHiddenFrame(url)
  const ended = new AbortController()
  const whileOpen = { signal: ended.signal }
  let loadedAt = Infinity
  let timer

  try {
    return await new Promise<URLSearchParams>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), whileOpen)
      document.addEventListener(
        'securitypolicyviolation',
        (violation) => {
          if (blocksFrame(violation, url)) reject(blocked('csp', violation.effectiveDirective))
        },
        whileOpen,
      )
      addEventListener(
        'message',
        ({ isTrusted, source, origin, data }) => {
          // All three: a script may forge events, another window may show the server, the frame may have been led elsewhere.
          if (!isTrusted || source !== frame.contentWindow || origin !== messageOrigin) return
          const response = readWebMessage(data)
          if (!response) return
          if (response.get('state') !== state) reject(new AuthError('state_mismatch'))
          resolve(response)
        },
        whileOpen,
      )
      const look = (): void => {
        const response = readOwnLocation(frame, redirectUri, state)
        if (response) resolve(response)
        else if (!frame.isConnected) reject(blocked('removed'))
        // Absolute times, because timers stop while a page is frozen or a device sleeps.
        else if (Date.now() >= deadline) reject(new AuthError('silent_timeout'))
        else if (Date.now() >= loadedAt + QUIET_MS) reject(blocked('no_answer'))
      }
      frame.addEventListener(
        'load',
        () => {
          // The empty page that every frame begins with may report itself too.
          if (readLocation(frame) !== 'about:blank') loadedAt = Date.now()
          look()
        },
        whileOpen,
      )
      ;(document.body ?? document.documentElement).append(frame)
      timer = setInterval(look, POLL_INTERVAL_MS)
    })
  } finally {
    ended.abort()
    clearInterval(timer)
    frame.remove()
  }
}

/**
 * A frame that nobody sees or reaches with the keyboard. Never `display: none`: Chromium slows the timers of such a frame down to
 * one a second. The sandbox keeps the server's page from moving this one and from opening windows.
 */
function createHiddenFrame(url: URL): HTMLIFrameElement {
  const frame = document.createElement('iframe')
  frame.setAttribute(FRAME_MARK, '')
  frame.sandbox.value = 'allow-scripts allow-same-origin allow-forms'
  // Property by property: a content security policy may forbid style attributes.
  Object.assign(frame.style, {
    position: 'fixed',
    width: 0,
    height: 0,
    border: 0,
    visibility: 'hidden',
  })
  frame.src = url.href
  return frame
}

/** Where a frame is; undefined while that is another origin or an error page of the browser. */
function readLocation(frame: HTMLIFrameElement): string | undefined {
  try {
    return frame.contentWindow!.location.href
  } catch {
    return undefined
  }
}

/** The response in the location of a frame that came back to our redirect URI. */
function readOwnLocation(
  frame: HTMLIFrameElement,
  redirectUri: string,
  state: string,
): URLSearchParams | undefined {
  const location = readLocation(frame)
  if (location?.split(/[?#]/)[0] !== redirectUri.split('?')[0]) return undefined
  return readCallbackUrl(new URL(location!), (value) => value === state)
}

function blocksFrame(violation: SecurityPolicyViolationEvent, url: URL): boolean {
  return (
    violation.disposition === 'enforce' &&
    /^(frame|child|default)-src$/.test(violation.effectiveDirective) &&
    // Some browsers report the origin, some the whole URL.
    url.href.startsWith(violation.blockedURI) &&
    violation.blockedURI.startsWith(url.origin)
  )
}

function blocked(reason: string, directive?: string): AuthError {
  return new AuthError('silent_blocked', { reason, ...(directive && { cause: { directive } }) })
}
