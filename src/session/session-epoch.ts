import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { ownFields, ownJson } from '../protocol/without-prototype.ts'

/** What every tab of one issuer and client agrees on. No secret is in it. */
export interface SessionEpoch {
  /**
   * Changes on a logout, on a login as another user or with other `sessionParams`, and when tokens
   * are revoked. What was begun before is void.
   */
  readonly generation: string
  /** True from a logout to the next login of a person: nothing is asked of the server silently. */
  readonly loggedOut: boolean
  /**
   * What every silent request of the session repeats: an organization, a tenant, which of several
   * accounts.
   */
  readonly sessionParams: Readonly<Record<string, string>> | undefined
  /**
   * The generation that the user came with, where only tokens were ended since then, once or more
   * often.
   */
  readonly continues?: string | undefined
}

export interface SessionEpochs {
  read(): SessionEpoch
  write(epoch: SessionEpoch): void
  /** Takes over a logout that another tab told of, in case it cannot be read here (yet). */
  believe(epoch: SessionEpoch): void
  /** Another tab told of a login: if it is what is stored, it came after a logout believed here. */
  confirm(epoch: SessionEpoch): void
}

/** An epoch that nothing begun before it agrees with. */
export function createEpoch(
  loggedOut: boolean,
  sessionParams?: SessionEpoch['sessionParams'],
  continues?: string,
): SessionEpoch {
  const hasParams = Object.keys(sessionParams ?? {}).length > 0
  return {
    generation: crypto.randomUUID(),
    loggedOut,
    sessionParams: hasParams ? sessionParams : undefined,
    continues,
  }
}

/**
 * Keeps the epoch in `localStorage`, where it outlives the page and is there without waiting; in
 * memory where that is blocked.
 */
export function createSessionEpochs(key: string): SessionEpochs {
  let memory: SessionEpoch = { generation: '', loggedOut: false, sessionParams: undefined }
  let text: string | null | undefined = null
  // What was stored when another tab's word overtook it.
  let outdated: string | null | undefined
  let isBelieved: boolean | undefined

  return {
    read() {
      let stored: string | null
      try {
        stored = localStorage.getItem(key)
      } catch {
        // Blocked: the memory holds.
        return memory
      }
      // The same as before, which is nearly always so.
      if (stored === text || stored === outdated) return memory
      outdated = undefined
      text = stored
      memory = parseEpoch(stored) ?? memory
      return memory
    },
    believe(epoch) {
      memory = epoch
      outdated = tryOrUndefined(() => localStorage.getItem(key))
      text = null
      isBelieved = true
    },
    confirm({ generation }) {
      const stored = isBelieved && outdated ? parseEpoch(outdated) : undefined
      if (stored?.generation === generation) outdated = undefined
    },
    write(epoch) {
      memory = epoch
      isBelieved = false
      outdated = undefined
      text = JSON.stringify(epoch)
      tryOrUndefined(() => localStorage.setItem(key, text!))
      // Blocked or full: this page and, by broadcast, the other tabs that are open still know.
      outdated = tryOrUndefined(() => localStorage.getItem(key))
    },
  }
}

function parseEpoch(text: string | null): SessionEpoch | undefined {
  return readEpoch(ownJson(text ?? ''))
}

/** Reads an epoch from outside; undefined for anything else. */
export function readEpoch(value: unknown): SessionEpoch | undefined {
  const { generation, loggedOut, sessionParams, continues }: Partial<SessionEpoch> =
    ownFields(value)
  if (typeof generation !== 'string' || typeof loggedOut !== 'boolean') return undefined
  const params = Object.entries(ownFields(sessionParams)).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  )
  return {
    generation,
    loggedOut,
    sessionParams: params.length ? Object.fromEntries(params) : undefined,
    continues: typeof continues === 'string' ? continues : undefined,
  }
}
