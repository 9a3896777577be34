import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { popupChannel } from './hand-over.ts'
import { readCallbackMessage } from './own-response.ts'
import { tryOrUndefined } from './try-or-undefined.ts'

/** The authorization request that a popup is opened for. */
export interface PopupRequest {
  readonly url: URL
  readonly state: string
  readonly redirectUri: string
}

export interface PopupLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const POLL_INTERVAL_MS = 200
/** From the closing of a popup: what it has sent may still be on its way. */
const GRACE_MS = 1000
/**
 * The same for a popup that was never seen at the server: there the handle says closed as soon as
 * the server's page comes, if this page or that one has a Cross-Origin-Opener-Policy.
 */
const SEVERED_MS = 10_000

/**
 * Opens an empty popup in the middle of this window; to be called before anything is waited for,
 * because browsers allow it only in the click itself. It has no name that another page could have
 * taken.
 *
 * @throws AuthError `popup_blocked`
 */
export function openPopup(width: number, height: number): Window {
  const left = Math.round(screenX + (outerWidth - width) / 2)
  const top = Math.round(screenY + (outerHeight - height) / 2)
  const features = `popup,width=${width},height=${height},left=${left},top=${top}`
  const popup = tryOrUndefined(() => window.open('', '_blank', features))
  if (!popup || popup.closed) throw new AuthError('popup_blocked')
  return popup
}

/**
 * Sends an authorization request through a popup that is open already, and resolves with the
 * response: what our callback page, or the app at its redirect URI, hands over from there. The
 * first answer counts. The popup is closed, and none of the listeners is left, however it ends.
 *
 * @param begun the request; the popup is watched while it is prepared
 * @throws AuthError `popup_closed`, `popup_timeout`. An abort rejects with the signal's reason.
 */
export async function authorizeByPopup(
  popup: Window,
  begun: Promise<PopupRequest>,
  { timeoutMs, signal }: PopupLimits,
): Promise<URLSearchParams> {
  const over = new AbortController()
  try {
    return await new Promise((resolve, reject) => {
      const deadline = performance.now() + timeoutMs
      const whileOpen = ownFields({ signal: over.signal })
      const isGone = createClosedWatch(popup)
      let asked: PopupRequest | undefined

      // From whichever window: who knows the state has our request, and a channel does not say who
      // has sent.
      const take = ({ data }: MessageEvent<unknown>): void => {
        if (!asked) return
        const { redirectUri, state } = asked
        const response = readCallbackMessage(data, redirectUri, state)
        if (response?.get('state') === state) resolve(response)
      }
      const look = (): void => {
        // By a clock that nobody sets; not by counting timers, which stop while a page is frozen.
        const now = performance.now()
        if (isGone(now, !!asked)) reject(new AuthError('popup_closed'))
        else if (now >= deadline) reject(new AuthError('popup_timeout'))
      }
      const go = (request: PopupRequest): void => {
        if (over.signal.aborted) return
        asked = request
        // Absent in old browsers, refused where site data is blocked: the opener is left.
        const channel = tryOrUndefined(() => new BroadcastChannel(popupChannel(request.state)))
        if (channel) channel.onmessage = take
        over.signal.addEventListener('abort', () => channel?.close())
        // Back must not lead to the empty page.
        tryOrUndefined(() => popup.location.replace(request.url))
      }

      signal.addEventListener('abort', () => reject(signal.reason as Error), whileOpen)
      // Nobody is left who could take the answer.
      addEventListener('pagehide', () => reject(new AuthError('popup_closed')), whileOpen)
      addEventListener(
        'message',
        // A script may forge events; any page may post to this one.
        (event) => event.isTrusted && event.origin === location.origin && take(event),
        whileOpen,
      )
      const timer = setInterval(look, POLL_INTERVAL_MS)
      over.signal.addEventListener('abort', () => clearInterval(timer))
      begun.then(go, reject)
    })
  } finally {
    over.abort()
    popup.close()
  }
}

/**
 * Tells whether the user has closed a popup. `closed` alone does not: a Cross-Origin-Opener-Policy,
 * of this page or of one that the popup comes to, cuts the handle off, which says closed then
 * although the window is open. But whoever has closed it is back here, and whoever logs in is not:
 * so the time counts in which this page has the focus.
 */
function createClosedWatch(popup: Window): (now: number, isAsked: boolean) => boolean {
  let wasElsewhere = false
  let backSince: number | undefined
  return (now, isAsked) => {
    if (!popup.closed) {
      // The address of another origin cannot be read.
      const address = tryOrUndefined(() => popup.location.href)
      wasElsewhere ||= address !== 'about:blank'
      backSince = undefined
      return false
    }
    // Nothing can have cut it off yet.
    if (!isAsked) return true
    backSince = document.hasFocus() ? (backSince ?? now) : undefined
    return backSince !== undefined && now - backSince >= (wasElsewhere ? GRACE_MS : SEVERED_MS)
  }
}
