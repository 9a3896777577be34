// The whole of the callback page for `silentIframe({ callbackUri, allowScripts: true })` and for
// popups, and a module that does something when it is loaded: it is no part of an app. Hands the
// address to the page that has made this frame or opened this popup, and to nobody else.
import { handOver } from './browser/hand-over.ts'
import { readCallbackUrl } from './protocol/callback-url.ts'
import { isPopupState } from './protocol/popup-state.ts'

const { href } = location
// First of all, so that the response is in no history and in no address, whoever has opened this
// page.
history.replaceState(null, '', href.split(/[?#]/)[0])
// `frameElement` is there only for a page of this very origin, and the mark only on a frame that
// waits for a response. The target origin says the same once more: a message for another origin is
// not delivered (RFC 9700, section 4.17).
if (frameElement?.hasAttribute('data-sotto'))
  parent.postMessage({ type: 'sotto:callback', href }, location.origin)
const state = readCallbackUrl(new URL(href), isPopupState)?.get('state')
// A frame is no popup, whatever it was loaded with.
if (state && parent === window) void handOver(state, href)
