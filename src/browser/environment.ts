import { AuthError } from '../errors.ts'

/** Marks a frame as ours; read from inside the frame by {@link isOwnFrame}. */
export const FRAME_MARK = 'data-sotto'

/**
 * @throws AuthError `not_in_browser` on a server or in a worker, `insecure_context` on plain http
 */
export function assertBrowser(): void {
  if (typeof document === 'undefined') throw new AuthError('not_in_browser')
  // PKCE and the signature check need it, and only secure contexts have it.
  if (!globalThis.crypto?.subtle)
    throw new AuthError(
      'insecure_context',
      { evidence: { origin: globalThis.origin } },
      ' Use https, or http://localhost.',
    )
}

/**
 * Whether this page was loaded into a hidden frame of Sotto's, by a server that ignored
 * `response_mode`.
 */
export function isOwnFrame(): boolean {
  try {
    return frameElement!.hasAttribute(FRAME_MARK)
  } catch {
    // None, or one of another origin: not ours.
    return false
  }
}

/** Whether the device is known to have no network; that it has one is never known. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false
}

/**
 * Resolves once the page is visible; without a document, as in a test, nobody is kept waiting. All
 * wait as one: a tab may stay hidden for days, and calls that were given up leave no listener each.
 */
export function whenVisible(): Promise<void> {
  const isVisible = (): boolean => globalThis.document?.visibilityState !== 'hidden'
  if (!isVisible()) return (seen ??= whenDocument('visibilitychange', isVisible).finally(forget))
  return Promise.resolve()
}

let seen: Promise<void> | undefined
const forget = (): void => (seen = undefined)

/** Resolves once a page that {@link isPrerendering} is visited. */
export function whenActivated(): Promise<void> {
  return whenDocument('prerenderingchange', () => !isPrerendering())
}

/** Whether the page is only rendered ahead of a visit that may never come. */
export function isPrerendering(): boolean {
  return !!(document as { readonly prerendering?: boolean }).prerendering
}

function whenDocument(event: string, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    document.addEventListener(event, function check() {
      if (!holds()) return
      document.removeEventListener(event, check)
      resolve()
    })
  })
}
