import { AuthError } from '../errors.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { TransactionStorage } from '../storage/storage.ts'

/** Keeps an app and a fallback from sending a user round in circles. */
export interface RedirectGuard {
  /**
   * To be asked before a redirect that no person has begun.
   *
   * @param key of the target, where it is a fallback
   * @throws AuthError `redirect_loop`
   */
  check(key?: string): void
  /** A redirect that no person has begun leaves the page. */
  count(): void
  /** A fallback redirect for this key came back. */
  complete(key: string): void
  /** A token for this key was handed out: the next `login_required` is a new one. */
  serve(key: () => string): void
  /** A person logged in, or the page asked silently and was told who is: nothing goes in a circle. */
  reset(isLogin?: boolean): void
}

const MAX_REDIRECTS = 3
const WINDOW_MS = 60_000
const MAX_KEYS = 50

/**
 * Two rules: a key whose fallback came back and that meets `login_required` again, without a token
 * in between, is not sent round once more; and no more than 3 redirects a minute, whatever the
 * reason. Kept where the transactions are, because each redirect is a new page.
 */
export function createRedirectGuard(
  open: () => TransactionStorage,
  storageKey: string,
): RedirectGuard {
  let times: unknown[]
  // What this page has counted: it is leaving then.
  let counted: unknown[] = []
  // The keys without a token since their fallback.
  let completed: unknown[] | undefined

  function load(): unknown[] {
    let stored: unknown
    try {
      stored = JSON.parse(open().getItem(storageKey)!)
    } catch {
      // Blocked: then no login can be begun either, and `storage_unavailable` says so.
    }
    const fields = ownFields(stored)
    times = [fields['times']]
      .flat()
      .filter((time) => Math.abs(Date.now() - (time as number)) < WINDOW_MS)
    return (completed = [fields['completed'] ?? []].flat())
  }

  function save(): void {
    try {
      if (times.length || completed!.length)
        open().setItem(storageKey, JSON.stringify({ times, completed }))
      else open().removeItem(storageKey)
    } catch {
      // As above.
    }
  }

  return {
    check(key) {
      if (load().includes(key) || times.length >= MAX_REDIRECTS)
        throw new AuthError('redirect_loop')
    },
    count() {
      load()
      times.push(Date.now())
      counted = times
      save()
    },
    complete(key) {
      completed = [...load(), key].slice(-MAX_KEYS)
      save()
    },
    serve(key) {
      // Read once in a page, so that the cached path stays without I/O.
      const unserved = completed ?? load()
      if (!unserved.length || !unserved.includes(key())) return
      completed = unserved.filter((one) => one !== key())
      save()
    },
    reset(isLogin = true) {
      load()
      // In a page that is leaving again nobody sees the login: it ends no circle.
      times = counted
      if (isLogin) completed = []
      save()
    },
  }
}
