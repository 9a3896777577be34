import { FRAME_MARK } from './environment.ts'
import { tryOrUndefined } from './try-or-undefined.ts'

/**
 * A frame that nobody sees or reaches with the keyboard. Never `display: none`: Chromium slows the
 * timers of such a frame down to one a second. The sandbox keeps the server's page from moving this
 * one and from opening windows. Without scripts, an app that the server leads the frame to cannot
 * start there, nor take the response out of the URL before it is read.
 */
export function createHiddenFrame(url: URL, allowScripts: boolean): HTMLIFrameElement {
  const frame = document.createElement('iframe')
  frame.setAttribute(FRAME_MARK, '')
  // As an attribute, because jsdom has no such property.
  frame.setAttribute(
    'sandbox',
    allowScripts ? 'allow-scripts allow-same-origin allow-forms' : 'allow-same-origin',
  )
  // Property by property: a content security policy may forbid style attributes.
  Object.assign(frame.style, {
    position: 'fixed',
    width: 0,
    height: 0,
    border: 0,
    visibility: 'hidden',
  })
  frame.referrerPolicy = 'no-referrer'
  frame.src = url.href
  return frame
}

/** Where a frame is; undefined while that is another origin or an error page of the browser. */
export function readLocation(frame: HTMLIFrameElement): string | undefined {
  return tryOrUndefined(() => frame.contentWindow!.location.href)
}
