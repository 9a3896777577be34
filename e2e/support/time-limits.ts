/**
 * What is known without the server: the page's policy, cross-origin isolation, a device that is
 * offline.
 */
export const KNOWN_HERE_MS = 250
/**
 * What the browser gives another signal of, such as a page that loads in the frame and says
 * nothing.
 */
export const SIGNALLED_MS = 2500
