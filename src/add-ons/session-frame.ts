import { createHiddenFrame } from '../browser/frame-element.ts'
import type { SessionOwner } from '../client/session-owner.ts'
import { isSecureUrl } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { inThisZone } from './lifetime.ts'

const POLL_MS = 3000

/**
 * Keeps the server's page for sessions in a hidden frame, and asks it every three seconds, without
 * a request, while the tab is visible and a user is signed in. Only where the metadata names such a
 * page, and the server its session (`session_state`).
 *
 * The page reads a cookie of the server. Where browsers keep that from a frame it says `changed` of
 * a session that the server has named a moment ago: then it is not asked again. So what counts is a
 * change of what it has called unchanged before.
 *
 * @see {@link https://openid.net/specs/openid-connect-session-1_0.html#RPiframe OpenID Connect Session Management, section 3.1}
 */
export function watchSessionFrame(
  owner: SessionOwner,
  onChanged: () => void,
  signal: AbortSignal,
): void {
  const begin = (): void => {
    const page = owner.server.inHand?.metadata.check_session_iframe
    if (!signal.aborted && isSecureUrl(page)) watch(owner, new URL(page!), onChanged, signal)
  }
  owner.server.whenInHand(inThisZone(begin))
}

function watch(owner: SessionOwner, page: URL, onChanged: () => void, signal: AbortSignal): void {
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const whileRunning = ownFields({ signal: ended.signal })
  let frame: HTMLIFrameElement | undefined
  /** Before that its window is of this origin, and a message to the server's would be refused. */
  let isLoaded = false
  let timer: ReturnType<typeof setInterval> | undefined
  /** What the frame was asked about last, has called unchanged, and changed. */
  let asked: string | undefined
  let unchanged: string | undefined
  let changed: string | undefined

  const loaded = (): void => {
    isLoaded = true
    poll()
  }
  const load = (): HTMLIFrameElement => {
    isLoaded = false
    const made = createHiddenFrame(page, true)
    made.addEventListener('load', loaded, whileRunning)
    document.body.append(made)
    return made
  }
  const poll = (): void => {
    const { sessionState, session } = owner
    const isSignedIn = session.getSnapshot().status === 'authenticated'
    if (!isSignedIn || sessionState === undefined || sessionState === changed) return
    // The app may have replaced the whole body, as Turbo does.
    if (!frame?.isConnected) frame = load()
    asked = sessionState
    if (isLoaded) frame.contentWindow!.postMessage(`${owner.clientId} ${asked}`, page.origin)
  }
  const read = ({ source, origin, data }: MessageEvent<unknown>): void => {
    if (!frame || source !== frame.contentWindow || origin !== page.origin) return
    if (data === 'unchanged') unchanged = asked
    else if (data !== 'changed' || unchanged !== asked) end()
    else {
      changed = asked
      onChanged()
    }
  }
  const follow = (): void => {
    clearInterval(timer)
    if (document.visibilityState === 'visible') timer = setInterval(poll, POLL_MS)
  }
  ended.signal.addEventListener('abort', () => {
    clearInterval(timer)
    frame?.remove()
    signal.removeEventListener('abort', end)
  })
  signal.addEventListener('abort', end)
  addEventListener('message', read, whileRunning)
  document.addEventListener('visibilitychange', follow, whileRunning)
  follow()
}
