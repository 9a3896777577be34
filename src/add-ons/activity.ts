import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import type { SessionOwner } from '../client/session-owner.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { storageKey } from '../storage/storage.ts'

/** When a user was last seen in any tab, in milliseconds since the epoch. No secret is in it. */
interface Sign {
  /** Of which session. */
  readonly generation: string
  readonly at: number
  /** When the session began. */
  readonly since: number
}

export interface Activity {
  /** How long no tab has seen the user, and how long ago they logged in, in milliseconds. */
  read(): { readonly idleMs: number; readonly ageMs: number }
  /** The user was seen. */
  write(): void
  /** The session has ended. */
  forget(): void
}

/**
 * Keeps it in `localStorage`, for all tabs and for a page that is opened later; in memory where
 * that is blocked.
 */
export function createActivity(owner: SessionOwner): Activity {
  const key = storageKey('idle', owner.issuer, owner.clientId)
  let memory: Sign | undefined
  /** By the clock that nobody sets, when the sign was given that was read last. */
  let tick = 0

  function store(sign: Sign): Sign {
    tryOrUndefined(() => localStorage.setItem(key, JSON.stringify(sign)))
    return keep(sign)
  }

  function keep(sign: Sign): Sign {
    if (sign.at !== memory?.at) tick = performance.now() - Math.max(Date.now() - sign.at, 0)
    return (memory = sign)
  }

  function load(): Sign {
    const { generation } = owner.session.epoch
    const stored = tryOrUndefined(() => localStorage.getItem(key))
    const sign = tryOrUndefined(() => parse(JSON.parse(stored!))) ?? memory
    if (sign?.generation !== generation) {
      const now = Date.now()
      // Where this page has not forgotten it, the session goes on: only its tokens were revoked.
      const { at, since } = memory ?? { at: now, since: now }
      return store({ generation, at, since })
    }
    // A login is a sign of the user, who gave it at the server; also one in another app.
    const { loggedInAt = sign.since, session } = owner
    const since = Math.max(loggedInAt, Number(session.identity?.claims['auth_time']) * 1000 || 0)
    return since > sign.since
      ? store({ generation, at: Math.max(since, sign.at), since })
      : keep(sign)
  }

  return {
    read() {
      const { at, since } = load()
      // The clock may have been set back, and the other one may have stood still in sleep.
      const idleMs = Math.max(Date.now() - at, performance.now() - tick)
      return { idleMs, ageMs: idleMs + at - since }
    },
    write() {
      store({ ...load(), at: Date.now() })
    },
    forget() {
      memory = undefined
      tryOrUndefined(() => localStorage.removeItem(key))
    },
  }
}

/** Other scripts of the origin can write there too. */
function parse(value: unknown): Sign | undefined {
  const { generation, at, since } = ownFields<Partial<Sign>>(value)
  return typeof generation === 'string' && Number.isFinite(at) && Number.isFinite(since)
    ? { generation, at: at!, since: since! }
    : undefined
}
