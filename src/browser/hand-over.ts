import { tryOrUndefined } from './try-or-undefined.ts'

/** The channel of one response: its name is as hard to guess as the `state`. */
export function popupChannel(state: string): string {
  return `sotto:${state}`
}

/**
 * Hands the response that came to this popup to the page that has opened it, and closes the popup.
 * Two ways, because each has its gap: a page with a policy of its own (COOP) has no opener, and a
 * page in a frame of another site has other channels. Neither reaches another origin.
 *
 * Resolves where the window is still there: a browser does not close every one.
 */
export async function handOver(state: string, href: string): Promise<void> {
  const message = { type: 'sotto:callback', href }
  tryOrUndefined(() => new BroadcastChannel(popupChannel(state)).postMessage(message))
  ;(opener as Window | null)?.postMessage(message, location.origin)
  close()
  // A window may take a while to close itself.
  await new Promise((resolve) => setTimeout(resolve, 1000))
}
