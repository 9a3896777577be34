import { tryOrUndefined } from '../browser/try-or-undefined.ts'

/**
 * Notices where the server's cookies seem not to reach a frame. A browser does not tell, so it is a
 * conclusion from the order of things: a person has logged in, and the first silent answer after
 * that says that nobody is logged in.
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
  /** The server saw no session from a frame. Returns whether that is suspect. */
  loginRequired(): boolean
  /**
   * Whether it was suspect a short while ago, and nothing has happened since that could change it.
   */
  isSuspected(): boolean
  /** Whether a frame has succeeded in this page since the last login. */
  hasSucceeded(): boolean
}

/** For this long nothing is tried in the background. */
const SUSPECT_MS = 300_000
const EXPECTED = 'expected'

/**
 * Keeps `expected`, or the time of the suspicion in milliseconds since the epoch, in
 * `localStorage`; nothing where that is blocked.
 */
export function createCookieWatch(key: string): CookieWatch {
  const read = (): string | null | undefined => tryOrUndefined(() => localStorage.getItem(key))
  const write = (value: string): unknown => tryOrUndefined(() => localStorage.setItem(key, value))
  const remove = (): unknown => tryOrUndefined(() => localStorage.removeItem(key))
  let hasSucceeded = false
  return {
    loggedIn(issuer) {
      hasSucceeded = false
      // Whole host names: which of them are one site cannot be seen from their last labels.
      if (new URL(issuer).hostname !== location.hostname) write(EXPECTED)
    },
    succeeded() {
      hasSucceeded = true
      remove()
    },
    cleared: () => void remove(),
    loginRequired() {
      const isFirst = read() === EXPECTED
      if (isFirst) write(String(Date.now()))
      return isFirst
    },
    isSuspected: () => Math.abs(Date.now() - Number(read() ?? NaN)) < SUSPECT_MS,
    hasSucceeded: () => hasSucceeded,
  }
}
