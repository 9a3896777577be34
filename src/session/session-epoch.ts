/** What every tab of one issuer and client agrees on. No secret is in it. */
export interface SessionMark {
  /** Changes whenever a session is ended by logout or by a login as another user. What was begun before is void. */
  readonly generation: string
  /** True from a logout to the next login of a person: nothing is asked of the server silently. */
  readonly loggedOut: boolean
}

export interface SessionMarker {
  read(): SessionMark
  write(mark: SessionMark): void
  /** Takes over what another tab said, in case it cannot be read here (yet). */
  remember(mark: SessionMark): void
}

/**
 * Keeps the mark in `localStorage`, where it outlives the page and is there without waiting; in memory where that is blocked.
 */
export function createSessionMarker(key: string): SessionMarker {
  let memory: SessionMark = { generation: '', loggedOut: false }
  // What was stored when another tab's word overtook it.
  let outdated: string | null | undefined

  function readText(): string | null {
    try {
      return localStorage.getItem(key)
    } catch {
      // Blocked: the memory holds.
      return null
    }
  }

  return {
    read() {
      const text = readText()
      if (text === null || text === outdated) return memory
      outdated = undefined
      try {
        const stored: unknown = JSON.parse(text)
        if (isMark(stored)) memory = { generation: stored.generation, loggedOut: stored.loggedOut }
      } catch {
        // Not ours.
      }
      return memory
    },
    remember(mark) {
      memory = mark
      outdated = readText()
    },
    write(mark) {
      memory = mark
      outdated = undefined
      try {
        localStorage.setItem(key, JSON.stringify(mark))
      } catch {
        // Blocked or full: this page and, by broadcast, the other tabs that are open still know.
      }
    },
  }
}

export function isMark(value: unknown): value is SessionMark {
  const { generation, loggedOut } = Object(value) as Partial<SessionMark>
  return typeof generation === 'string' && typeof loggedOut === 'boolean'
}
