import type { LoginOptions } from '../client/call-options.ts'

/** Options of `loginWithPopup`. */
export interface PopupOptions extends Omit<LoginOptions, 'returnTo' | 'signal'> {
  /** Of the popup, in pixels. Default: 480. */
  readonly width?: number | undefined
  /** Of the popup, in pixels. Default: 640. */
  readonly height?: number | undefined
  /**
   * Where the popup comes back to: registered at the server, and on this page's own origin; a
   * relative one is resolved against that. At best the page of `sotto/popup-callback`. Default: the
   * client's, where the app hands the response over as soon as it calls `start` or
   * `handleRedirectCallback`.
   */
  readonly redirectUri?: string | undefined
  /** How the server answers. Default: the client's option. */
  readonly responseMode?: 'query' | 'fragment' | undefined
  /**
   * How long the popup may stay open, in milliseconds: whoever logs in may have to register first,
   * or to look for a code in their mail. Default: 600,000 (ten minutes).
   */
  readonly timeoutMs?: number | undefined
  /** Aborted, the popup is closed, and the call rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `getTokenWithPopup`. */
export interface PopupTokenOptions extends Omit<PopupOptions, 'appState' | 'sessionParams'> {
  /** True for a {@link TokenDetails} instead of the token alone. Default: false. */
  readonly detailed?: boolean | undefined
}
