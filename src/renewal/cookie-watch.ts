import { tryOrUndefined } from '../browser/try-or-undefined.ts'

/**
 * Notices where the server's cookies seem not to reach a frame. A browser does not tell, so it is a
 * conclusion from the order of things. A person has logged in, and the silent answer after that
 * says that nobody is logged in: suspected. The whole page asks the same, and the server does know
 * the user: confirmed.
 */
export interface CookieWatch {
  /**
   * A person logged in: the next silent answer is telling, if the server's host is another than the
   * page's.
   */
  loggedIn(issuer: string): void
  /** The server saw a session from a frame. */
  succeeded(): void
  /**
   * The server answered a frame something that does not depend on a session, or the session was
   * ended.
   */
  cleared(): void
  /** The server saw no session from a frame. */
  loginRequired(): { readonly isSuspect: boolean; readonly isNew: boolean }
  /** The whole page asked silently, and the server saw a session or none. */
  pageAnswered(hasSession: boolean): void
  /** Whether the next silent answer is telling, or the last one was. */
  isWatching(): boolean
  /** Whether the cookies are suspected to be blocked, or were seen to be. */
  isSuspected(): boolean
  /** Whether they were seen to be: a frame is in vain then. */
  isConfirmed(): boolean
  /** Whether a frame has succeeded in this page since the last login. */
  hasSucceeded(): boolean
}

/** Keeps one word in `localStorage`; nothing where that is blocked. */
export function createCookieWatch(key: string): CookieWatch {
  const read = (): string | null | undefined => tryOrUndefined(() => localStorage.getItem(key))
  const write = (value: 'expected' | 'suspected' | 'confirmed'): unknown =>
    tryOrUndefined(() => localStorage.setItem(key, value))
  const remove = (): unknown => tryOrUndefined(() => localStorage.removeItem(key))
  const isConfirmed = (): boolean => read() === 'confirmed'
  const isSuspected = (): boolean => read() === 'suspected' || isConfirmed()
  let hasSucceeded = false
  return {
    loggedIn(issuer) {
      hasSucceeded = false
      // Whole host names: which of them are one site cannot be seen from their last labels.
      if (new URL(issuer).hostname !== location.hostname && !isConfirmed()) write('expected')
    },
    succeeded() {
      hasSucceeded = true
      remove()
    },
    cleared: () => void remove(),
    loginRequired() {
      const isNew = read() === 'expected'
      if (isNew) write('suspected')
      return { isNew, isSuspect: isSuspected() }
    },
    pageAnswered(hasSession) {
      if (hasSession && isSuspected()) write('confirmed')
      // Page and frame say the same: the session has ended.
      if (!hasSession && !isConfirmed()) remove()
    },
    isWatching: () => !!read(),
    isSuspected,
    isConfirmed,
    hasSucceeded: () => hasSucceeded,
  }
}
